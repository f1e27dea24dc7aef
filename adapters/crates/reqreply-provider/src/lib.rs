//! The provider of `wasi:messaging/request-reply`: implements `request` and `reply` with the host's `send`.
//!
//! Built with a mailbox, it serves both functions. The interceptor puts replies into the mailbox: a key-value store,
//! which the provider polls, or the provider's memory. Built without one, it is the responder: it serves only `reply`,
//! and needs no clock.
#![no_std]

extern crate alloc;

mod bindings;
#[cfg(feature = "keyvalue")]
mod keyvalue;
#[cfg(feature = "memory")]
mod memory;
mod reply;
#[cfg(feature = "requester")]
mod request;

use alloc::string::String;
#[cfg(feature = "requester")]
use alloc::vec::Vec;
use bindings::exports::wasi::messaging::request_reply::Guest;
#[cfg(feature = "requester")]
use bindings::exports::wasi::messaging::request_reply::RequestOptions;
#[cfg(feature = "requester")]
use imports::messaging::types::Client;
use imports::{
    messaging::types::{Error, Message},
    random::random::get_random_u64,
};

struct Provider;

bindings::export!(Provider with_types_in bindings);

impl Guest for Provider {
    #[cfg(feature = "requester")]
    type RequestOptions = message::RequestOptions;

    #[cfg(feature = "keyvalue")]
    fn request(
        client: &Client,
        topic: String,
        message: &Message,
        options: Option<RequestOptions>,
    ) -> Result<Vec<Message>, Error> {
        keyvalue::request(client, &topic, message, limits(options))
    }

    #[cfg(feature = "memory")]
    async fn request(
        client: &Client,
        topic: String,
        message: &Message,
        options: Option<RequestOptions>,
    ) -> Result<Vec<Message>, Error> {
        memory::request(client, &topic, message, limits(options)).await
    }

    #[cfg(not(feature = "memory-async"))]
    fn reply(reply_to: &Message, message: Message) -> Result<(), Error> {
        reply::reply(reply_to, message)
    }

    #[cfg(feature = "memory-async")]
    async fn reply(reply_to: &Message, message: Message) -> Result<(), Error> {
        reply::reply(reply_to, message).await
    }
}

#[cfg(feature = "memory")]
impl bindings::exports::msgcompose::reqreply::mailbox::Guest for Provider {
    fn admit(message: Message) -> Result<Option<Message>, Error> {
        Ok(memory::Mailbox::get()?.admit(message))
    }
}

#[cfg(feature = "memory")]
impl bindings::exports::msgcompose::reqreply::statistics::Guest for Provider {
    fn dropped() -> Vec<(String, u64)> {
        // If the options cannot be read, no reply was taken or dropped.
        memory::Mailbox::get().map(memory::Mailbox::dropped).unwrap_or_default()
    }
}

#[cfg(feature = "requester")]
fn limits(options: Option<RequestOptions>) -> message::Limits {
    options.as_ref().map(|options| options.get::<message::RequestOptions>().limits()).unwrap_or_default()
}

/// Returns 128 random bits as a correlation id or message id.
fn random_id() -> String {
    reqreply::id::from_bits(get_random_u64(), get_random_u64())
}
