//! The command line: parses and runs.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::error::run(cli::Cli::parse())
}
