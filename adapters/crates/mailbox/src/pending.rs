use crate::Mailbox;
use alloc::{string::String, vec::Vec};
use imports::{
    clocks::{monotonic_clock, wall_clock},
    messaging::types::Error,
    random::random::get_random_u64,
};
use reqreply::mailbox::{Drop, OPEN, Seat, counter_key, seat_key, slot_key};
use support::Config;

/// The number of seats that are tried before a request is refused. If there are more seats, a free one may be missed,
/// but this is likely only when nearly all are taken.
const PROBES: u64 = 64;

/// Empty polls before the counter is first read. The gaps between reads double, because each is a write to the store.
const POLLS_BEFORE_LOOK: u32 = 16;

/// Nanoseconds after which a waiting requester renews its seat. A third of the lease.
const RENEW_AFTER: u64 = Seat::LEASE * 1_000_000_000 / 3;

/// A request that waits for replies. [Close](Self::close) it at the end.
pub struct PendingRequest {
    mailbox: Mailbox,
    id: String,
    /// The slot of the next reply.
    next: u64,
    /// The number of empty polls in a row.
    misses: u32,
    /// Whether, at the last read of the counter, the next slot had been given out but was empty.
    hole: bool,
    /// The key of the seat, and when it was last claimed, in nanoseconds of the monotonic clock.
    seat: Option<(String, u64)>,
}

impl PendingRequest {
    /// Opens the mailbox for the request with correlation id `id`.
    ///
    /// Call this before the request is sent, because a reply to a request that is not open is dropped.
    pub fn open(config: &'static Config, id: String) -> Result<Self, Error> {
        let mailbox = Mailbox::open(config)?;
        let seat = take_seat(&mailbox, &id)?;
        let request = Self { mailbox, id, next: 1, misses: 0, hole: false, seat };
        // An increment creates the counter, because only the store knows how it stores a count.
        match request.mailbox.increment(&request.counter(), OPEN) {
            Ok(_) => Ok(request),
            Err(error) => {
                request.leave_seat();
                Err(error)
            }
        }
    }

    /// Returns the next reply in order of arrival, in its stored form; `None` if none has come yet.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if let Some(reply) = self.mailbox.take(&self.slot())? {
            self.advance();
            return Ok(Some(reply));
        }
        self.renew_seat()?;
        self.misses += 1;
        if self.misses >= POLLS_BEFORE_LOOK && self.misses.is_power_of_two() {
            self.look_behind_hole()?;
        }
        Ok(None)
    }

    /// Like [`Self::take`], but skips empty slots. Used for the last polls, after the timeout.
    pub fn take_late(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let given = self.slots_given()?;
        while self.next <= given {
            let reply = self.mailbox.take(&self.slot())?;
            self.advance();
            if reply.is_some() {
                return Ok(reply);
            }
        }
        Ok(None)
    }

    /// Counts a reply that was dropped after it was taken.
    pub fn count(&self, reason: Drop) {
        self.mailbox.count(reason);
    }

    /// Removes the request and its remaining replies.
    pub fn close(self) -> Result<(), Error> {
        let removed = self.mailbox.remove(&self.id, self.next);
        self.leave_seat();
        removed
    }

    fn counter(&self) -> String {
        counter_key(self.mailbox.prefix(), &self.id)
    }

    fn slot(&self) -> String {
        slot_key(self.mailbox.prefix(), &self.id, self.next)
    }

    fn advance(&mut self) {
        self.next += 1;
        self.misses = 0;
        self.hole = false;
    }

    /// Returns how many slots have been given out. Fails if the store has lost the request: waiting would not help.
    fn slots_given(&self) -> Result<u64, Error> {
        // Opens the bucket again, because one known store gives each opening a copy, which would never show replies.
        let seen_by_others = Mailbox::open(self.mailbox.config)?.exists(&self.counter())?;
        let count = self.mailbox.increment(&self.counter(), 0)?;
        if !seen_by_others || count < OPEN {
            return Err(Error::Other("mailbox: the keyvalue bucket is not shared, or lost the request; it must be one store for all instances".into()));
        }
        Ok((count - OPEN).min(self.mailbox.config.number("max-replies")))
    }

    /// Skips a slot that was given out but stays empty, because its instance was stopped before filling it.
    ///
    /// The slot is skipped when it is found empty for the second time.
    fn look_behind_hole(&mut self) -> Result<(), Error> {
        if self.slots_given()? < self.next {
            return Ok(());
        }
        if self.hole {
            self.advance();
        } else {
            self.hole = true;
        }
        Ok(())
    }

    fn renew_seat(&mut self) -> Result<(), Error> {
        if let Some((key, claimed)) = &mut self.seat {
            let now = monotonic_clock::now();
            if now.saturating_sub(*claimed) > RENEW_AFTER {
                claim(&self.mailbox, key, &self.id)?;
                *claimed = now;
            }
        }
        Ok(())
    }

    // If the store fails here, the seat expires.
    fn leave_seat(&self) {
        if let Some((key, _)) = &self.seat {
            let _ = self.mailbox.delete(key);
        }
    }
}

/// Takes a free seat or an expired one. For an expired one, removes the request that was never closed.
///
/// Two requesters that take a seat at the same moment both get it. Then more than `max-pending` requests wait for a
/// while, but no reply is lost.
fn take_seat(mailbox: &Mailbox, id: &str) -> Result<Option<(String, u64)>, Error> {
    let seats = mailbox.config.number("max-pending");
    if seats == 0 {
        return Ok(None);
    }
    let first = get_random_u64() % seats;
    for probe in 0..seats.min(PROBES) {
        let key = seat_key(mailbox.prefix(), (first + probe) % seats);
        if let Some(stored) = mailbox.get(&key)? {
            match Seat::decode(&stored) {
                Some(seat) if seat.expires >= wall_clock::now().seconds => continue,
                Some(seat) => mailbox.remove(seat.id, 1)?,
                None => {}
            }
        }
        claim(mailbox, &key, id)?;
        return Ok(Some((key, monotonic_clock::now())));
    }
    Err(Error::Other("too many requests are waiting: `max-pending` is reached".into()))
}

fn claim(mailbox: &Mailbox, key: &str, id: &str) -> Result<(), Error> {
    let seat = Seat { id, expires: wall_clock::now().seconds + Seat::LEASE };
    mailbox.set(key, seat.encode().as_bytes())
}
