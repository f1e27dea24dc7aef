//! Times whole processes. `msgcompose plug` is compared with one `wac plug`, which adds the same provider to the same
//! guest. It is also compared with two runs of `wac plug`, where the second adds the same interceptor, as
//! `msgcompose plug` does. The ratios inform the reader; none makes the bench fail.

use super::usage::{RUNS, installed, measure, megabytes};
use crate::{cache, guests, tools::WAC};
use anyhow::Result;
use std::{fs, path::Path, process::Command};

/// Builds what is compared, and compares it.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let (wac, msgcompose) = (installed(&WAC.get()?)?, installed(msgcompose)?);
    let built = guests::get(root)?;
    let (js, python) = (built.join(guests::QUOTE_DESK), built.join(guests::COURIER_PYTHON));
    let adapter = root.join("adapters/reqreply-over-pubsub");
    let (provider, interceptor) =
        (adapter.join("provider-0.2.0-draft.wasm"), adapter.join("interceptor-0.2.0-draft.wasm"));
    let cache = cache::folder()?;
    let [out, half, whole] = ["bench.wasm", "bench-half.wasm", "bench-whole.wasm"].map(|name| cache.join(name));
    println!(
        "median of {RUNS} runs; CPU time is user and system; peak is resident memory, inputs are guest and provider; \
         two of wac put the guest between provider and interceptor, as msgcompose does in one"
    );
    println!(
        "{:<16} {:>9} {:<22} {:>9} {:>9} {:>8} {:>8} {:>12}",
        "guest", "MB", "command", "CPU ms", "peak MB", "of one", "of two", "of inputs"
    );
    for guest in [root.join("fixtures/prebuilt/probe.wasm"), js, python] {
        let plug = |arguments: &[&str]| {
            let mut command = Command::new(&msgcompose);
            command.arg("plug").arg(&guest).args(["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"]);
            command.args(arguments).arg("-o").arg(&out);
            command
        };
        let wac_plug = |plug: &Path, socket: &Path, out: &Path| {
            let mut command = Command::new(&wac);
            command.args(["plug", "--plug"]).arg(plug).arg(socket).arg("-o").arg(out);
            command
        };
        let [one, two, structural, full] = measure([
            wac_plug(&provider, &guest, &half),
            wac_plug(&half, &interceptor, &whole),
            plug(&[]),
            plug(&["--validate", "full"]),
        ])?;
        let inputs = megabytes(fs::metadata(&guest)?.len() + fs::metadata(&provider)?.len());
        let both = one.then(&two);
        let rows = [
            ("wac plug", &one),
            ("wac plug, two runs", &both),
            ("msgcompose", &structural),
            ("msgcompose, full", &full),
        ];
        for (name, usage) in rows {
            let cpu = usage.milliseconds();
            println!(
                "{:<16} {:>9.3} {:<22} {:>9.1} {:>9.1} {:>8.2} {:>8.2} {:>12.2}",
                guest.file_stem().unwrap_or_default().display(),
                megabytes(fs::metadata(&guest)?.len()),
                name,
                cpu,
                megabytes(usage.peak),
                cpu / one.milliseconds(),
                cpu / both.milliseconds(),
                megabytes(usage.peak) / inputs,
            );
        }
    }
    [out, half, whole, wac, msgcompose].iter().try_for_each(fs::remove_file)?;
    Ok(())
}
