//! `cargo xtask`: all development tasks beyond `cargo build`.

mod bench;
mod cache;
mod docs;
mod guests;
mod lint;
mod lock;
mod prebuilt;
mod recipe;
mod shape;
mod simulate;
mod test;
#[cfg(test)]
mod tidy;
mod toolchain;
mod tools;
mod verify;
mod walls;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Builds the prebuilt parts, and runs tests and benches with the programs that they need
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the adapters' parts (or, with `--check`, build them elsewhere and compare)
    Adapters {
        /// Write nothing; fail if the committed files do not match the sources
        #[arg(long)]
        check: bool,
    },
    /// Build the fixture guests (or, with `--check`, build them elsewhere and compare), and the large ones into the
    /// cache
    Fixtures {
        /// Write nothing; fail if the committed files do not match the sources
        #[arg(long)]
        check: bool,
    },
    /// Measure composing and composed components against references
    Bench(bench::Options),
    /// Build the documentation pages; a warning is an error
    Doc,
    /// Write the public API of the library as text (or, with `--check`, compare it)
    Api {
        /// Write nothing; fail if the committed text does not match the sources
        #[arg(long)]
        check: bool,
    },
    /// Check spelling, workflows, dependencies and the package
    Lint {
        /// What to check; everything by default
        subject: Option<lint::Subject>,
    },
    /// Fetch and build the programs that the tests need, and print their paths
    Tools,
    /// Print which source files use which, and list circles
    Walls {
        /// Source folders of packages, each beside its `Cargo.toml`
        #[arg(default_value = "src")]
        folders: Vec<PathBuf>,
    },
    /// Run request/reply in simulated worlds; arguments are passed to the simulator
    Simulate {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run all tests with the programs that they need; arguments are passed to `cargo test`
    Test {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Runs the task that the command line names.
pub fn run() -> Result<()> {
    if let Some(done) = docs::as_rustdoc() {
        return done;
    }
    match Cli::parse().task {
        Task::Adapters { check } => prebuilt::run(&recipe::adapters(&root())?, check),
        Task::Fixtures { check } => {
            prebuilt::run(&recipe::fixtures(&root())?, check)?;
            guests::get(&root()).map(drop)
        }
        Task::Bench(options) => bench::run(&root(), &options),
        Task::Doc => docs::pages(&root()),
        Task::Api { check } => docs::api(&root(), check),
        Task::Lint { subject } => lint::run(&root(), subject),
        Task::Tools => test::tools(&root()),
        Task::Walls { folders } => walls::run(&folders),
        Task::Simulate { arguments } => simulate::run(&root(), &arguments),
        Task::Test { arguments } => test::run(&root(), &arguments),
    }
}

/// Returns the workspace's folder.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace").to_owned()
}
