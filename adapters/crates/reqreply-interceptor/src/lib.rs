//! Takes the replies out of what the host delivers to `wasi:messaging/incoming-handler`: what comes on the reply topic
//! goes into the mailbox.
//!
//! Everything else passes to the guest's handler unchanged, and its result back. Built `in-place` of the handler of a
//! guest that has none, it refuses everything else, because a message that nobody handles must not pass for a handled
//! one.
#![no_std]

extern crate alloc;

mod bindings;

use bindings::exports::wasi::messaging::incoming_handler::Guest;
use imports::messaging::types::{Error, Message};
use support::Config;
use trace::trace;

struct Interceptor;

bindings::export!(Interceptor with_types_in bindings);

impl Guest for Interceptor {
    fn handle(message: Message) -> Result<(), Error> {
        let config = Config::get()?;
        if message.topic().as_deref() == Some(config.text("reply-topic")) {
            mailbox::deliver(config, &message)
        } else {
            trace!("message for the guest's handler, topic=", message.topic().unwrap_or_default());
            let outcome = pass_on(message);
            #[cfg(feature = "trace")]
            trace!("the guest's handler: ", outcome.as_ref().map_or_else(support::kind, |()| "ok"));
            outcome
        }
    }
}

#[cfg(not(feature = "in-place"))]
use bindings::wasi::messaging::incoming_handler::handle as pass_on;

#[cfg(feature = "in-place")]
fn pass_on(_: Message) -> Result<(), Error> {
    Err(Error::Other("the guest has no handler; deliver the reply topic only".into()))
}
