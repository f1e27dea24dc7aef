use crate::Mailbox;
use alloc::{borrow::ToOwned, string::String};
use imports::{
    clocks::{monotonic_clock, wall_clock},
    messaging::types::Error,
    random::random::get_random_u64,
};
use reqreply::mailbox::{CLOSED, Drop, Seat, counter_key, seat_key, slot_key, slots_at_close, was_closed};
use trace::trace;

/// The number of seats that are tried before a request is refused. If there are more seats, a free one may be missed,
/// but this is likely only when nearly all are taken.
const PROBES: u64 = 64;

/// The number of slots that a request may remove for requests that left them. The rest is for later requests.
const REMOVALS: u64 = 64;

/// Nanoseconds after which a waiting requester renews its claim.
const RENEW_AFTER: u64 = Seat::LEASE * 1_000_000_000 / 3;

/// A seat that a request has claimed.
pub struct Claim {
    key: String,
    /// When it was last claimed, in nanoseconds of the monotonic clock.
    since: u64,
}

impl Claim {
    /// Claims a free seat or an expired one for the request `id`. Removes what the last request on the seat left.
    ///
    /// Returns `None` if there is no limit. At `deadline`, in nanoseconds of the monotonic clock, it gives up.
    ///
    /// Two requesters that take a seat at the same moment both get it. Then more than `max-pending` requests wait for a
    /// while, but no reply is lost.
    pub fn take(mailbox: &Mailbox, id: &str, deadline: u64) -> Result<Option<Self>, Error> {
        let seats = mailbox.config.number("max-pending");
        if seats == 0 {
            return Ok(None);
        }
        let first = get_random_u64() % seats;
        let mut removals = REMOVALS;
        let probes = seats.min(PROBES);
        // Closed requests go in the second round. They wait only for slots that nobody has filled yet.
        for probe in 0..2 * probes {
            let key = seat_key(mailbox.prefix(), (first + probe % probes) % seats);
            if let Some(stored) = mailbox.get(&key)?
                && let Some(seat) = Seat::decode(&stored)
            {
                let is_over = seat.expires < wall_clock::now().seconds || (seat.closed.is_some() && probe >= probes);
                // If the store fails for the keys of that request, it may do better for this one's.
                if !is_over || !mailbox.remove_left(&key, &seat, &mut removals, deadline).unwrap_or(false) {
                    if monotonic_clock::now() >= deadline {
                        return Err(Error::Timeout);
                    }
                    continue;
                }
            }
            write(mailbox, &key, id, None)?;
            return Ok(Some(Self { key, since: monotonic_clock::now() }));
        }
        Err(Error::Other("too many requests are waiting (`max-pending`)".into()))
    }

    /// Renews the claim when it is time, unless another request has the seat.
    pub fn renew(&mut self, mailbox: &Mailbox, id: &str) -> Result<(), Error> {
        let now = monotonic_clock::now();
        if now.saturating_sub(self.since) > RENEW_AFTER {
            self.since = now;
            self.rewrite(mailbox, id, None)?;
        }
        Ok(())
    }

    /// Returns the id of the request that has the seat, if any has.
    pub fn holder(&self, mailbox: &Mailbox) -> Result<Option<String>, Error> {
        Ok(mailbox.get(&self.key)?.as_deref().and_then(Seat::decode).map(|seat| seat.id.to_owned()))
    }

    /// Gives the seat back.
    pub fn leave(&self, mailbox: &Mailbox) {
        // If the store fails here, the claim expires.
        let _ = mailbox.delete(&self.key);
    }

    /// Keeps the seat for a closed request, so that whoever takes it later removes what the request left.
    pub fn keep(&self, mailbox: &Mailbox, id: &str) -> Result<(), Error> {
        self.rewrite(mailbox, id, Some(1))
    }

    /// Writes the seat again, unless another request claimed it at the same moment as this one.
    fn rewrite(&self, mailbox: &Mailbox, id: &str, closed: Option<u64>) -> Result<(), Error> {
        if self.holder(mailbox)?.is_none_or(|holder| holder == id) {
            write(mailbox, &self.key, id, closed)?;
        }
        Ok(())
    }
}

fn write(mailbox: &Mailbox, key: &str, id: &str, closed: Option<u64>) -> Result<(), Error> {
    let seat = Seat { id, expires: wall_clock::now().seconds + Seat::LEASE, closed };
    mailbox.set(key, seat.encode().as_bytes())
}

impl Mailbox {
    /// Removes the request that an expired or closed seat names, with at most `removals` slots, until `deadline`. Returns
    /// whether nothing of it is left. If something is, the seat says where to go on.
    fn remove_left(&self, key: &str, seat: &Seat, removals: &mut u64, deadline: u64) -> Result<bool, Error> {
        let counter = counter_key(self.prefix(), seat.id);
        // Checked first, because an increment would create the counter.
        if !self.exists(&counter)? {
            return Ok(true);
        }
        let count = self.increment(&counter, CLOSED)?;
        let given = slots_at_close(count).unwrap_or(0).min(self.slots());
        trace!("removes what a request left, correlation=", seat.id, " slots=", given);
        let (mut slot, mut dropped) = (seat.closed.unwrap_or(1), 0);
        while slot <= given && *removals > 0 && monotonic_clock::now() < deadline {
            dropped += u64::from(self.remove(&slot_key(self.prefix(), seat.id, slot))?);
            slot += 1;
            *removals -= 1;
        }
        // Else whoever closed it has counted them.
        if !was_closed(count) {
            self.count(Drop::Unknown, dropped);
        }
        if slot <= given {
            self.set(key, Seat { closed: Some(slot), ..*seat }.encode().as_bytes())?;
            return Ok(false);
        }
        self.delete(&counter)?;
        Ok(true)
    }
}
