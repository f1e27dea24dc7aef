//! Lines on standard error, for whoever runs the program: what went wrong where nobody waits for an error.

use crate::{bindings::wasi::cli::stderr::get_stderr, protocol};
use alloc::{string::String, vec::Vec};

/// The maximum number of bytes that a host takes in one call.
const PIECE: usize = 4096;

/// Writes a line that begins with the adapter's name. Errors of writing are ignored.
pub fn say(pieces: &[&str]) {
    let mut line = String::from(protocol::ADAPTER);
    line.push_str(": ");
    for piece in pieces {
        // Topics and texts come from outside, and must not look like further lines.
        line.extend(piece.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }));
    }
    line.push('\n');
    let bytes: Vec<u8> = line.into_bytes();
    let stderr = get_stderr();
    for piece in bytes.chunks(PIECE) {
        if stderr.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
}
