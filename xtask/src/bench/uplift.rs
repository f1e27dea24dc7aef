//! Times whole processes: `msgcompose uplift` against `dd`, which reads and writes the guest in one block.

use super::usage::{RUNS, installed, measure, megabytes};
use crate::{cache, guests};
use anyhow::Result;
use std::{fs, path::Path, process::Command};

/// Lifts the large guests, and copies them.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let built = guests::get(root)?;
    let msgcompose = installed(msgcompose)?;
    let out = cache::folder()?.join("bench.wasm");
    println!("median of {RUNS} runs; CPU time is user and system; peak is resident memory");
    println!("{:<16} {:>9} {:<18} {:>9} {:>9} {:>8}", "guest", "MB", "command", "CPU ms", "peak MB", "of copy");
    for guest in [guests::QUOTE_DESK, guests::COURIER_PYTHON].map(|name| built.join(name)) {
        let size = fs::metadata(&guest)?.len();
        let named = |key: &str, path: &Path| format!("{key}={}", path.display());
        let mut copy = Command::new("dd");
        copy.args([named("if", &guest), named("of", &out), format!("bs={size}")]);
        let mut lift = Command::new(&msgcompose);
        lift.arg("uplift").arg(&guest).args(["--dialect", "async", "-o"]).arg(&out);
        let usages = measure([copy, lift])?;
        for (name, usage) in ["dd", "msgcompose uplift"].into_iter().zip(&usages) {
            let cpu = usage.milliseconds();
            println!(
                "{:<16} {:>9.3} {:<18} {:>9.1} {:>9.1} {:>8.2}",
                guest.file_stem().unwrap_or_default().display(),
                megabytes(size),
                name,
                cpu,
                megabytes(usage.peak),
                cpu / usages[0].milliseconds(),
            );
        }
    }
    [out, msgcompose].iter().try_for_each(fs::remove_file)?;
    Ok(())
}
