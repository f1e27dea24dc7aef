//! Tests `messaging-over-http` on hosts that others made, with guests in four languages. Each claim of its document is
//! checked by real requests over real sockets.

mod check;
pub mod client;
mod cost;
mod debug;
mod faults;
pub mod hosts;
mod inbound;
mod instance;
mod matrix;
mod options;
mod own;
mod pair;
mod preview1;
mod reuse;
mod run_time;
pub mod server;
mod stack;
mod versions;

use crate::support::fixture;
use hosts::tool;
use msgcompose::{Composition, adapters};
use std::{
    fs, thread,
    time::{Duration, Instant},
};

/// Longer than any step takes unless it hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// Waits until a condition holds, and fails after a while.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The guest `courier`. The topic of a message tells it what to do, in each language the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Courier {
    Rust,
    C,
    /// It imports no WASI.
    JavaScript,
    /// Its engine imports `wasi:http` itself.
    JavaScriptWithHttp,
    Python,
}

impl Courier {
    fn component(self) -> Vec<u8> {
        let built = |name: &str| {
            let path = tool("MSGCOMPOSE_GUESTS").join(name);
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        match self {
            Self::Rust => fixture("courier"),
            Self::C => fixture("courier-c"),
            Self::JavaScript => built("courier-js.wasm"),
            Self::JavaScriptWithHttp => built("courier-js-http.wasm"),
            Self::Python => built("courier-python.wasm"),
        }
    }

    /// Composes the courier with the adapter.
    fn compose(self, options: &[(&str, &str)]) -> Vec<u8> {
        compose(self.component(), options)
    }
}

/// Composes a guest with the adapter. The result imports only `wasi:http` and what that needs.
fn compose(guest: Vec<u8>, options: &[(&str, &str)]) -> Vec<u8> {
    let mut composition = Composition::new("guest.wasm", guest).adapter(adapters::get("messaging-over-http").unwrap());
    composition = composition.with(|all| all.bake_secrets = true);
    for (option, value) in options {
        composition = composition.set(*option, *value);
    }
    let composed = composition.compose().unwrap_or_else(|error| panic!("{error:?}"));
    let report = &composed.report;
    let messaging = report.imports.iter().chain(&report.exports).find(|name| name.starts_with("wasi:messaging"));
    assert_eq!(messaging, None, "the host sees messaging");
    composed.component.to_bytes()
}
