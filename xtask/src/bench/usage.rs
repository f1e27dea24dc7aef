//! What whole processes take.

use crate::cache;
use anyhow::{Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use wait4::Wait4;

/// Runs of each command; the median counts.
pub const RUNS: usize = 51;

/// What one command takes.
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// Bytes.
    pub peak: u64,
}

impl Usage {
    /// Its CPU time.
    pub fn milliseconds(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3
    }

    /// What this command and then another one take.
    pub fn then(&self, next: &Self) -> Self {
        Self { cpu: self.cpu + next.cpu, peak: self.peak.max(next.peak) }
    }
}

/// A program as it is when it is installed: the page cache holds what was copied otherwise than what a linker wrote.
pub fn installed(program: &Path) -> Result<PathBuf> {
    let copy = cache::folder()?.join(format!("bench-{}", program.file_name().unwrap_or_default().display()));
    fs::copy(program, &copy)?;
    Ok(copy)
}

/// A number of bytes.
#[allow(clippy::cast_precision_loss, reason = "for reading")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Runs each command [`RUNS`] times, one after the other in every round, so that what else the machine does hits all
/// alike; gives of each the run that took the median of CPU time.
pub fn measure<const N: usize>(mut commands: [Command; N]) -> Result<[Usage; N]> {
    let mut usages = [const { Vec::new() }; N];
    for _ in 0..RUNS {
        for (command, usages) in commands.iter_mut().zip(&mut usages) {
            // With it, errors that are met on the way walk the stack.
            command.env_remove("RUST_BACKTRACE").stdout(Stdio::null()).stderr(Stdio::null());
            let used = command.spawn()?.wait4()?;
            ensure!(used.status.success(), "`{}` failed", command.get_program().display());
            usages.push(Usage { cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss });
        }
    }
    Ok(usages.map(|mut usages| {
        usages.sort_by_key(|usage| usage.cpu);
        usages.swap_remove(RUNS / 2)
    }))
}
