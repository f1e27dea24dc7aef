//! The command line of the development host.

mod cli;

use clap::Parser;
use msgcompose::{BinaryError, Remedied};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            for (number, cause) in error.chain().skip(1).enumerate() {
                eprintln!("  {number}: {cause}");
            }
            if let Some(remedy) = error.downcast_ref::<BinaryError>().and_then(Remedied::remedy) {
                eprintln!("\nhint: {remedy}");
            }
            ExitCode::FAILURE
        }
    }
}
