//! The little of `core::str` and `core::fmt` that is needed here, at a fraction of their size.

use alloc::string::String;

/// The pieces of `text` between bytes `separator`, which is ASCII.
pub fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let (first, after) = cut(rest?, separator);
        rest = after;
        Some(first)
    })
}

/// `text` up to the first byte `separator`, which is ASCII, and what is behind that.
pub fn cut(text: &str, separator: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == separator) {
        Some(at) => (text.get(..at).unwrap_or(text), text.get(at + 1..)),
        None => (text, None),
    }
}

/// All pieces, one behind the other.
pub fn concat(pieces: &[&str]) -> String {
    let mut text = String::new();
    pieces.iter().for_each(|piece| text.push_str(piece));
    text
}
