//! The little of `core::str` and `core::fmt` that is needed here, at a fraction of their size in a component.

/// A byte that no text holds: a text split by it stays in one piece.
pub const NOTHING: u8 = 0xff;

/// The pieces of `text` between bytes `separator`, which must be ASCII or [`NOTHING`].
pub fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let text = rest?;
        let (first, after) = cut(text, separator);
        rest = (first.len() < text.len()).then_some(after);
        Some(first)
    })
}

/// `text` up to the first byte `separator`, which must be ASCII or [`NOTHING`], and the text behind that byte.
pub fn cut(text: &str, separator: u8) -> (&str, &str) {
    let at = text.bytes().position(|byte| byte == separator).unwrap_or(text.len());
    (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or(""))
}

/// `text` without white space around it, in one pass.
pub fn trim(text: &str) -> &str {
    let (mut start, mut end) = (text.len(), text.len());
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        start = start.min(at);
        end = at + c.len_utf8();
    }
    text.get(start..end).unwrap_or("")
}
