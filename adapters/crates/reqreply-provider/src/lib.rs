//! The provider of `wasi:messaging/request-reply`: turns the guest's `request` and `reply` into plain sends.
//!
//! Built with a keyvalue dialect it serves both, and waits for replies in the mailbox that the interceptor fills. Built
//! without one it is the responder: `reply` only; no mailbox, no clock.
#![no_std]

extern crate alloc;

mod bindings;
mod reply;
#[cfg(feature = "requester")]
mod request;

use bindings::exports::wasi::messaging::request_reply::Guest;
use imports::{
    messaging::types::{Error, Message},
    random::random::get_random_u64,
};

struct Provider;

bindings::export!(Provider with_types_in bindings);

impl Guest for Provider {
    #[cfg(feature = "requester")]
    type RequestOptions = message::RequestOptions;

    #[cfg(feature = "requester")]
    fn request(
        client: &imports::messaging::types::Client,
        topic: alloc::string::String,
        message: &Message,
        options: Option<bindings::exports::wasi::messaging::request_reply::RequestOptions>,
    ) -> Result<alloc::vec::Vec<Message>, Error> {
        let limits = options.as_ref().map(|options| options.get::<message::RequestOptions>().limits());
        request::request(client, &topic, message, limits.unwrap_or_default())
    }

    fn reply(reply_to: &Message, message: Message) -> Result<(), Error> {
        reply::reply(reply_to, message)
    }
}

/// 128 random bits, as a correlation or message id.
fn random_id() -> alloc::string::String {
    reqreply::id::from_bits(get_random_u64(), get_random_u64())
}
