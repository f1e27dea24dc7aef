//! Bodies: their lengths, and why they are not whole.

use alloc::{string::String, vec::Vec};
use message::parse_decimal;

/// Why a body was not written or read completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The deadline has passed.
    Late,
    /// The body is larger than the limit.
    Large,
    /// The other side broke off.
    Off,
}

/// Lengths that bound a read.
#[derive(Clone, Copy)]
pub struct Length {
    /// The length that the other side announced.
    pub announced: Option<u64>,
    /// The maximum number of bytes.
    pub limit: usize,
}

impl Length {
    /// Returns the lengths of a body with these headers.
    pub fn of(fields: &[(String, Vec<u8>)], limit: usize) -> Self {
        Self { announced: header(fields, "content-length").and_then(parse_decimal), limit }
    }
}

/// Returns the value of a header if it is UTF-8, ignoring the name's case.
pub fn header<'a>(fields: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a str> {
    let field = fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    core::str::from_utf8(&field.1).ok()
}
