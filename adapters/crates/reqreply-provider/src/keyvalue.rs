//! `request` with the mailbox in a key-value store. It polls the store for replies, which the interceptor of any
//! instance may put there.

use crate::{
    random_id,
    request::{Ask, outgoing, strip},
};
use alloc::vec::Vec;
use imports::{
    clocks::{monotonic_clock, wall_clock},
    messaging::{
        producer,
        types::{Client, Error, Message},
    },
};
use mailbox::{PendingRequest, Stored};
use message::Limits;
use reqreply::{
    envelope::{self, Envelope},
    mailbox::Drop,
    metadata,
    seen::Seen,
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
    let deadline = timeout_ms.map_or(u64::MAX, |ms| start.saturating_add(ms * MILLISECOND));
    let outgoing = outgoing(config, message, &id, reply_topic, deadline_ms);
    trace!("request topic=", topic, " correlation=", id, " timeout-ms=", timeout_ms, " expected=", ask.expected);
    let mut pending = PendingRequest::open(config, id, deadline)?;
    let mut replies = Replies { config, expected: ask.expected, taken: Vec::new(), seen: Seen::default() };
    let waited = match producer::send(client, topic, outgoing) {
        Ok(()) => {
            trace!("sent, waiting for replies on topic=", reply_topic);
            replies.gather(&mut pending, deadline)
        }
        Err(error) => {
            trace!("not sent: ", kind(&error));
            let _ = pending.close().map(|closing| closing.finish(Drop::Unknown));
            return Err(error);
        }
    };
    match replies.close(&mut pending, waited) {
        Err(error) if replies.taken.is_empty() && ask.expected > 0 => {
            trace!("the mailbox fails: ", kind(&error));
            Err(error)
        }
        // The replies are returned even if the mailbox fails. A later request takes over its seat.
        _ => ask.outcome(replies.taken.into_iter().map(|(_, reply)| reply).collect()),
    }
}

/// The replies to a request.
struct Replies {
    config: &'static Config,
    expected: u64,
    /// Replies and their slots, in the order of arrival.
    taken: Vec<(u64, Message)>,
    seen: Seen,
}

impl Replies {
    /// Polls the mailbox at growing intervals until the expected replies have come, or until the deadline in
    /// nanoseconds.
    fn gather(&mut self, pending: &mut PendingRequest, deadline: u64) -> Result<(), Error> {
        let longest = self.config.number("poll-max-ms") * MILLISECOND;
        let mut pause = MILLISECOND;
        while !self.are_complete() {
            let left = deadline.saturating_sub(monotonic_clock::now());
            if left == 0 {
                break;
            }
            match pending.take()? {
                Some(stored) => {
                    if let Err(reason) = self.add(stored) {
                        pending.count(reason);
                    }
                }
                None => {
                    // The last pauses are shorter, so that few replies are left for after the deadline.
                    monotonic_clock::subscribe_duration(pause.min(left / 2 + MILLISECOND)).block();
                    pause = (pause * 2).min(longest);
                }
            }
        }
        Ok(())
    }

    /// Closes the request. Unless the wait failed, takes the replies that came before.
    fn close(&mut self, pending: &mut PendingRequest, waited: Result<(), Error>) -> Result<(), Error> {
        let mut closing = match pending.close() {
            Ok(closing) => closing,
            Err(error) => return waited.and(Err(error)),
        };
        let mut looked = waited;
        while looked.is_ok() && !self.are_complete() {
            match closing.take_late() {
                Ok(Some(stored)) => {
                    if self.add(stored).is_err() {
                        closing.refuse();
                    }
                }
                Ok(None) => break,
                Err(error) => looked = Err(error),
            }
        }
        if looked.is_ok() && !self.are_complete() && self.taken.is_empty() {
            looked = closing.check();
        }
        trace!("closed with replies=", self.taken.len(), " of ", self.expected);
        closing.finish(if self.are_complete() { Drop::Surplus } else { Drop::Unknown });
        looked
    }

    fn are_complete(&self) -> bool {
        self.taken.len() as u64 >= self.expected
    }

    /// Adds a stored reply.
    fn add(&mut self, (slot, stored): Stored) -> Result<(), Drop> {
        let reply = self.read(&stored).inspect_err(|reason| trace!("reply dropped: ", reason.name()))?;
        trace!("reply taken, ", self.taken.len() + 1, " of ", self.expected, ", slot=", slot);
        // Slots are in the order of arrival. Only a slot that was filled late is not the last.
        let place = self.taken.iter().rposition(|(earlier, _)| *earlier < slot).map_or(0, |place| place + 1);
        self.taken.insert(place, (slot, reply));
        Ok(())
    }

    /// Converts a stored reply to a message without the adapter's keys. A message id for the second time means a
    /// duplicate.
    fn read(&mut self, stored: &[u8]) -> Result<Message, Drop> {
        let Envelope { content_type, mut metadata, data } = envelope::decode(stored).ok_or(Drop::Malformed)?;
        if !self.seen.is_new(metadata::get(&metadata, self.config.text("message-id-key"))) {
            return Err(Drop::Duplicate);
        }
        strip(self.config, &mut metadata);
        let reply = Message::new(data);
        if let Some(content_type) = content_type {
            reply.set_content_type(&content_type);
        }
        if !metadata.is_empty() {
            reply.set_metadata(&metadata);
        }
        Ok(reply)
    }
}

fn wall_clock_ms() -> u64 {
    let now = wall_clock::now();
    now.seconds * 1000 + u64::from(now.nanoseconds) / MILLISECOND
}
