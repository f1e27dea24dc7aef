//! The interceptor for a mailbox in a key-value store.

use crate::{Interceptor, bindings::exports::wasi::messaging::incoming_handler::Guest, passed, passing};
use imports::messaging::types::{Error, Message};
use support::Config;

impl Guest for Interceptor {
    fn handle(message: Message) -> Result<(), Error> {
        let config = Config::get()?;
        if message.topic().as_deref() == Some(config.text("reply-topic")) {
            return mailbox::deliver(config, &message);
        }
        passing(&message);
        passed(pass_on(message))
    }
}

#[cfg(not(feature = "in-place"))]
use crate::bindings::wasi::messaging::incoming_handler::handle as pass_on;

#[cfg(feature = "in-place")]
fn pass_on(_: Message) -> Result<(), Error> {
    Err(crate::nobody_handles())
}
