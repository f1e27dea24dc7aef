//! Tests `wasmcloud-over-messaging` with guests that are written against wasmCloud's interface. The guarantees of
//! `docs/wasmcloud-over-messaging.md` are tested by number, on a host that does as a script says. Other tests run whole
//! stacks over HTTP and over publish/subscribe.

mod guarantees;
mod linked;
mod over_http;
mod over_pubsub;
mod part;
mod scripted;
mod streams;

use crate::support::fixture;
use msgcompose::{Composition, adapters};

const ADAPTER: &str = "wasmcloud-over-messaging";

/// Returns the composition of a committed guest with the adapter.
fn around(guest: &str) -> Composition {
    Composition::new(format!("{guest}.wasm"), fixture(guest)).adapter(adapters::get(ADAPTER).unwrap())
}
