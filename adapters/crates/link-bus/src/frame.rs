//! What is being handled: a stack, because handlers call and are called one within another.

use crate::{local::Local, table::Sink};
use alloc::{string::String, vec::Vec};
use core::cell::{Cell, RefCell};
use message::Content;

/// The topic that failures are sent to.
pub const FAILED: &str = "$failed";

/// The topic that a request names for replies.
pub const REPLIES: &str = "$replies";

/// What is being handled, the outermost first.
pub static FRAMES: Local<RefCell<Vec<Frame>>> = Local(RefCell::new(Vec::new()));

/// How many requests there have been.
static REQUESTS: Local<Cell<u32>> = Local(Cell::new(0));

/// One request or one publishing.
#[derive(Default)]
pub struct Frame {
    /// None for a publishing, which takes no replies.
    pub sink: Option<Sink>,
    /// The most replies that are kept.
    pub wanted: usize,
    /// In the order in which they came.
    pub replies: Vec<Content>,
    /// Bytes of these.
    pub bytes: usize,
    /// Who handles it; for a publishing the failures name them.
    pub handler: u32,
    /// How many handlers who began it reaches.
    pub reach: u32,
    /// Where it went; empty where nobody would ask.
    pub topic: String,
    /// A copy of what is handled, for those who handle failures, if there are such.
    pub kept: Option<Content>,
}

impl Frame {
    /// Begins it.
    pub fn push(self) {
        FRAMES.borrow_mut().push(self);
    }

    /// Ends that which was begun last.
    pub fn pop() -> Self {
        FRAMES.borrow_mut().pop().unwrap_or_default()
    }
}

/// The next request.
pub fn next_sink() -> Sink {
    let next = REQUESTS.get().wrapping_add(1);
    REQUESTS.set(next);
    Sink(next)
}
