//! Measures the CPU time and memory of whole processes.

use crate::cache;
use anyhow::{Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use wait4::Wait4;

/// The number of runs of each command; the median counts.
pub const RUNS: usize = 51;

/// The resources that a command used.
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// The peak memory in bytes.
    pub peak: u64,
}

impl Usage {
    /// Returns the CPU time in milliseconds.
    pub fn milliseconds(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3
    }

    /// Returns the resources of this command followed by another one.
    pub fn then(&self, next: &Self) -> Self {
        Self { cpu: self.cpu + next.cpu, peak: self.peak.max(next.peak) }
    }
}

/// Copies a program as installing does. The page cache treats a copy differently from a file that a linker wrote.
pub fn installed(program: &Path) -> Result<PathBuf> {
    let copy = cache::folder()?.join(format!("bench-{}", program.file_name().unwrap_or_default().display()));
    fs::copy(program, &copy)?;
    Ok(copy)
}

/// Returns a number of bytes in megabytes.
#[allow(clippy::cast_precision_loss, reason = "for reading")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Runs each command [`RUNS`] times, in alternation, so that other load on the machine affects all alike. Returns for
/// each command the run with the median CPU time.
pub fn measure<const N: usize>(mut commands: [Command; N]) -> Result<[Usage; N]> {
    let mut usages = [const { Vec::new() }; N];
    for _ in 0..RUNS {
        for (command, usages) in commands.iter_mut().zip(&mut usages) {
            // With this variable set, errors that are handled on the way would still walk the stack.
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
