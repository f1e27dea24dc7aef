//! The table of messages. A message's number is its index in the table, tagged with a bit that no handle has.

use crate::local::Local;
use alloc::{boxed::Box, string::String, vec::Vec};
use core::cell::RefCell;
use message::Content;

/// The bit that tags numbers. Handles are below 2^28 on every host. jco sometimes passes numbers in place of handles,
/// and uses 2^30 itself. `docs/link.md` explains this.
pub const MARK: u32 = 1 << 29;

/// All messages that a component has a handle to.
pub static MESSAGES: Local<RefCell<Table>> = Local(RefCell::new(Table::new()));

/// The number of a request. Its replies go there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sink(pub u32);

/// A message.
#[derive(Default)]
pub struct Message {
    /// Content type, metadata and data.
    pub content: Content,
    /// The topic, for a message that is being handled.
    pub topic: Option<String>,
    /// The request that this message is, for its replies.
    pub sink: Option<Sink>,
    /// Whether the metadata of a request are still missing. They are added when metadata are first read.
    pub unsaid: bool,
}

impl From<Content> for Message {
    fn from(content: Content) -> Self {
        Self { content, ..Self::default() }
    }
}

/// Messages by index, and the free indexes.
pub struct Table {
    places: Vec<Option<Box<Message>>>,
    free: Vec<u32>,
}

impl Table {
    /// Returns a table without messages.
    pub const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    /// Adds a message, and returns its number.
    pub fn insert(&mut self, message: Box<Message>) -> u32 {
        match self.free.pop() {
            Some(place) => {
                if let Some(free) = self.places.get_mut(place as usize) {
                    *free = Some(message);
                }
                place | MARK
            }
            None => {
                self.places.push(Some(message));
                (self.places.len() - 1) as u32 | MARK
            }
        }
    }

    /// Returns the message with this number.
    pub fn get(&mut self, number: u32) -> Option<&mut Message> {
        self.places.get_mut((number & !MARK) as usize)?.as_deref_mut()
    }

    /// Takes a message out. Its number stays in use until it is [freed](Self::free).
    pub fn take(&mut self, number: u32) -> Option<Box<Message>> {
        self.places.get_mut((number & !MARK) as usize)?.take()
    }

    /// Frees a number for reuse.
    pub fn free(&mut self, number: u32) {
        self.take(number);
        self.free.push(number & !MARK);
    }
}
