//! Times whole processes: `msgcompose plug` against `wac plug`, which puts the same provider under the same guest. The
//! ratios are for reading; nothing fails by them.

use super::usage::{RUNS, measure, megabytes};
use crate::{cache, guests, tools::WAC};
use anyhow::Result;
use std::{path::Path, process::Command};

/// Builds what is to be compared, and compares.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let wac = WAC.get()?;
    let built = guests::get(root)?;
    let (js, python) = (built.join(guests::QUOTE_DESK), built.join(guests::COURIER_PYTHON));
    let adapter = root.join("adapters/reqreply-over-pubsub");
    let provider = adapter.join("provider-0.2.0-draft.wasm");
    let out = cache::folder()?.join("bench.wasm");
    println!(
        "median of {RUNS} runs; CPU time is user and system; peak is resident memory, inputs are guest and provider"
    );
    println!(
        "{:<16} {:>9} {:<22} {:>9} {:>9} {:>8} {:>12}",
        "guest", "MB", "command", "CPU ms", "peak MB", "of wac", "of inputs"
    );
    for guest in [root.join("fixtures/prebuilt/probe.wasm"), js, python] {
        let plug = |arguments: &[&str]| {
            let mut command = Command::new(msgcompose);
            command.arg("plug").arg(&guest).args(["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"]);
            command.args(arguments).arg("-o").arg(&out);
            command
        };
        let mut reference = Command::new(&wac);
        reference.args(["plug", "--plug"]).arg(&provider).arg(&guest).arg("-o").arg(&out);
        let commands =
            [("wac plug", reference), ("msgcompose", plug(&[])), ("msgcompose, full", plug(&["--validate", "full"]))];
        let inputs = std::fs::metadata(&guest)?.len() + std::fs::metadata(&provider)?.len();
        let mut of_wac = None;
        for (name, mut command) in commands {
            let usage = measure(&mut command)?;
            let cpu = usage.cpu.as_secs_f64() * 1e3;
            let reference = *of_wac.get_or_insert(cpu);
            println!(
                "{:<16} {:>9.3} {:<22} {:>9.1} {:>9.1} {:>8.2} {:>12.2}",
                guest.file_stem().unwrap_or_default().display(),
                megabytes(std::fs::metadata(&guest)?.len()),
                name,
                cpu,
                megabytes(usage.peak),
                cpu / reference,
                megabytes(usage.peak) / megabytes(inputs),
            );
        }
    }
    std::fs::remove_file(out)?;
    Ok(())
}
