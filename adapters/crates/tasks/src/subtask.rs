//! Calls of imported async functions.

use crate::task::Waiting;
use alloc::boxed::Box;
use core::{future::poll_fn, mem, task::Poll};

#[link(wasm_import_module = "$root")]
unsafe extern "C" {
    #[link_name = "[subtask-drop]"]
    fn drop_subtask(subtask: u32);
    #[link_name = "[subtask-cancel]"]
    fn cancel(subtask: u32) -> u32;
}

/// The states of a subtask ("Canonical ABI", `Subtask.State`).
const STARTING: u32 = 0;
const RETURNED: u32 = 2;
const CANCELLED_BEFORE_STARTED: u32 = 3;

/// How a call that was given up has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It has not begun, so its parameters are still the caller's.
    NotBegun,
    /// It has begun, and has no result.
    Cancelled,
    /// It has returned, so its result is the caller's.
    Returned,
}

/// A call that may not have returned yet. If it is dropped before, it is cancelled.
#[derive(Debug)]
pub struct Subtask {
    /// 0 if the call returned at once.
    handle: u32,
    state: u32,
    waiting: Waiting,
}

impl Subtask {
    /// Takes what the import returned.
    pub fn new(packed: u32) -> Self {
        Self { handle: packed >> 4, state: packed & 15, waiting: Waiting::default() }
    }

    /// Waits until the call has returned. Its result is then in memory, and is the caller's.
    pub async fn returned(&mut self) {
        poll_fn(|_| {
            while self.state != RETURNED {
                let Some(state) = self.waiting.event(self.handle) else { return Poll::Pending };
                self.state = state;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Gives the call up, unless it has returned.
    fn give_up(&mut self) -> Outcome {
        let last = Waiting::last(self.handle).unwrap_or(self.state);
        self.state = if last == RETURNED || self.handle == 0 {
            RETURNED
        } else {
            // SAFETY: the subtask is this call's, and has not ended.
            unsafe { cancel(self.handle) }
        };
        match self.state {
            RETURNED => Outcome::Returned,
            STARTING | CANCELLED_BEFORE_STARTED => Outcome::NotBegun,
            _ => Outcome::Cancelled,
        }
    }
}

impl Drop for Subtask {
    fn drop(&mut self) {
        if self.handle == 0 {
            return;
        }
        if self.state < RETURNED {
            self.give_up();
        }
        // SAFETY: the subtask is this call's, and has ended.
        unsafe { drop_subtask(self.handle) };
    }
}

/// Memory that the engine writes to. Nothing but its address refers to it meanwhile.
#[derive(Debug)]
pub struct Place<M>(*mut M);

impl<M> Place<M> {
    /// Takes memory.
    pub fn new(memory: M) -> Self {
        Self(Box::into_raw(Box::new(memory)))
    }

    /// Returns the address.
    pub fn address(&self) -> *mut M {
        self.0
    }

    /// Returns what is there. The engine must not write to it any more.
    pub fn memory(&self) -> &M {
        // SAFETY: the box is alive, and nobody else refers to it.
        unsafe { &*self.0 }
    }
}

impl<M> Drop for Place<M> {
    fn drop(&mut self) {
        // SAFETY: `new` made the box.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

/// A call with a result.
struct Call<M, R, L: Fn(&M) -> R, B: FnOnce()> {
    subtask: Subtask,
    place: Place<M>,
    lift: L,
    give_back: Option<B>,
}

impl<M, R, L: Fn(&M) -> R, B: FnOnce()> Drop for Call<M, R, L, B> {
    fn drop(&mut self) {
        if let Some(give_back) = mem::take(&mut self.give_back) {
            match self.subtask.give_up() {
                Outcome::Returned => drop((self.lift)(self.place.memory())),
                Outcome::NotBegun => give_back(),
                Outcome::Cancelled => {}
            }
        }
    }
}

/// Calls an imported async function, and waits for its result. If this is dropped, the call is cancelled.
///
/// `start` starts the call with an address for the result. `lift` takes what is there then, once. `give_back` drops the
/// parameters, if the call was cancelled before it has begun.
pub async fn call<M, R>(
    memory: M,
    start: impl FnOnce(*mut M) -> u32,
    lift: impl Fn(&M) -> R,
    give_back: impl FnOnce(),
) -> R {
    let place = Place::new(memory);
    let subtask = Subtask::new(start(place.address()));
    let mut call = Call { subtask, place, lift, give_back: Some(give_back) };
    call.subtask.returned().await;
    call.give_back = None;
    (call.lift)(call.place.memory())
}
