//! Runs the simulator of request/reply.

use crate::{tools, workspace};
use anyhow::{Result, ensure};
use std::{env, path::Path, process::Command};

/// Builds the simulator and runs it; `arguments` are passed on.
pub fn run(root: &Path, arguments: &[String]) -> Result<()> {
    // Cargo builds a package's program only for that package's own tests.
    tools::run(workspace::cargo(root, "test").args(["--quiet", "--no-run", "--test", "simulate"]))?;
    let program = workspace::folder()?.join("msgcompose-simulator").with_extension(env::consts::EXE_EXTENSION);
    let status = Command::new(program).args(arguments).current_dir(root).status()?;
    ensure!(status.success(), "a world broke a rule");
    Ok(())
}
