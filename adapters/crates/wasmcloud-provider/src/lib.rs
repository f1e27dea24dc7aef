//! The provider of `wasmcloud:messaging/consumer`: implements `publish` and `request` with the host's `wasi:messaging`.
//!
//! It also keeps the messages that the guest has in hand. The interceptor puts them there, and a `publish` to the token
//! of one of them is a reply to it. Built without the feature `requester`, it is the publisher, which serves only
//! `publish`.
#![no_std]

extern crate alloc;

mod bindings;
mod connection;
mod in_hand;
mod outgoing;

use alloc::string::String;
use bindings::exports::{
    msgcompose::wasmcloud::in_hand::Guest as InHand,
    wasmcloud::messaging::{consumer::Guest as Consumer, types::BrokerMessage},
};
use imports::messaging::types::{Error, Message};
#[cfg(feature = "requester")]
use {alloc::vec::Vec, message::push_decimal};

struct Provider;

bindings::export!(Provider with_types_in bindings);

impl InHand for Provider {
    fn take(message: Message) -> String {
        in_hand::take(message)
    }

    fn release(token: String) {
        in_hand::release(&token);
    }
}

impl Consumer for Provider {
    #[cfg(feature = "requester")]
    fn request(subject: String, body: Vec<u8>, timeout_ms: u32) -> Result<BrokerMessage, String> {
        let reply = outgoing::request(&subject, &body, timeout_ms).map_err(|error| match error {
            Error::Timeout => timed_out(timeout_ms),
            error => failed("request", error),
        })?;
        Ok(BrokerMessage { subject: reply.topic().unwrap_or(subject), body: reply.data(), reply_to: None })
    }

    fn publish(message: BrokerMessage) -> Result<(), String> {
        let BrokerMessage { subject, body, reply_to } = message;
        outgoing::publish(&subject, &body, reply_to.as_deref()).map_err(|error| failed("message", error))
    }
}

// Errors are in the words of wasmCloud's host.

#[cfg(feature = "requester")]
fn timed_out(timeout_ms: u32) -> String {
    let mut text = String::from("request timed out after ");
    push_decimal(&mut text, u64::from(timeout_ms));
    text.push_str("ms");
    text
}

fn failed(what: &str, error: Error) -> String {
    let [kind, why] = match &error {
        Error::Timeout => ["timed out", ""],
        Error::Connection(why) => ["connection: ", why],
        Error::PermissionDenied(why) => ["permission denied: ", why],
        Error::Other(why) => ["", why],
    };
    ["failed to send ", what, ": ", kind, why].concat()
}
