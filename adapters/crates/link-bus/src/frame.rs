//! The call stack of messages that are being handled. It is a stack because handlers call one another.

use crate::{local::Local, table::Sink};
use alloc::{string::String, vec::Vec};
use core::cell::{Cell, RefCell};
use message::Content;

/// The topic that failures are sent to.
pub const FAILED: &str = "$failed";

/// The reply topic of all requests.
pub const REPLIES: &str = "$replies";

/// The messages that are being handled, the outermost first.
pub static FRAMES: Local<RefCell<Vec<Frame>>> = Local(RefCell::new(Vec::new()));

/// The number of requests so far.
static REQUESTS: Local<Cell<u32>> = Local(Cell::new(0));

/// A request, or a message that was sent, while handlers work on it.
#[derive(Default)]
pub struct Frame {
    /// The request that replies belong to; `None` for a sent message, which takes none.
    pub sink: Option<Sink>,
    /// The maximum number of replies that are kept.
    pub wanted: usize,
    /// The replies, in the order in which they came.
    pub replies: Vec<Content>,
    /// The number of bytes in `replies`, data and metadata.
    pub bytes: usize,
    /// The handler of a request. Unused for a sent message, where each failure names its handler.
    pub handler: u32,
    /// How many handlers the sender reaches.
    pub reach: u32,
    /// The topic of the message; may be empty if `kept` is `None`.
    pub topic: String,
    /// A copy of the message for the handler of `$failed`, if there is one.
    pub kept: Option<Content>,
}

impl Frame {
    /// Puts the frame on the stack.
    pub fn push(self) {
        FRAMES.borrow_mut().push(self);
    }

    /// Takes the last frame off the stack.
    pub fn pop() -> Self {
        FRAMES.borrow_mut().pop().unwrap_or_default()
    }
}

/// Returns the number for a new request.
pub fn next_sink() -> Sink {
    let next = REQUESTS.get().wrapping_add(1);
    REQUESTS.set(next);
    Sink(next)
}
