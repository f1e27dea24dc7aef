use crate::metadata::Metadata;
use alloc::{string::String, vec::Vec};

/// What travels in a message, wherever it goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The media type of the data.
    pub content_type: Option<String>,
    /// Keys and values, in order.
    pub metadata: Metadata,
    /// The data.
    pub data: Data,
}

/// Bytes in the pieces in which they came, so that they are not copied before somebody wants them in one.
#[derive(Debug, Clone, Default)]
pub struct Data(Vec<Vec<u8>>);

/// Bytes of a piece that is worth a place of its own.
const SMALL: usize = 4096;

impl Data {
    /// Adds a piece at the end. A small one goes into the last, so that a body that comes byte by byte takes no more
    /// memory than it has bytes.
    pub fn push(&mut self, piece: Vec<u8>) {
        match self.0.last_mut() {
            Some(last) if piece.len() < SMALL => last.extend_from_slice(&piece),
            _ => self.0.push(piece),
        }
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// The pieces.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// All of them in one new piece.
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.concat()
    }

    /// All of them in one piece; none is copied if there is but one.
    pub fn into_vec(mut self) -> Vec<u8> {
        if self.0.len() == 1 { self.0.pop().unwrap_or_default() } else { self.to_vec() }
    }
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Vec::from([bytes]))
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.to_vec() == other.to_vec()
    }
}

impl Eq for Data {}
