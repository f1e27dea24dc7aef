//! The messages that are being handled. In the sync bus they are a call stack, because handlers call one another. In the
//! async bus many are handled at once, and each has the number of its call.

#[cfg(feature = "async")]
use crate::bindings::bus::Published;
use crate::{
    bindings::{
        bus::{Asked, Asking, Delivery, Publishing},
        exports::wasi::messaging::types::Message as Handle,
    },
    local::Local,
    table::Sink,
};
use alloc::{string::String, vec::Vec};
use core::cell::{Cell, RefCell};
use message::Content;

/// The topic that failures are sent to.
pub const FAILED: &str = "$failed";

/// The reply topic of all requests.
pub const REPLIES: &str = "$replies";

/// The messages that are being handled, in the order in which they were begun.
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
    /// The message that the only reply fills, if no more than one is wanted.
    pub slot: Option<u32>,
    /// Whether it is filled.
    pub is_filled: bool,
    /// The other replies, in the order in which they came.
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
    /// The number of the call.
    #[cfg(feature = "async")]
    pub number: u32,
}

#[cfg(not(feature = "async"))]
impl Frame {
    /// Puts the frame on the stack.
    pub fn push(self) -> Call {
        FRAMES.borrow_mut().push(self);
        Call
    }

    /// Takes the last frame off the stack.
    pub fn pop() -> Self {
        FRAMES.borrow_mut().pop().unwrap_or_default()
    }
}

/// A message that is being handled: the last of the stack.
#[cfg(not(feature = "async"))]
pub struct Call;

#[cfg(not(feature = "async"))]
impl Call {
    /// Takes the frame off the stack.
    #[inline(always)]
    pub fn end(self) -> Frame {
        Frame::pop()
    }

    /// What the dispatcher must do with a request.
    #[inline(always)]
    pub fn asking(self, delivery: Delivery, reply: Option<Handle>) -> Asking {
        Asking::Handler(Asked { delivery, reply })
    }

    /// What the dispatcher must do with a sent message.
    #[inline(always)]
    pub fn publishing(self, deliveries: Vec<Delivery>) -> Publishing {
        Publishing::Handlers(deliveries)
    }
}

/// The number of the call in which a message is handled.
#[cfg(feature = "async")]
pub struct Call(pub u32);

#[cfg(feature = "async")]
impl Frame {
    /// Gives the frame a number, and keeps it.
    pub fn push(mut self) -> Call {
        static CALLS: Local<Cell<u32>> = Local(Cell::new(0));
        let number = CALLS.get();
        CALLS.set(number.wrapping_add(1));
        self.number = number;
        FRAMES.borrow_mut().push(self);
        Call(number)
    }
}

#[cfg(feature = "async")]
impl Call {
    /// Takes the frame out.
    pub fn end(self) -> Frame {
        let mut frames = FRAMES.borrow_mut();
        let place = frames.iter().position(|frame| frame.number == self.0);
        place.map(|place| frames.swap_remove(place)).unwrap_or_default()
    }

    /// What the dispatcher must do with a request.
    pub fn asking(self, delivery: Delivery, reply: Option<Handle>) -> Asking {
        Asking::Handler(Asked { call: self.0, delivery, reply })
    }

    /// What the dispatcher must do with a sent message.
    pub fn publishing(self, deliveries: Vec<Delivery>) -> Publishing {
        Publishing::Handlers(Published { call: self.0, deliveries })
    }
}

/// Returns the number for a new request.
pub fn next_sink() -> Sink {
    let next = REQUESTS.get().wrapping_add(1);
    REQUESTS.set(next);
    Sink(next)
}
