//! `request`: publishes a copy of the guest's message and waits for the replies to it.

use crate::{bindings::exports::wasi::messaging::request_reply::GuestRequestOptions, random_id};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use imports::{
    clocks::{monotonic_clock, wall_clock},
    messaging::{
        producer,
        types::{Client, Error, Message},
    },
};
use mailbox::PendingRequest;
use message::{Limits, RequestOptions};
use reqreply::{
    decimal,
    envelope::{self, Envelope},
    mailbox::Drop,
    metadata::{self, Metadata},
};
use support::{Config, kind};
use trace::trace;

const MILLISECOND: u64 = 1_000_000;

impl GuestRequestOptions for RequestOptions {
    fn new() -> Self {
        Self::default()
    }

    fn set_timeout_ms(&self, timeout_ms: u32) {
        self.update(|limits| limits.timeout_ms = Some(timeout_ms));
    }

    fn set_expected_replies(&self, expected_replies: u32) {
        self.update(|limits| limits.expected_replies = Some(expected_replies));
    }
}

/// Publishes a copy of `message` on `topic` and gives the replies in the order in which they came.
pub fn request(client: &Client, topic: &str, message: &Message, limits: Limits) -> Result<Vec<Message>, Error> {
    let start = monotonic_clock::now();
    let config = Config::get()?;
    let timeout_ms = match limits.timeout_ms {
        Some(timeout_ms) => Some(u64::from(timeout_ms)),
        None => Some(config.number("default-timeout-ms")).filter(|bound| *bound > 0),
    };
    let expected = u64::from(limits.expected_replies.unwrap_or(1));
    if expected > config.number("max-replies") {
        return Err(Error::Other("more replies are expected than `max-replies` allows".into()));
    }

    let id = random_id();
    let outgoing = outgoing(config, message, &id, timeout_ms);
    trace!("request topic=", topic, " correlation=", id, " timeout-ms=", timeout_ms, " expected=", expected);
    let mut pending = PendingRequest::open(config, id)?;
    let outcome = match producer::send(client, topic, outgoing) {
        Ok(()) => {
            trace!("sent, waiting for replies on topic=", config.text("reply-topic"));
            let deadline = timeout_ms.map_or(u64::MAX, |ms| start.saturating_add(ms * MILLISECOND));
            gather(config, &mut pending, deadline, expected)
        }
        Err(error) => {
            trace!("not sent: ", kind(&error));
            Err(error)
        }
    };
    // What came is worth more than a mailbox that could not be tidied up: a later request takes over its seat.
    let _ = pending.close();
    outcome
}

/// A copy of the guest's message, with what a responder needs to answer it.
fn outgoing(config: &Config, message: &Message, id: &str, timeout_ms: Option<u64>) -> Message {
    let copy = Message::new(&message.data());
    if let Some(content_type) = message.content_type() {
        copy.set_content_type(&content_type);
    }
    let mut meta = message.metadata().unwrap_or_default();
    metadata::set(&mut meta, config.text("correlation-id-key"), id.to_owned());
    metadata::set(&mut meta, config.text("reply-to-key"), config.text("reply-topic").to_owned());
    metadata::set(&mut meta, config.text("message-id-key"), random_id());
    if let Some(timeout_ms) = timeout_ms {
        let deadline = wall_clock_ms().saturating_add(timeout_ms);
        metadata::set(&mut meta, config.text("deadline-key"), decimal(deadline));
    }
    copy.set_metadata(&meta);
    copy
}

/// Polls the mailbox, at growing intervals, until the expected replies have come or the deadline, in nanoseconds, is
/// there. A mailbox that fails ends the wait; replies that came by then are the result all the same.
fn gather(config: &Config, pending: &mut PendingRequest, deadline: u64, expected: u64) -> Result<Vec<Message>, Error> {
    let longest = config.number("poll-max-ms") * MILLISECOND;
    let mut pause = MILLISECOND;
    let mut over = false;
    let mut replies = Vec::new();
    let mut seen = Vec::new();
    while (replies.len() as u64) < expected {
        match if over { pending.take_late() } else { pending.take() } {
            Err(error) if replies.is_empty() => {
                trace!("the mailbox fails: ", kind(&error));
                return Err(error);
            }
            Err(_) => break,
            Ok(Some(stored)) => match reply(config, &stored, &mut seen) {
                Ok(reply) => {
                    trace!("reply taken, ", replies.len() + 1, " of ", expected);
                    replies.push(reply);
                }
                Err(reason) => {
                    trace!("reply dropped: ", reason.name());
                    pending.count(reason);
                }
            },
            Ok(None) if over => {
                trace!("timeout with replies=", replies.len(), " of ", expected);
                break;
            }
            Ok(None) => {
                let left = deadline.saturating_sub(monotonic_clock::now());
                over = left == 0;
                if !over {
                    monotonic_clock::subscribe_duration(left.min(pause)).block();
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }
    if replies.is_empty() && expected > 0 { Err(Error::Timeout) } else { Ok(replies) }
}

/// Makes a message of a stored reply, without the adapter's keys. A reply whose message id was `seen` is a duplicate.
fn reply(config: &Config, stored: &[u8], seen: &mut Vec<String>) -> Result<Message, Drop> {
    let Envelope { content_type, mut metadata, data } = envelope::decode(stored).ok_or(Drop::Malformed)?;
    let id = metadata::get(&metadata, config.text("message-id-key"));
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        if seen.iter().any(|other| other == id) {
            return Err(Drop::Duplicate);
        }
        seen.push(id.to_owned());
    }
    strip(config, &mut metadata);
    let reply = Message::new(data);
    if let Some(content_type) = content_type {
        reply.set_content_type(&content_type);
    }
    if !metadata.is_empty() {
        reply.set_metadata(&metadata);
    }
    Ok(reply)
}

fn strip(config: &Config, metadata: &mut Metadata) {
    for key in ["correlation-id-key", "reply-to-key", "message-id-key", "deadline-key"] {
        metadata::remove(metadata, config.text(key));
    }
}

fn wall_clock_ms() -> u64 {
    let now = wall_clock::now();
    now.seconds * 1000 + u64::from(now.nanoseconds) / MILLISECOND
}
