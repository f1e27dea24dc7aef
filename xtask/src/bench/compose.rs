//! Times whole processes: `msgcompose plug` against `wac plug`, which puts the same provider under the same guest. The
//! ratios are for reading; nothing fails by them.

use super::usage::{RUNS, installed, measure, megabytes};
use crate::{cache, guests, tools::WAC};
use anyhow::Result;
use std::{fs, path::Path, process::Command};

/// Builds what is to be compared, and compares.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let (wac, msgcompose) = (installed(&WAC.get()?)?, installed(msgcompose)?);
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
            let mut command = Command::new(&msgcompose);
            command.arg("plug").arg(&guest).args(["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"]);
            command.args(arguments).arg("-o").arg(&out);
            command
        };
        let mut reference = Command::new(&wac);
        reference.args(["plug", "--plug"]).arg(&provider).arg(&guest).arg("-o").arg(&out);
        let commands =
            [("wac plug", reference), ("msgcompose", plug(&[])), ("msgcompose, full", plug(&["--validate", "full"]))];
        let inputs = fs::metadata(&guest)?.len() + fs::metadata(&provider)?.len();
        let names = commands.each_ref().map(|(name, _)| *name);
        let usages = measure(commands.map(|(_, command)| command))?;
        let reference = usages[0].milliseconds();
        for (name, usage) in names.into_iter().zip(&usages) {
            let cpu = usage.milliseconds();
            println!(
                "{:<16} {:>9.3} {:<22} {:>9.1} {:>9.1} {:>8.2} {:>12.2}",
                guest.file_stem().unwrap_or_default().display(),
                megabytes(fs::metadata(&guest)?.len()),
                name,
                cpu,
                megabytes(usage.peak),
                cpu / reference,
                megabytes(usage.peak) / megabytes(inputs),
            );
        }
    }
    [out, wac, msgcompose].iter().try_for_each(fs::remove_file)?;
    Ok(())
}
