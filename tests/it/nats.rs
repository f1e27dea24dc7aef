//! Tests `messaging-over-nats` on hosts that others made, against real NATS servers and native clients.

mod access;
mod busy;
mod fake;
mod faults;
mod fuzz;
mod hostile;
mod idle;
mod keys;
mod matrix;
mod native;
mod options;
mod program;
mod proxy;
mod server;
mod several;
mod stopping;
mod worker;

use crate::support::fixture;
use msgcompose::{Adapter, Composition, adapters};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Longer than any step takes unless it hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// The topics on which the courier does something.
const TOPICS: &str = "echo,many,forward,ask,outcome,fail,fail-late,trap,state,nothing";

/// Waits until a condition holds, and fails after a while.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn adapter() -> Adapter {
    adapters::get("messaging-over-nats").unwrap()
}

/// Composes a guest with the adapter, secrets included. The result imports nothing of messaging.
fn compose(guest: Vec<u8>, options: &[(&str, &str)]) -> Vec<u8> {
    let composition = Composition::new("guest.wasm", guest).adapter(adapter());
    let composition = composition.with(|all| all.bake_secrets = true);
    let composition = options.iter().fold(composition, |all, (option, value)| all.set(*option, *value));
    let composed = composition.compose().unwrap_or_else(|error| panic!("{error:?}"));
    let report = &composed.report;
    let messaging = report.imports.iter().chain(&report.exports).find(|name| name.starts_with("wasi:messaging"));
    assert_eq!(messaging, None, "the host sees messaging");
    composed.component.to_bytes()
}

/// Composes the courier in Rust, which takes messages on all its topics.
fn courier(servers: &str, options: &[(&str, &str)]) -> Vec<u8> {
    // Later ones win, so that a test can subscribe to something else.
    let has = |name: &str| options.iter().any(|(option, _)| *option == name);
    let defaults = [("servers", servers), ("subscribe", TOPICS)];
    let defaults = defaults.into_iter().filter(|(name, _)| !has(name));
    compose(fixture("courier"), &defaults.chain(options.iter().copied()).collect::<Vec<_>>())
}
