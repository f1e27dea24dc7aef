//! Messages by number. A number is a place in the table, and has a mark that no handle has.

use crate::local::Local;
use alloc::{boxed::Box, string::String, vec::Vec};
use core::cell::RefCell;
use message::Content;

/// The mark. Handles are below 2^28 on every host; jco, which gives numbers in the place of handles, keeps 2^30 for
/// itself. `docs/link.md` has the whole story.
pub const MARK: u32 = 1 << 29;

/// All messages that somebody has.
pub static MESSAGES: Local<RefCell<Table>> = Local(RefCell::new(Table::new()));

/// The request that a message belongs to, by its number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sink(pub u32);

/// A message.
#[derive(Default)]
pub struct Message {
    /// What travels.
    pub content: Content,
    /// For one that is being handled, where it was sent.
    pub topic: Option<String>,
    /// Where replies to it go.
    pub sink: Option<Sink>,
    /// The metadata that a request carries is made when somebody looks.
    pub unsaid: bool,
}

impl From<Content> for Message {
    fn from(content: Content) -> Self {
        Self { content, ..Self::default() }
    }
}

/// Messages, and the numbers that are free.
pub struct Table {
    places: Vec<Option<Box<Message>>>,
    free: Vec<u32>,
}

impl Table {
    /// A table without messages.
    pub const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    /// Gives a message a number.
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

    /// The message of this number.
    pub fn get(&mut self, number: u32) -> Option<&mut Message> {
        self.places.get_mut((number & !MARK) as usize)?.as_deref_mut()
    }

    /// Takes the message out. Its number is not given to another before it is [freed](Self::free).
    pub fn take(&mut self, number: u32) -> Option<Box<Message>> {
        self.places.get_mut((number & !MARK) as usize)?.take()
    }

    /// Gives the number up.
    pub fn free(&mut self, number: u32) {
        self.take(number);
        self.free.push(number & !MARK);
    }
}
