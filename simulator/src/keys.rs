//! The keys of the mailbox in the bucket.

/// What a counter holds when its request opens.
pub const OPEN: u64 = 1 << 20;

/// What closing adds to a counter.
pub const CLOSED: u64 = 1 << 40;

/// A key of the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// The counter of the request with this correlation id.
    Counter(&'a str),
    /// A slot for a reply to the request with this correlation id.
    Slot(&'a str),
    /// A seat.
    Seat,
    /// The number of replies that were dropped for one reason.
    Dropped,
}

impl<'a> Key<'a> {
    /// Reads a key. Returns `None` for the name of a bucket.
    #[must_use]
    pub fn read(key: &'a str) -> Option<Self> {
        let name = key.strip_prefix("reqreply.")?;
        Some(match name.split_once('.') {
            None => Self::Counter(name),
            Some(("seat", _)) => Self::Seat,
            Some(("dropped", _)) => Self::Dropped,
            Some((id, _)) => Self::Slot(id),
        })
    }

    /// Returns the correlation id in the key.
    #[must_use]
    pub fn id(self) -> Option<&'a str> {
        match self {
            Self::Counter(id) | Self::Slot(id) => Some(id),
            Self::Seat | Self::Dropped => None,
        }
    }
}

/// Returns the number of slots that a counter has given out; `None` if its request was removed before.
#[must_use]
pub fn given(count: &str) -> Option<u64> {
    (count.parse::<u64>().ok()? % CLOSED).checked_sub(OPEN)
}
