//! Measures a request and its reply, 64 bytes each, between guests in Rust in three ways: linked; as a direct call of
//! the same shape to a component that serves messaging itself; and over a local NATS server. It runs whole programs
//! with many requests and subtracts the time of a run with one.

use super::nats::{Answering, BYTES, Nats, RUNS, make, time};
use crate::workspace;
use anyhow::Result;
use std::{path::Path, process::Command};

/// Builds what is compared, and compares it.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let prebuilt = |name: &str| root.join("fixtures/prebuilt").join(name).with_extension("wasm");
    let echo = prebuilt("echo").display().to_string();
    let direct = prebuilt("direct").display().to_string();
    let linked = make(msgcompose, "link", &prebuilt("pacer"), &["--handler", &format!("echo={echo}")])?;
    let direct = make(msgcompose, "plug", &prebuilt("pacer"), &["--adapter", &direct])?;
    let flagship = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
    let asking = make(msgcompose, "plug", &prebuilt("pacer"), &flagship)?;
    let answering = make(msgcompose, "plug", &prebuilt("echo"), &flagship)?;
    let host = workspace::release(root, "msgcompose-host", "msgcompose-host")?;

    let wasmtime = workspace::release(root, "wasmtime-command", "wasmtime")?;
    let on_wasmtime = |component: &Path| {
        let component = component.to_owned();
        let wasmtime = wasmtime.clone();
        move |times: u32| {
            let mut command = Command::new(&wasmtime);
            command.arg("run").arg(&component).args(["echo", &times.to_string(), BYTES]);
            command
        }
    };
    let reference = each(&on_wasmtime(&direct), 1_000_000)?;
    let linked = each(&on_wasmtime(&linked), 1_000_000)?;
    let nats = Nats::start(&[])?;
    let mut answers = Command::new(&host);
    answers.arg(format!("{}=echo", answering.display())).args(["--broker", &nats.url, "--quiet"]);
    let _answering = Answering::start(&mut answers)?;
    let over_nats = each(
        &|times| {
            let mut command = Command::new(&host);
            command.arg(format!("{}=replies", asking.display())).args(["--broker", &nats.url, "--idle-ms", "1"]);
            command.args(["--arg", "echo", "--arg", &times.to_string(), "--arg", BYTES, "--quiet"]);
            command
        },
        1_000,
    )?;
    println!("\nmedian of {RUNS} runs; a request and its reply of {BYTES} bytes, guests in Rust");
    println!("{:<34} {:>10} {:>10}", "between", "\u{b5}s", "of direct");
    for (name, each) in [("a component and one it calls", reference), ("linked", linked), ("over NATS", over_nats)] {
        println!("{name:<34} {:>10.2} {:>10.2}", each * 1e6, each / reference);
    }
    println!("over NATS it takes {:.0} times as long as linked", over_nats / linked);
    Ok(())
}

/// Returns the seconds of one request.
fn each(program: &dyn Fn(u32) -> Command, times: u32) -> Result<f64> {
    let mut took = Vec::new();
    for _ in 0..RUNS {
        let [once, many] = [time(&mut program(1))?, time(&mut program(times + 1))?];
        took.push(many.saturating_sub(once).as_secs_f64() / f64::from(times));
    }
    took.sort_by(f64::total_cmp);
    Ok(took[RUNS / 2])
}
