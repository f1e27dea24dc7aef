//! What whole processes take.

use anyhow::{Result, ensure};
use std::{
    process::{Command, Stdio},
    time::Duration,
};
use wait4::Wait4;

/// Runs of each command; the median counts.
pub const RUNS: usize = 21;

/// What one command takes.
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// Bytes.
    pub peak: u64,
}

/// A number of bytes.
#[allow(clippy::cast_precision_loss, reason = "for reading")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Runs a command [`RUNS`] times; gives the run that took the median of CPU time.
pub fn measure(command: &mut Command) -> Result<Usage> {
    let mut usages = Vec::new();
    for _ in 0..RUNS {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let used = child.wait4()?;
        ensure!(used.status.success(), "`{}` failed", command.get_program().display());
        usages.push(Usage { cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss });
    }
    usages.sort_by_key(|usage| usage.cpu);
    Ok(usages.swap_remove(RUNS / 2))
}
