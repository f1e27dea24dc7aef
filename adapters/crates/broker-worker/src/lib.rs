//! A program that takes messages from a broker, one after another, and calls the guest's messaging handler with them.
//!
//! The provider speaks to the broker, but it cannot call the guest, because the guest imports it. This part makes that
//! call. It knows no broker, so all of them share it. With the feature `program`, it also runs the guest's own program,
//! which must end before messages are handled.
#![no_std]

extern crate alloc;

mod bindings;

use alloc::{borrow::ToOwned, vec::Vec};
use bindings::{
    exports::wasi::cli::run::Guest,
    msgcompose::broker::deliveries::{Orders, begin, next},
    wasi::messaging::incoming_handler::handle,
};
use support::Config;
use trace::trace;

struct Worker;

bindings::export!(Worker with_types_in bindings);

impl Guest for Worker {
    fn run() -> Result<(), ()> {
        // Without options, because one that was set at run time is invalid, the provider says so.
        let config = Config::get().ok();
        begin(&config.map(orders).unwrap_or_default())?;
        if config.is_some_and(|config| config.text("program") != "ignore") {
            program()?;
        }
        let mut outcome = None;
        while let Some(message) = next(outcome.as_ref().map(|outcome: &Result<_, _>| outcome.as_ref().copied()))? {
            trace!("message to the guest's handler");
            outcome = Some(handle(message));
        }
        Ok(())
    }
}

/// Returns what the options say.
fn orders(config: &'static Config) -> Orders {
    let limit = |option| Some(config.number(option)).filter(|limit| *limit > 0);
    Orders {
        subscriptions: config.list("subscribe").map(ToOwned::to_owned).collect::<Vec<_>>(),
        group: Some(config.text("queue-group")).filter(|group| !group.is_empty()).map(ToOwned::to_owned),
        max_messages: limit("max-messages"),
        idle_ms: limit("idle-ms"),
        until_stdin_ends: config.text("stop-on") == "stdin",
    }
}

/// Runs the guest's own program.
#[cfg(feature = "program")]
fn program() -> Result<(), ()> {
    trace!("the guest's own program");
    bindings::wasi::cli::run::run()
}

#[cfg(not(feature = "program"))]
fn program() -> Result<(), ()> {
    Ok(())
}
