//! Measures a request and its reply over a local NATS server. The responder is always the same. The requester is a
//! native client or a guest. The guest's mailbox is in the memory of a shared instance, or in a JetStream bucket.

use super::nats::{Answering, BYTES, Nats, make};
use crate::workspace;
use anyhow::{Context, Result, ensure};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The number of requests in a run.
const TIMES: &str = "2000";

/// Builds what is compared, and compares it.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let guest = root.join("fixtures/prebuilt/rounds.wasm");
    let flagship = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
    let keyvalue = make(msgcompose, "plug", &guest, &flagship)?;
    let memory = [&flagship[..], &["--set", "mailbox=memory"]].concat();
    let mixed = make(msgcompose, "plug", &guest, &memory)?;
    let in_async = make(msgcompose, "plug", &guest, &[&memory[..], &["--dialect", "async"]].concat())?;
    let host = workspace::release(root, "msgcompose-host", "msgcompose-host")?;
    let rounds = build_rounds(root)?;
    let nats = Nats::start(&["-js"])?;
    let seconds = |who: &str| -> Result<f64> {
        let output = Command::new(&rounds).args([&nats.url, who, TIMES, BYTES]).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout)?.trim().parse().context("no number of seconds")
    };
    let by_guest = |component: &Path, inbox: &str, arguments: &[&str]| {
        let mut command = Command::new(&host);
        command.arg(format!("{}=rounds,{inbox}", component.display()));
        command.args(["--broker", &nats.url, "--quiet"]).args(arguments);
        let _asking = Answering::start(&mut command)?;
        seconds("guest")
    };
    let native = seconds("client")?;
    let shared = ["--instance", "shared", "--inbox", "replies.*"];
    let mixed = by_guest(&mixed, "replies.*", &shared)?;
    let in_async = by_guest(&in_async, "replies.*", &shared)?;
    let keyvalue = by_guest(&keyvalue, "replies", &["--keyvalue", "nats"])?;

    println!("\nmedian of 5 runs of {TIMES}; a request and its reply of {BYTES} bytes over NATS");
    println!("{:<44} {:>10} {:>10}", "by", "\u{b5}s", "of native");
    for (name, each) in [
        ("a native client", native),
        ("a guest, mailbox in memory, dialect mixed", mixed),
        ("a guest, mailbox in memory, dialect async", in_async),
        ("a guest, mailbox in JetStream", keyvalue),
    ] {
        println!("{name:<44} {:>10.1} {:>10.2}", each * 1e6, each / native);
    }
    println!("in JetStream it takes {:.1} times as long as in memory", keyvalue / mixed);
    Ok(())
}

fn build_rounds(root: &Path) -> Result<PathBuf> {
    let build = ["build", "--release", "--locked", "--package", "msgcompose-host", "--example", "rounds"];
    let status = workspace::clean_cargo().args(build).current_dir(root).status()?;
    ensure!(status.success(), "`rounds` does not build");
    Ok(root.join("target/release/examples/rounds"))
}
