//! The mailbox in a key-value store: how a request and its replies meet there without compare-and-swap.
//!
//! A request owns a **counter**, named by its correlation id. The requester creates it with the value [`OPEN`]. The
//! instance that receives a reply increments the counter by one. The result gives the reply its **slot**, so replies
//! have an order, and none overwrites another.
//!
//! To close, the requester first adds [`CLOSED`], then deletes the counter. An increment between the two gives a number
//! above [`CLOSED`]. An increment after that starts from zero, and its result stays below [`OPEN`]. Both mean that the
//! reply is late.
//!
//! Closing fixes how many slots were given out. Whoever closes the request counts those that were not taken as dropped
//! replies, whether they are filled yet or not. So each is counted once, and an instance that fills one later need not
//! count.
//!
//! Keys contain only `[A-Za-z0-9/_.=-]`, which every known store accepts.

use alloc::{borrow::ToOwned, string::String};
use message::push_decimal;

/// The initial value of a request's counter. Late replies, which count from zero, can never reach it.
pub const OPEN: u64 = 1 << 20;

/// What closing adds to the counter. Replies, which count from [`OPEN`], can never reach it. It is far below 2⁵³, for
/// stores that count in floating point.
pub const CLOSED: u64 = 1 << 40;

/// What the counter says about a reply after an increment by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The reply belongs in this slot, counted from 1.
    Slot(u64),
    /// The request is closing.
    Closing,
    /// The request is gone. The increment created a counter, which must be deleted.
    Gone,
}

/// Interprets the counter after an increment by one.
pub fn admission(count: u64) -> Admission {
    if count > CLOSED {
        Admission::Closing
    } else if count > OPEN {
        Admission::Slot(count - OPEN)
    } else {
        Admission::Gone
    }
}

/// Returns the highest slot that was given out, from the counter after [`CLOSED`] was added. Returns `None` if the
/// counter was missing, so that the addition created it.
pub fn slots_at_close(count: u64) -> Option<u64> {
    (count % CLOSED).checked_sub(OPEN)
}

/// Returns whether the counter was closed before [`CLOSED`] was last added.
pub fn was_closed(count: u64) -> bool {
    count >= 2 * CLOSED
}

/// Returns the number of slots of a request that gathers at most `max_replies`. Duplicates take slots too, and may take
/// half of them.
pub fn slots(max_replies: u64) -> u64 {
    2 * max_replies
}

/// Returns the key of a request's counter. The request is open if and only if the key exists.
pub fn counter_key(prefix: &str, id: &str) -> String {
    join(prefix, id)
}

/// Returns the key of the reply in a slot of a request.
pub fn slot_key(prefix: &str, id: &str, slot: u64) -> String {
    let mut key = join(prefix, id);
    key.push('.');
    push_decimal(&mut key, slot);
    key
}

/// Returns the key of a seat. Seats limit how many requests wait at once.
pub fn seat_key(prefix: &str, seat: u64) -> String {
    let mut key = join(prefix, "seat.");
    push_decimal(&mut key, seat);
    key
}

/// Returns the key of the counter of replies that were dropped for a reason.
pub fn dropped_key(prefix: &str, reason: Drop) -> String {
    let mut key = join(prefix, "dropped.");
    key.push_str(reason.name());
    key
}

fn join(prefix: &str, name: &str) -> String {
    let mut key = prefix.to_owned();
    key.push_str(name);
    key
}

/// Why a reply was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drop {
    /// No request with its correlation id is open: the reply is late, or there was no such request.
    Unknown,
    /// It has no correlation id, or one that this adapter cannot have made.
    Malformed,
    /// Another reply to the same request had the same message id.
    Duplicate,
    /// The request already had all replies that it expected, or all that its mailbox may hold.
    Surplus,
}

impl Drop {
    /// Returns the reason's name, which ends the counter's key.
    pub fn name(self) -> &'static str {
        match self {
            Drop::Unknown => "unknown",
            Drop::Malformed => "malformed",
            Drop::Duplicate => "duplicate",
            Drop::Surplus => "surplus",
        }
    }
}

/// The claim of a request to a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat<'a> {
    /// The correlation id of the request.
    pub id: &'a str,
    /// Seconds since 1970-01-01T00:00:00Z after which the seat may be taken over.
    pub expires: u64,
    /// If the request is closed, but may have left replies: the first slot that may hold one.
    pub closed: Option<u64>,
}

impl<'a> Seat<'a> {
    /// The seconds that a claim lasts. A waiting requester renews it after a third.
    ///
    /// So a request is not taken for dead if clocks are five minutes apart and a `send` blocks for four minutes.
    pub const LEASE: u64 = 600;

    /// Returns the stored form: the id, `+` if the request is closed, and the time in decimal. A slot other than the
    /// first follows after a dot.
    pub fn encode(&self) -> String {
        let mut stored = self.id.to_owned();
        if self.closed.is_some() {
            stored.push('+');
        }
        push_decimal(&mut stored, self.expires);
        if let Some(slot) = self.closed.filter(|slot| *slot > 1) {
            stored.push('.');
            push_decimal(&mut stored, slot);
        }
        stored
    }

    /// Reads the stored form. Returns `None` for other bytes.
    pub fn decode(stored: &'a [u8]) -> Option<Self> {
        let (id, rest) = core::str::from_utf8(stored).ok()?.split_at_checked(crate::id::LENGTH)?;
        let (mut numbers, mut which) = ([0u64, 0], 0);
        for (place, byte) in rest.bytes().enumerate() {
            match byte {
                b'+' if place == 0 => numbers[1] = 1,
                b'.' if which == 0 => (which, numbers[1]) = (1, 0),
                b'0'..=b'9' => numbers[which] = numbers[which].checked_mul(10)?.checked_add(u64::from(byte - b'0'))?,
                _ => return None,
            }
        }
        let [expires, slot] = numbers;
        crate::id::is_valid(id).then_some(Self { id, expires, closed: Some(slot).filter(|slot| *slot > 0) })
    }
}
