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

mod adapters;
mod check;
mod completions;
mod compose;
pub mod error;
mod explain;
mod inspect;
mod io;
mod link;
mod plug;
mod report;
mod style;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Composes WebAssembly messaging components with adapters, so that they run on hosts which lack what they need.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = exit_status!())]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plug(plug::Plug),
    Link(link::Link),
    Adapters(adapters::Adapters),
    Inspect(inspect::Inspect),
    Check(check::Check),
    Completions(completions::Completions),
}

impl Cli {
    /// Whether the user wants JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        match &self.command {
            Command::Plug(plug) => plug.json,
            Command::Link(link) => link.json,
            Command::Adapters(adapters) => adapters.json,
            Command::Inspect(inspect) => inspect.json,
            Command::Check(check) => check.json,
            Command::Completions(_) => false,
        }
    }

    /// Whether the user wants to know what was looked at for each import.
    #[must_use]
    pub fn explain(&self) -> bool {
        match &self.command {
            Command::Plug(plug) => plug.explain,
            Command::Link(link) => link.explain,
            _ => false,
        }
    }

    /// Runs the command.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Plug(plug) => plug.run(),
            Command::Link(link) => link.run(),
            Command::Adapters(adapters) => adapters.run(),
            Command::Inspect(inspect) => inspect.run(),
            Command::Check(check) => check.run(),
            Command::Completions(completions) => completions.run(),
        }
    }
}
