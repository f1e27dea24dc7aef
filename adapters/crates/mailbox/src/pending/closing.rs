use super::{PendingRequest, Stored};
use imports::messaging::types::Error;
use reqreply::mailbox::Drop;

/// The operations of the store on slots that closing may need, two for each slot. A request ends soon after its deadline, so what cannot be
/// removed with these stays, and whoever takes over the seat removes it.
///
/// Five more operations are needed at most: the increment that closes, a count, and three that give the seat back or
/// keep it.
const OPERATIONS: u32 = 8;

/// A closed request. It gets no more slots, but slots that were given out before may hold replies. [Finish](Self::finish)
/// it at the end.
pub struct Closing<'a> {
    request: &'a mut PendingRequest,
    /// The number of slots that were given out.
    given: u64,
    /// The operations that are left.
    left: u32,
    /// The number of replies that were passed: their slots were found empty, or they were refused.
    passed: u64,
}

impl<'a> Closing<'a> {
    pub(super) fn new(request: &'a mut PendingRequest, given: u64) -> Self {
        let given = given.min(request.mailbox.slots());
        Self { request, given, left: OPERATIONS, passed: 0 }
    }

    /// Returns the next reply that came before the request was closed. Replies whose slots are not filled yet are late.
    pub fn take_late(&mut self) -> Result<Option<Stored>, Error> {
        while self.left > 0
            && let Some(slot) = self.next_slot()
        {
            self.left = self.left.saturating_sub(2);
            let taken = self.request.take_slot(slot);
            if let Ok(Some(reply)) = taken {
                return Ok(Some((slot, reply)));
            }
            self.passed += 1;
            self.request.dirty = true;
            taken?;
        }
        Ok(None)
    }

    /// Counts the last reply as dropped.
    pub fn refuse(&mut self) {
        self.passed += 1;
    }

    /// Fails if no slot was given out and the other instances cannot see the request.
    pub fn check(&self) -> Result<(), Error> {
        if self.given == 0 { self.request.check() } else { Ok(()) }
    }

    /// Counts the replies that were not taken, and removes the request.
    pub fn finish(mut self, reason: Drop) {
        let left = self.request.holes.len() as u64 + (self.given + 1).saturating_sub(self.request.next);
        self.request.mailbox.count(reason, self.passed + left);
        // Without seats, nobody comes back for the rest. So the counter goes first, and whoever fills a slot from now on
        // finds it missing and removes the reply.
        let is_last = self.request.seat.is_none();
        if is_last {
            self.request.leave();
        }
        while let Some(slot) = self.next_slot() {
            if self.left == 0 && !is_last {
                self.request.dirty = true;
                break;
            }
            self.left = self.left.saturating_sub(2);
            // A slot that is not filled yet may be filled later, by an instance that is killed then.
            self.request.dirty |= !matches!(self.request.take_slot(slot), Ok(Some(_)));
        }
        if !is_last {
            self.request.leave();
        }
    }

    /// Returns the next slot that was not taken and not found empty by [`Self::take_late`].
    fn next_slot(&mut self) -> Option<u64> {
        if let Some(slot) = self.request.holes.pop() {
            return Some(slot);
        }
        self.request.next += 1;
        Some(self.request.next - 1).filter(|slot| *slot <= self.given)
    }
}
