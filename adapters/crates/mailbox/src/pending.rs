mod closing;

use crate::{Mailbox, seat::Claim};
use alloc::{string::String, vec::Vec};
pub use closing::Closing;
use imports::messaging::types::Error;
use reqreply::mailbox::{CLOSED, Drop, OPEN, counter_key, slot_key, slots_at_close};
use support::Config;

/// Empty polls before the counter is first read. The gaps between reads double, because each is a write to the store.
const POLLS_BEFORE_LOOK: u32 = 16;

/// A reply in its stored form, and its slot.
pub type Stored = (u64, Vec<u8>);

/// A request that waits for replies. [Close](Self::close) it at the end.
pub struct PendingRequest {
    mailbox: Mailbox,
    id: String,
    seat: Option<Claim>,
    /// Slots before `next` that were given out and found empty. They may still be filled.
    holes: Vec<u64>,
    /// The first slot that was not passed yet.
    next: u64,
    /// Whether slots before `next` that are no holes may still hold replies.
    dirty: bool,
    /// The number of empty polls in a row.
    misses: u32,
}

impl PendingRequest {
    /// Opens the mailbox for the request with correlation id `id`, which ends at `deadline`, in nanoseconds of the
    /// monotonic clock.
    ///
    /// Call this before the request is sent, because a reply to a request that is not open is dropped.
    pub fn open(config: &'static Config, id: String, deadline: u64) -> Result<Self, Error> {
        let mailbox = Mailbox::open(config)?;
        let seat = Claim::take(&mailbox, &id, deadline)?;
        let request = Self { mailbox, id, seat, holes: Vec::new(), next: 1, dirty: false, misses: 0 };
        // An increment creates the counter, because only the store knows how it stores a count.
        match request.mailbox.increment(&request.counter(), OPEN) {
            Ok(_) => Ok(request),
            Err(error) => {
                // The store may have failed after it had created the counter. Then only the seat points to it.
                request.leave();
                Err(error)
            }
        }
    }

    /// Returns the next reply; `None` if none has come yet. Replies come in the order of their slots, except for slots
    /// that are filled late.
    ///
    /// Needs at most seven operations of the store.
    pub fn take(&mut self) -> Result<Option<Stored>, Error> {
        if let Some(reply) = self.take_slot(self.next)? {
            self.next += 1;
            self.misses = 0;
            return Ok(Some((self.next - 1, reply)));
        }
        // One hole at each poll, in turn.
        let turn = self.misses as usize % self.holes.len().max(1);
        if let Some(slot) = self.holes.get(turn).copied()
            && let Some(reply) = self.take_slot(slot)?
        {
            self.holes.swap_remove(turn);
            return Ok(Some((slot, reply)));
        }
        if let Some(seat) = &mut self.seat {
            seat.renew(&self.mailbox, &self.id)?;
        }
        self.misses += 1;
        if self.misses >= POLLS_BEFORE_LOOK && self.misses.is_power_of_two() && self.slots_given()? >= self.next {
            // The slot was given out but is empty: its instance is slow, or was stopped.
            self.holes.push(self.next);
            self.next += 1;
            self.misses = 0;
        }
        Ok(None)
    }

    /// Counts a reply that was dropped after it was taken.
    pub fn count(&self, reason: Drop) {
        self.mailbox.count(reason, 1);
    }

    /// Closes the request: later replies are dropped. If the store fails, the seat stays, and whoever takes it over
    /// removes the request.
    pub fn close(&mut self) -> Result<Closing<'_>, Error> {
        match slots_at_close(self.mailbox.increment(&self.counter(), CLOSED)?) {
            Some(given) => Ok(Closing::new(self, given)),
            None => Err(self.removed()),
        }
    }

    fn counter(&self) -> String {
        counter_key(self.mailbox.prefix(), &self.id)
    }

    fn slot(&self, slot: u64) -> String {
        slot_key(self.mailbox.prefix(), &self.id, slot)
    }

    /// Removes the counter and gives the seat back, if there is one. If some slots may still hold replies, or the counter
    /// cannot be removed, keeps the seat, so that whoever takes it later removes them.
    fn leave(&self) {
        match &self.seat {
            // If the store fails in these, the claim expires as it is.
            Some(seat) if self.dirty => _ = seat.keep(&self.mailbox, &self.id),
            seat => {
                if self.mailbox.delete(&self.counter()).is_ok()
                    && let Some(seat) = seat
                {
                    seat.leave(&self.mailbox);
                }
            }
        }
    }

    /// Fails if the other instances cannot see the request.
    fn check(&self) -> Result<(), Error> {
        // Opens the bucket again, because one known store gives each opening a copy, which would never show replies.
        if Mailbox::open(self.mailbox.config)?.exists(&self.counter())? { Ok(()) } else { Err(self.gone()) }
    }

    /// Returns and removes the reply in a slot, if there is one.
    fn take_slot(&mut self, slot: u64) -> Result<Option<Vec<u8>>, Error> {
        let key = self.slot(slot);
        let reply = self.mailbox.get(&key)?;
        // The reply is the guest's even if it cannot be removed.
        self.dirty |= reply.is_some() && self.mailbox.delete(&key).is_err();
        Ok(reply)
    }

    /// Returns how many slots have been given out. Fails if the store has lost the request: waiting would not help.
    fn slots_given(&self) -> Result<u64, Error> {
        self.check()?;
        match self.mailbox.increment(&self.counter(), 0)?.checked_sub(OPEN) {
            Some(given) => Ok(given.min(self.mailbox.slots())),
            None => Err(self.removed()),
        }
    }

    /// Removes the counter that an increment created, because the request was removed. Returns why it was.
    fn removed(&self) -> Error {
        // If the store fails here, a small key stays.
        let _ = self.mailbox.delete(&self.counter());
        self.gone()
    }

    /// Returns why the request is not in the bucket.
    fn gone(&self) -> Error {
        let is_ours = |seat: &Claim| seat.holder(&self.mailbox).is_ok_and(|holder| holder.as_ref() == Some(&self.id));
        Error::Other(String::from(if self.seat.as_ref().is_none_or(is_ours) {
            "mailbox: the keyvalue bucket is not shared, or lost the request; all instances need one store"
        } else {
            "mailbox: the keyvalue bucket lost the request, or another instance took it for dead: clocks five minutes \
             apart, or a `send` of minutes"
        }))
    }
}
