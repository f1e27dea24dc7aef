//! `cargo xtask`: everything that developing this project needs beyond `cargo build`.

mod bench;
mod cache;
mod guests;
mod lock;
mod prebuilt;
mod recipe;
mod test;
#[cfg(test)]
mod tidy;
mod toolchain;
mod tools;
mod verify;
mod walls;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Builds the prebuilt parts, and runs the tests and benches with what they need.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the adapters' parts (or, with `--check`, build them aside and compare)
    Adapters {
        /// Change nothing; fail if what is committed is not what the sources give
        #[arg(long)]
        check: bool,
    },
    /// Build the fixture guests (or, with `--check`, build them aside and compare), and the large ones into the cache
    Fixtures {
        /// Change nothing; fail if what is committed is not what the sources give
        #[arg(long)]
        check: bool,
    },
    /// Measure composing, or what was composed, against a reference
    Bench {
        /// What to measure; without it, all
        subject: Option<bench::Subject>,
    },
    /// Fetch and build what the tests need and the project does not hold, and print where it is
    Tools,
    /// Print which source file uses which, and where files use one another in a circle
    Walls {
        /// Source folders of packages, each beside its `Cargo.toml`
        #[arg(default_value = "src")]
        folders: Vec<PathBuf>,
    },
    /// Run all tests, with what they need; arguments are passed to `cargo test`
    Test {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Adapters { check } => prebuilt::run(&recipe::adapters(&root())?, check),
        Task::Fixtures { check } => {
            prebuilt::run(&recipe::fixtures(&root())?, check)?;
            guests::get(&root()).map(drop)
        }
        Task::Bench { subject } => bench::run(&root(), subject),
        Task::Tools => test::tools(&root()),
        Task::Walls { folders } => walls::run(&folders),
        Task::Test { arguments } => test::run(&root(), &arguments),
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace").to_owned()
}
