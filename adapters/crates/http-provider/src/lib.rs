//! The provider of `wasi:messaging` over `wasi:http`: sends each message as a POST, and takes each incoming POST as a
//! message. It defines the resources `message` and `client`.
//!
//! With the feature `sender` it serves all functions. Without it, it is the receiver: it takes messages and replies to
//! them, has neither `producer` nor `request`, and makes no HTTP requests.
#![no_std]

extern crate alloc;

mod bindings;
mod client;
mod exchange;
mod fallible;
mod incoming;
mod message;
mod outgoing;
#[cfg(feature = "sender")]
mod request;
#[cfg(feature = "sender")]
mod response;
mod settings;
mod stream;

use bindings::exports::wasi::messaging::{
    request_reply,
    types::{self, Error},
};

struct Provider;

/// Returns the kind of an error for trace lines. Its text is left out, because it may come from elsewhere.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::Timeout => "timeout",
        Error::Connection(_) => "connection",
        Error::PermissionDenied(_) => "permission-denied",
        Error::Other(_) => "other",
    }
}

bindings::export!(Provider with_types_in bindings);

impl types::Guest for Provider {
    type Client = client::Client;
    type Message = message::Message;
}

#[cfg(feature = "sender")]
impl bindings::exports::wasi::messaging::producer::Guest for Provider {
    fn send(
        client: types::ClientBorrow<'_>,
        topic: alloc::string::String,
        message: types::Message,
    ) -> Result<(), Error> {
        request::send(client.get(), &topic, &message.get::<message::Message>().content())
    }
}

impl request_reply::Guest for Provider {
    #[cfg(feature = "sender")]
    type RequestOptions = ::message::RequestOptions;

    #[cfg(feature = "sender")]
    fn request(
        client: types::ClientBorrow<'_>,
        topic: alloc::string::String,
        message: types::MessageBorrow<'_>,
        options: Option<request_reply::RequestOptions>,
    ) -> Result<alloc::vec::Vec<types::Message>, Error> {
        let limits = options.map(|options| options.get::<::message::RequestOptions>().limits()).unwrap_or_default();
        request::request(client.get(), &topic, &message.get::<message::Message>().content(), limits)
    }

    fn reply(reply_to: types::MessageBorrow<'_>, message: types::Message) -> Result<(), Error> {
        reply_to.get::<message::Message>().reply(message.into_inner::<message::Message>().into_content())
    }
}
