//! `wasmcloud:messaging@0.2.0`: sync functions, and errors as texts in the words of wasmCloud's host.

use crate::{
    Provider,
    bindings::exports::{
        msgcompose::wasmcloud::in_hand::Guest as InHand,
        wasmcloud::messaging::{consumer::Guest, types::BrokerMessage},
    },
    in_hand, outgoing,
};
use alloc::string::String;
use imports::messaging::types::{Error, Message};
#[cfg(feature = "requester")]
use {alloc::vec::Vec, message::push_decimal};

impl InHand for Provider {
    fn take(message: Message) -> String {
        in_hand::take(message)
    }

    fn release(token: String) {
        in_hand::release(&token);
    }
}

impl Guest for Provider {
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
