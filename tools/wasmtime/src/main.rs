//! The commands of wasmtime that tests and benches run. All that they do is in the library of `wasmtime-cli`; its own
//! `main` cannot be a dependency, so this one stands in for it.

use clap::Parser;
use wasmtime_cli::commands::{RunCommand, ServeCommand};

/// Wasmtime WebAssembly Runtime
#[derive(Parser)]
#[command(name = "wasmtime", version)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
enum Wasmtime {
    /// Runs a WebAssembly module
    Run(RunCommand),
    /// Serves requests from a wasi-http proxy component
    Serve(ServeCommand),
}

fn main() -> wasmtime::Result<()> {
    match Wasmtime::parse() {
        Wasmtime::Run(command) => command.execute(),
        Wasmtime::Serve(command) => command.execute(),
    }
}
