//! `request` with the mailbox in a key-value store. It polls the store for replies, which the interceptor of any
//! instance may put there.

use crate::{
    random_id,
    request::{Ask, outgoing, strip},
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use imports::{
    clocks::{monotonic_clock, wall_clock},
    messaging::{
        producer,
        types::{Client, Error, Message},
    },
};
use mailbox::PendingRequest;
use message::Limits;
use reqreply::{
    envelope::{self, Envelope},
    mailbox::Drop,
    metadata,
};
use support::{Config, kind};
use trace::trace;

const MILLISECOND: u64 = 1_000_000;

/// Sends a copy of `message` to `topic`, and returns the replies in the order in which they arrived.
pub fn request(client: &Client, topic: &str, message: &Message, limits: Limits) -> Result<Vec<Message>, Error> {
    let start = monotonic_clock::now();
    let config = Config::get()?;
    let ask = Ask::of(config, limits)?;
    let (timeout_ms, reply_topic) = (ask.timeout_ms, config.text("reply-topic"));

    let id = random_id();
    let deadline_ms = timeout_ms.map(|timeout_ms| wall_clock_ms().saturating_add(timeout_ms));
    let outgoing = outgoing(config, message, &id, reply_topic, deadline_ms);
    trace!("request topic=", topic, " correlation=", id, " timeout-ms=", timeout_ms, " expected=", ask.expected);
    let mut pending = PendingRequest::open(config, id)?;
    let outcome = match producer::send(client, topic, outgoing) {
        Ok(()) => {
            trace!("sent, waiting for replies on topic=", reply_topic);
            let deadline = timeout_ms.map_or(u64::MAX, |ms| start.saturating_add(ms * MILLISECOND));
            gather(config, &mut pending, deadline, &ask)
        }
        Err(error) => {
            trace!("not sent: ", kind(&error));
            Err(error)
        }
    };
    // The replies are returned even if the mailbox cannot be closed. A later request takes over its seat.
    let _ = pending.close();
    outcome
}

/// Polls the mailbox at growing intervals until the expected replies have come, or until the deadline in nanoseconds.
///
/// If the mailbox fails, the wait ends, and the replies so far are the result.
fn gather(config: &Config, pending: &mut PendingRequest, deadline: u64, ask: &Ask) -> Result<Vec<Message>, Error> {
    let longest = config.number("poll-max-ms") * MILLISECOND;
    let mut pause = MILLISECOND;
    let mut over = false;
    let mut replies = Vec::new();
    let mut seen = Vec::new();
    let expected = ask.expected;
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
    ask.outcome(replies)
}

/// Converts a stored reply to a message without the adapter's keys. A message id that was `seen` means a duplicate.
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

fn wall_clock_ms() -> u64 {
    let now = wall_clock::now();
    now.seconds * 1000 + u64::from(now.nanoseconds) / MILLISECOND
}
