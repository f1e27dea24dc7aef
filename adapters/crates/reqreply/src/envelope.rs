//! The format of a message in the mailbox.
//!
//! ```text
//! 01                                  version
//! 00 | 01 length text                 content type, if any
//! count { length key length value }   metadata
//! data                                to the end
//! ```
//!
//! Lengths and counts are 32-bit little-endian numbers of bytes and pairs; texts are UTF-8.

use alloc::{string::String, vec::Vec};

const VERSION: u8 = 1;

/// A decoded message. The data is a slice of the input.
#[derive(Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The media type of the data.
    pub content_type: Option<String>,
    /// Keys and values, in order.
    pub metadata: Vec<(String, String)>,
    /// The message's data.
    pub data: &'a [u8],
}

/// Encodes a message.
pub fn encode(content_type: Option<&str>, metadata: &[(String, String)], data: &[u8]) -> Vec<u8> {
    let texts: usize = metadata.iter().map(|(key, value)| 8 + key.len() + value.len()).sum();
    let mut bytes = Vec::with_capacity(10 + content_type.map_or(0, str::len) + texts + data.len());
    bytes.push(VERSION);
    bytes.push(u8::from(content_type.is_some()));
    if let Some(content_type) = content_type {
        push_text(&mut bytes, content_type);
    }
    push_length(&mut bytes, metadata.len());
    for (key, value) in metadata {
        push_text(&mut bytes, key);
        push_text(&mut bytes, value);
    }
    bytes.extend_from_slice(data);
    bytes
}

/// Decodes a message. Returns `None` if the bytes are in another format. Never reads or allocates more than the bytes
/// hold.
pub fn decode(bytes: &[u8]) -> Option<Envelope<'_>> {
    let mut rest = bytes;
    if take(&mut rest, 1)? != [VERSION] {
        return None;
    }
    let content_type = match take(&mut rest, 1)? {
        [0] => None,
        [1] => Some(take_text(&mut rest)?),
        _ => return None,
    };
    let pairs = take_length(&mut rest)?;
    let mut metadata = Vec::new();
    for _ in 0..pairs {
        metadata.push((take_text(&mut rest)?, take_text(&mut rest)?));
    }
    Some(Envelope { content_type, metadata, data: rest })
}

// The length always fits, because a 32-bit component cannot hold a longer text.
fn push_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_length(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let bytes = take(rest, 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = take_length(rest)?;
    String::from_utf8(take(rest, length)?.into()).ok()
}
