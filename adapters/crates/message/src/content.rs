use crate::metadata::Metadata;
use alloc::{rc::Rc, string::String, vec::Vec};

/// The content of a message, without its topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The media type of the data.
    pub content_type: Option<String>,
    /// Keys and values, in order.
    pub metadata: Metadata,
    /// The data.
    pub data: Data,
}

/// Bytes in the pieces in which they arrived. They are copied only if they are needed in one piece. A clone shares them.
#[derive(Debug, Clone, Default)]
pub struct Data(Rc<Vec<Vec<u8>>>);

/// A piece of fewer bytes is appended to the piece before it.
const SMALL: usize = 4096;

impl Data {
    /// Adds a piece at the end. A small one is appended to the last piece, so that a body that arrives byte by byte
    /// does not need a piece for each byte.
    pub fn push(&mut self, piece: Vec<u8>) {
        let pieces = Rc::make_mut(&mut self.0);
        match pieces.last_mut() {
            Some(last) if piece.len() < SMALL => last.extend_from_slice(&piece),
            _ => pieces.push(piece),
        }
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Returns whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// Returns the pieces in order.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// Copies all bytes to one vector.
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.concat()
    }

    /// Returns all bytes as one vector, without a copy if there is only one piece.
    pub fn into_vec(self) -> Vec<u8> {
        match self.into_pieces() {
            Ok(mut pieces) if pieces.len() == 1 => pieces.pop().unwrap_or_default(),
            Ok(pieces) => pieces.concat(),
            Err(shared) => shared.to_vec(),
        }
    }

    /// Returns the pieces in order. If they are shared, returns the data as it is.
    pub fn into_pieces(self) -> Result<Vec<Vec<u8>>, Self> {
        Rc::try_unwrap(self.0).map_err(Self)
    }
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Rc::new(Vec::from([bytes])))
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.to_vec() == other.to_vec()
    }
}

impl Eq for Data {}
