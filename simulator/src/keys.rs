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

/// Returns whether a counter, as the history shows it after an increment, says that its request is closed.
#[must_use]
pub fn is_closed(count: &str) -> bool {
    count.split(' ').next().and_then(|count| count.parse().ok()).is_some_and(|count: u64| count >= CLOSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_counts_are_read() {
        assert_eq!(Key::read("default"), None);
        assert_eq!(Key::read("reqreply.00ff"), Some(Key::Counter("00ff")));
        assert_eq!(Key::read("reqreply.00ff.12"), Some(Key::Slot("00ff")));
        assert_eq!(Key::read("reqreply.seat.3"), Some(Key::Seat));
        assert_eq!(Key::read("reqreply.dropped.unknown"), Some(Key::Dropped));
        assert_eq!(given("1048579"), Some(3));
        assert_eq!(given("1099512676355"), Some(3));
        assert_eq!(given("1"), None);
        assert!(is_closed("1099512676355 by 1099511627776"));
        assert!(!is_closed("1048579 by 1"));
    }
}
