//! Takes the replies out of what the host delivers to `wasi:messaging/incoming-handler`: what comes on the reply topic
//! goes into the mailbox, a key-value store or the provider's memory.
//!
//! Everything else passes to the guest's handler unchanged, and its result back. Built `in-place` of the handler of a
//! guest that has none, it refuses everything else, because a message that nobody handles must not pass for a handled
//! one.
#![no_std]

extern crate alloc;
extern crate support;

mod bindings;
#[cfg(feature = "keyvalue")]
mod keyvalue;
#[cfg(feature = "memory")]
mod memory;

use imports::messaging::types::{Error, Message};
use trace::trace;

struct Interceptor;

bindings::export!(Interceptor with_types_in bindings);

/// The one error of a handler in the place of a guest's.
#[cfg(feature = "in-place")]
fn nobody_handles() -> Error {
    Error::Other("the guest has no handler; deliver the reply topic only".into())
}

/// Says that a message is for the guest.
fn passing(message: &Message) {
    trace!("message for the guest's handler, topic=", message.topic().unwrap_or_default());
}

/// Says what the guest made of it.
fn passed(outcome: Result<(), Error>) -> Result<(), Error> {
    #[cfg(feature = "trace")]
    trace!("the guest's handler: ", outcome.as_ref().map_or_else(support::kind, |()| "ok"));
    outcome
}
