//! What is being handled: a stack, because handlers call and are called one within another.

use crate::handles::STATE;
use alloc::{string::String, vec::Vec};
use message::Content;

/// The topic that failures are sent to.
pub const FAILED: &str = "$failed";

/// The topic that a request names for replies.
pub const REPLIES: &str = "$replies";

/// Which request a message is of, by the number of that.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sink(pub u32);

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
        STATE.frames.borrow_mut().push(self);
    }

    /// Ends that which was begun last.
    pub fn pop() -> Self {
        STATE.frames.borrow_mut().pop().unwrap_or_default()
    }
}

/// The next request.
pub fn next_sink() -> Sink {
    let next = STATE.requests.get().wrapping_add(1);
    STATE.requests.set(next);
    Sink(next)
}
