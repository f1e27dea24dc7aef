//! The command line: one file for each command. They share `io`, `error` and `style`. `failure` and `hint`
//! show a failure.

/// The end of every help text. It is a macro because `concat!` takes literals only.
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
mod arguments;
mod batch;
mod build;
mod check;
mod completions;
mod deliver;
mod error;
mod explain;
mod failure;
mod file;
mod graph;
mod hint;
mod hosts;
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

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue},
};
use error::Result;
use failure::{Failure, Telling};
use hint::Wording;
use std::process::ExitCode;

/// Composes WebAssembly messaging components with adapters, so that they run on hosts that lack what they need.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = concat!("\
Examples:
  # list the adapters, and describe one
  msgcompose adapters
  msgcompose adapters reqreply-over-pubsub

  # show what a guest imports, then put an adapter around it
  msgcompose inspect guest.wasm
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --set reply-topic=my.replies -o app.wasm

", exit_status!()))]
pub struct Cli {
    #[command(subcommand)]
    invocation: Invocation,
}

// The command that the user gave, with its arguments. A doc comment would become the help of the program.
#[derive(Debug, Subcommand)]
enum Invocation {
    Plug(plug::Plug),
    Build(build::Build),
    Link(link::Link),
    Adapters(adapters::Adapters),
    Adapter(adapter::Adapter),
    Inspect(inspect::Inspect),
    Check(check::Check),
    Hosts(hosts::Hosts),
    Graph(graph::Graph),
    Uplift(uplift::Uplift),
    Completions(completions::Completions),
}

impl Cli {
    /// Returns whether the user wants JSON.
    fn json(&self) -> bool {
        match &self.invocation {
            Invocation::Plug(plug) => plug.delivery.json,
            Invocation::Build(build) => build.json,
            Invocation::Link(link) => link.delivery.json,
            Invocation::Adapters(adapters) => adapters.json,
            Invocation::Inspect(inspect) => inspect.json,
            Invocation::Check(check) => check.json,
            Invocation::Hosts(hosts) => hosts.json,
            Invocation::Graph(graph) => graph.json,
            Invocation::Uplift(uplift) => uplift.json,
            Invocation::Adapter(_) | Invocation::Completions(_) => false,
        }
    }

    /// Returns how a failure of the command is shown.
    fn telling(&self) -> Telling {
        let explain = match &self.invocation {
            Invocation::Plug(plug) => plug.delivery.explains(),
            Invocation::Link(link) => link.delivery.explains(),
            _ => false,
        };
        let wording = if matches!(self.invocation, Invocation::Build(_)) { Wording::Keys } else { Wording::Flags };
        Telling { explain, wording }
    }

    /// Runs the command.
    fn run(self) -> Result<()> {
        match self.invocation {
            Invocation::Plug(plug) => plug.run(),
            Invocation::Build(build) => build.run(),
            Invocation::Link(link) => link.run(),
            Invocation::Adapters(adapters) => adapters.run(),
            Invocation::Adapter(adapter) => adapter.run(),
            Invocation::Inspect(inspect) => inspect.run(),
            Invocation::Check(check) => check.run(),
            Invocation::Hosts(hosts) => hosts.run(),
            Invocation::Graph(graph) => graph.run(),
            Invocation::Uplift(uplift) => uplift.run(),
            Invocation::Completions(completions) => completions.run(),
        }
    }
}

/// Returns an error of the command line without the value of a setting that cannot be read: it may be a secret.
fn without_value(mut error: clap::Error) -> clap::Error {
    let is_setting = |argument: &ContextValue| {
        let flags = ["--set ", "--secret ", "--var "];
        matches!(argument, ContextValue::String(text) if flags.iter().any(|flag| text.contains(flag)))
    };
    if error.get(ContextKind::InvalidArg).is_some_and(is_setting) && error.get(ContextKind::InvalidValue).is_some() {
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
    error
}

/// Parses the command line and runs it. Its failure becomes a message and an exit code; a panic is a failure too.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| without_value(error).exit());
    error::catch_panics();
    let (json, telling) = (cli.json(), cli.telling());
    let Err(error) = error::caught(|| cli.run()) else { return ExitCode::SUCCESS };
    let failure = Failure::of(&error, telling);
    let text = match io::json("error", &failure) {
        Ok(text) if json => text,
        _ => failure.to_string(),
    };
    style::eprint(&text);
    ExitCode::from(failure.code())
}
