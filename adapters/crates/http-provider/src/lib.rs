//! The provider of `wasi:messaging` over `wasi:http`: sends each message as a POST, and takes each incoming POST as a
//! message. It defines the resources `message` and `client`.
//!
//! With the feature `sender` it serves all functions. Without it, it is the receiver: it takes messages and replies to
//! them, has neither `producer` nor `request`, and makes no HTTP requests.
//!
//! What a message is in HTTP is the same in all versions of that. Only what waits differs: `p2` blocks, and with the
//! feature `p3`, `p3` awaits, so that many messages can be at work in one instance.
#![no_std]

extern crate alloc;

mod bindings;
mod body;
mod client;
#[cfg(feature = "sender")]
mod code;
mod exchange;
mod incoming;
mod message;
mod outgoing;
#[cfg(not(feature = "p3"))]
mod p2;
#[cfg(feature = "p3")]
mod p3;
#[cfg(feature = "sender")]
mod request;
#[cfg(feature = "sender")]
mod response;
mod settings;

use bindings::exports::wasi::messaging::types::{self, Error};

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

/// Returns the limits of a request.
#[cfg(feature = "sender")]
fn limits(options: Option<bindings::exports::wasi::messaging::request_reply::RequestOptions>) -> ::message::Limits {
    options.map(|options| options.get::<::message::RequestOptions>().limits()).unwrap_or_default()
}
