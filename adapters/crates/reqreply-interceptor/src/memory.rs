//! The interceptor for a mailbox in the provider's memory. It calls the guest asynchronously, so replies can pass.

use crate::{
    Interceptor,
    bindings::{
        exports::{msgcompose::reqreply::statistics::Guest as Statistics, wasi::messaging::incoming_handler::Guest},
        msgcompose::reqreply::{mailbox::admit, statistics},
    },
    passed, passing,
};
use alloc::{string::String, vec::Vec};
use imports::messaging::types::{Error, Message};

impl Guest for Interceptor {
    async fn handle(message: Message) -> Result<(), Error> {
        let Some(message) = admit(message)? else { return Ok(()) };
        passing(&message);
        passed(pass_on(message).await)
    }
}

impl Statistics for Interceptor {
    fn dropped() -> Vec<(String, u64)> {
        statistics::dropped()
    }
}

#[cfg(not(feature = "in-place"))]
use crate::bindings::wasi::messaging::incoming_handler::handle as pass_on;

#[cfg(feature = "in-place")]
async fn pass_on(_: Message) -> Result<(), Error> {
    Err(crate::nobody_handles())
}
