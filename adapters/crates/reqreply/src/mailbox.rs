//! The mailbox: how a request and the replies to it meet in a key-value store that has no compare-and-swap.
//!
//! A request owns one **counter**, named by its correlation id. The requester creates it at [`OPEN`]; whoever takes a
//! reply in increments it by one, and what comes back is that reply's **slot**, so replies have an order and none
//! overwrites another. To close, the requester adds [`CLOSED`] before it deletes: from then on an increment tells a
//! late reply that it is late. An increment of a counter that is gone starts from zero and stays below [`OPEN`], which
//! tells the same.
//!
//! Keys hold only `[A-Za-z0-9/_.=-]`, which every known store accepts.

use alloc::{borrow::ToOwned, string::String};
use message::push_decimal;

/// Where the counter of an open request starts: more than late replies can ever count up from zero.
pub const OPEN: u64 = 1 << 20;

/// What closing adds to the counter: more than replies can ever count up from [`OPEN`]. Far below 2⁵³, so that stores
/// which count in floating point serve too.
pub const CLOSED: u64 = 1 << 40;

/// What an increment by one says about a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It belongs in this slot, counted from 1.
    Slot(u64),
    /// The request is closing.
    Closing,
    /// The request is gone; the increment made a counter that must be deleted again.
    Gone,
}

/// Reads the counter after an increment by one.
pub fn admission(count: u64) -> Admission {
    if count > CLOSED {
        Admission::Closing
    } else if count > OPEN {
        Admission::Slot(count - OPEN)
    } else {
        Admission::Gone
    }
}

/// The highest slot given out, read from the counter after [`CLOSED`] was added; 0 when there is none.
pub fn slots_at_close(count: u64) -> u64 {
    (count % CLOSED).saturating_sub(OPEN)
}

/// The counter of the request with this id; whether it exists says whether the request is open.
pub fn counter_key(prefix: &str, id: &str) -> String {
    join(prefix, id)
}

/// The reply in this slot of the request with this id.
pub fn slot_key(prefix: &str, id: &str, slot: u64) -> String {
    let mut key = join(prefix, id);
    key.push('.');
    push_decimal(&mut key, slot);
    key
}

/// One of the seats that bound how many requests are open.
pub fn seat_key(prefix: &str, seat: u64) -> String {
    let mut key = join(prefix, "seat.");
    push_decimal(&mut key, seat);
    key
}

/// The counter of dropped replies, by reason.
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
    /// No request with its correlation id is open: it came late, or was never asked for.
    Unknown,
    /// It has no correlation id, or one that this adapter never makes.
    Malformed,
    /// Another reply of the same request had its message id.
    Duplicate,
    /// The request had all that it expected, or all that its mailbox may hold.
    Surplus,
}

impl Drop {
    /// The last part of the counter's key.
    pub fn name(self) -> &'static str {
        match self {
            Drop::Unknown => "unknown",
            Drop::Malformed => "malformed",
            Drop::Duplicate => "duplicate",
            Drop::Surplus => "surplus",
        }
    }
}

/// Who sits on a seat, and until when the claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat<'a> {
    /// The correlation id of the open request.
    pub id: &'a str,
    /// Seconds since 1970-01-01T00:00:00Z after which the seat may be taken over.
    pub expires: u64,
}

impl<'a> Seat<'a> {
    /// Seconds for which a claim holds; a waiting requester renews it in time.
    pub const LEASE: u64 = 60;

    /// The stored form.
    pub fn encode(&self) -> String {
        let mut stored = self.id.to_owned();
        push_decimal(&mut stored, self.expires);
        stored
    }

    /// Reads the stored form; none when it is something else.
    pub fn decode(stored: &'a [u8]) -> Option<Self> {
        let text = core::str::from_utf8(stored).ok()?;
        let (id, expires) = text.split_at_checked(crate::id::LENGTH)?;
        Some(Self { id: Some(id).filter(|id| crate::id::is_valid(id))?, expires: expires.parse().ok()? })
    }
}
