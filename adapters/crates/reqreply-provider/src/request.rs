//! `request`: the code that all mailboxes share.

use crate::{bindings::exports::wasi::messaging::request_reply::GuestRequestOptions, random_id};
use alloc::{borrow::ToOwned, vec::Vec};
use imports::messaging::types::{Error, Message};
use message::Limits;
use reqreply::{
    decimal,
    metadata::{self, Metadata},
};
use support::Config;

message::request_options!(GuestRequestOptions);

/// The limits of a request, from its own options and the adapter's.
pub struct Ask {
    /// The timeout in milliseconds; `None` waits forever.
    pub timeout_ms: Option<u64>,
    /// The number of replies that ends the wait.
    pub expected: u64,
}

impl Ask {
    /// Combines the guest's limits with the adapter's options. Fails if more replies are expected than allowed.
    pub fn of(config: &Config, limits: Limits) -> Result<Self, Error> {
        let timeout_ms = match limits.timeout_ms {
            Some(timeout_ms) => Some(u64::from(timeout_ms)),
            None => Some(config.number("default-timeout-ms")).filter(|bound| *bound > 0),
        };
        let expected = u64::from(limits.expected_replies.unwrap_or(1));
        if expected > config.number("max-replies") {
            return Err(Error::Other("more replies are expected than `max-replies` allows".into()));
        }
        Ok(Self { timeout_ms, expected })
    }

    /// Returns the replies, or `timeout` if there are none but some were expected.
    pub fn outcome(&self, replies: Vec<Message>) -> Result<Vec<Message>, Error> {
        if replies.is_empty() && self.expected > 0 { Err(Error::Timeout) } else { Ok(replies) }
    }
}

/// Copies the guest's message, and adds what a responder needs: correlation id, reply topic, message id and, if given,
/// the deadline in milliseconds since 1970.
pub fn outgoing(config: &Config, message: &Message, id: &str, reply_topic: &str, deadline_ms: Option<u64>) -> Message {
    let copy = Message::new(&message.data());
    if let Some(content_type) = message.content_type() {
        copy.set_content_type(&content_type);
    }
    let mut meta = message.metadata().unwrap_or_default();
    metadata::set(&mut meta, config.text("correlation-id-key"), id.to_owned());
    metadata::set(&mut meta, config.text("reply-to-key"), reply_topic.to_owned());
    metadata::set(&mut meta, config.text("message-id-key"), random_id());
    if let Some(deadline_ms) = deadline_ms {
        metadata::set(&mut meta, config.text("deadline-key"), decimal(deadline_ms));
    }
    copy.set_metadata(&meta);
    copy
}

/// Removes the adapter's keys from the metadata of a reply.
pub fn strip(config: &Config, metadata: &mut Metadata) {
    for key in ["correlation-id-key", "reply-to-key", "message-id-key", "deadline-key"] {
        metadata::remove(metadata, config.text(key));
    }
}
