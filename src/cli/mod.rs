//! One file a command, what they share in [`io`], [`error`] and [`style`].

/// Part of every help text; a macro, because `concat!` takes literals only.
macro_rules! exit_status {
    () => {
        "\
Exit status:
  0  done
  1  refused: the inputs do not go together, or cannot be read or written
  2  usage: the command line, an adapter's name or an option is wrong
  3  internal: a bug of msgcompose"
    };
}
use exit_status;

mod adapter;
mod adapters;
mod batch;
mod build;
mod check;
mod completions;
mod deliver;
pub mod error;
mod explain;
mod graph;
mod inspect;
mod io;
mod link;
mod load;
#[cfg(test)]
mod man;
mod plug;
mod progress;
mod report;
mod style;
mod uplift;
mod verbosity;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Composes WebAssembly messaging components with adapters, so that they run on hosts which lack what they need.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = concat!("\
Examples:
  # which adapters there are, and what one of them takes
  msgcompose adapters
  msgcompose adapters reqreply-over-pubsub

  # what a guest needs, and what it runs on with an adapter around it
  msgcompose inspect guest.wasm
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --set reply-topic=my.replies -o app.wasm

", exit_status!()))]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plug(plug::Plug),
    Build(build::Build),
    Link(link::Link),
    Adapters(adapters::Adapters),
    Adapter(adapter::Adapter),
    Inspect(inspect::Inspect),
    Check(check::Check),
    Graph(graph::Graph),
    Uplift(uplift::Uplift),
    Completions(completions::Completions),
}

impl Cli {
    /// Whether the user wants JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        match &self.command {
            Command::Plug(plug) => plug.json,
            Command::Build(build) => build.json,
            Command::Link(link) => link.json,
            Command::Adapters(adapters) => adapters.json,
            Command::Inspect(inspect) => inspect.json,
            Command::Check(check) => check.json,
            Command::Graph(graph) => graph.json,
            Command::Uplift(uplift) => uplift.json,
            Command::Adapter(_) | Command::Completions(_) => false,
        }
    }

    /// Whether the user wants to know what was looked at for each import.
    #[must_use]
    pub fn explain(&self) -> bool {
        match &self.command {
            Command::Plug(plug) => plug.explains(),
            Command::Link(link) => link.explains(),
            _ => false,
        }
    }

    /// Runs the command.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Plug(plug) => plug.run(),
            Command::Build(build) => build.run(),
            Command::Link(link) => link.run(),
            Command::Adapters(adapters) => adapters.run(),
            Command::Adapter(adapter) => adapter.run(),
            Command::Inspect(inspect) => inspect.run(),
            Command::Check(check) => check.run(),
            Command::Graph(graph) => graph.run(),
            Command::Uplift(uplift) => uplift.run(),
            Command::Completions(completions) => completions.run(),
        }
    }
}

/// Parses the command line and runs it.
#[must_use]
pub fn main() -> ExitCode {
    error::run(Cli::parse())
}
