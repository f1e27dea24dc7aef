//! The lines in which the server speaks, from bytes that come in pieces of any size.

use crate::text::about;
use alloc::{string::String, vec::Vec};
use broker::Error;

/// The maximum number of bytes of a line with its end. The server's own limit is 4096 by default, but its INFO lists all
/// servers of a cluster.
const MAX_LINE: usize = 65536;

/// Moves bytes to `line`, up to the end of the line. Returns whether the end has come.
pub fn take(bytes: &mut &[u8], line: &mut Vec<u8>) -> Result<bool, Error> {
    let end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    let (piece, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len())).unwrap_or_default();
    if piece.len() > MAX_LINE.saturating_sub(line.len()) {
        return Err(foreign("a line without an end"));
    }
    line.extend_from_slice(piece);
    *bytes = rest;
    Ok(end.is_some())
}

/// Returns a line as text, and whether it is UTF-8. If it is not, all bytes that are not ASCII become `?`.
pub fn to_text(line: Vec<u8>) -> (String, bool) {
    match String::from_utf8(line) {
        Ok(text) => (text, true),
        Err(error) => {
            let bytes = error.into_bytes();
            let text = bytes.iter().map(|byte| char::from(if byte.is_ascii() { *byte } else { b'?' })).collect();
            (text, false)
        }
    }
}

/// Returns the error for what NATS servers do not say.
pub fn foreign(said: &str) -> Error {
    Error::Connection(about("the server does not speak the protocol of NATS: `", said.trim_ascii(), "`"))
}
