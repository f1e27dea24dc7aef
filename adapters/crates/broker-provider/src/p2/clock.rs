//! Waits for what happens first: something is ready, or the time is over.

use alloc::vec::Vec;
use core::cell::RefCell;
use imports::{
    clocks::monotonic_clock,
    io::poll::{self, Pollable},
};
use support::InstanceCell;

/// Nanoseconds of the monotonic clock.
pub type Instant = u64;

/// A time that does not come.
pub const NEVER: Instant = Instant::MAX;

/// Nanoseconds in a millisecond.
pub const MILLISECOND: u64 = 1_000_000;

/// Pauses between attempts, in milliseconds: each is twice as long as the one before, up to a longest one.
pub struct Pauses(u64);

impl Pauses {
    const FIRST: u64 = 100;
    const LONGEST: u64 = 2_000;

    pub const fn new() -> Self {
        Self(Self::FIRST)
    }

    /// Returns the next pause.
    pub fn next(&mut self) -> u64 {
        let pause = self.0;
        self.0 = Self::LONGEST.min(2 * pause);
        pause
    }
}

/// The timer of the last wait, with its time. It serves later waits, for it may well end before they do: what a new one
/// costs is more than to look once more when it ends.
static TIMER: InstanceCell<RefCell<Option<(Instant, Pollable)>>> = InstanceCell::new();

pub fn now() -> Instant {
    monotonic_clock::now()
}

/// Returns the time that many milliseconds after `start`; never for none.
pub fn after(start: Instant, bound_ms: Option<u64>) -> Instant {
    bound_ms.map_or(NEVER, |bound| start.saturating_add(bound.saturating_mul(MILLISECOND)))
}

/// Waits until something of `ready` is ready, and returns its index. Returns none if the time comes first. Without a time,
/// one of them must become ready.
pub fn wait(ready: &[&Pollable], until: Instant) -> Option<usize> {
    if until == NEVER {
        return first(&poll::poll(ready), ready.len());
    }
    let mut timer = TIMER.get_or_init(RefCell::default).borrow_mut();
    loop {
        if timer.as_ref().is_none_or(|(at, _)| *at > until) {
            let left = until.saturating_sub(now());
            *timer = Some((until, monotonic_clock::subscribe_duration(left)));
        }
        let Some((at, ends)) = &*timer else { return None };
        let mut all: Vec<&Pollable> = Vec::with_capacity(ready.len() + 1);
        all.extend(ready);
        all.push(ends);
        if let Some(index) = first(&poll::poll(&all), ready.len()) {
            return Some(index);
        }
        let is_over = *at == until;
        *timer = None;
        if is_over {
            return None;
        }
    }
}

fn first(ready: &[u32], count: usize) -> Option<usize> {
    ready.iter().map(|index| *index as usize).find(|index| *index < count)
}
