//! Puts replies into the mailbox: messages that the host delivers on the reply topic. The mailbox is in a key-value
//! store or in the provider's memory.
//!
//! All other messages go to the guest's handler unchanged, and its result goes back to the host. The feature `in-place`
//! is for guests without a handler. Then other messages are refused, so that none of them counts as handled.
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

/// Returns the error for a message that is not a reply, if the guest has no handler.
#[cfg(feature = "in-place")]
fn nobody_handles() -> Error {
    Error::Other("the guest has no handler; deliver the reply topic only".into())
}

/// Traces that a message goes to the guest.
fn passing(message: &Message) {
    trace!("message for the guest's handler, topic=", message.topic().unwrap_or_default());
}

/// Traces and returns the result of the guest's handler.
fn passed(outcome: Result<(), Error>) -> Result<(), Error> {
    #[cfg(feature = "trace")]
    trace!("the guest's handler: ", outcome.as_ref().map_or_else(support::kind, |()| "ok"));
    outcome
}
