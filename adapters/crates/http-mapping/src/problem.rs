//! Problems, which tell a client why its request failed (RFC 9457, "Problem Details for HTTP APIs").

use alloc::{string::String, vec::Vec};

/// The members of a problem.
#[derive(Debug, Default)]
pub struct Problem<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, in words.
    pub title: &'a str,
    /// This occurrence, in words; empty for none.
    pub detail: &'a str,
    /// Further members, with numbers as values.
    pub counts: &'a [(&'a str, u64)],
}

impl Problem<'_> {
    /// Returns the problem as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::from(*b"{\"title\":");
        json::write_string(self.title, &mut out);
        let mut number = |name: &str, value: u64| {
            out.push(b',');
            json::write_string(name, &mut out);
            out.push(b':');
            out.extend_from_slice(message::decimal(value).as_bytes());
        };
        number("status", u64::from(self.status));
        self.counts.iter().for_each(|(name, count)| number(name, *count));
        if !self.detail.is_empty() {
            out.extend_from_slice(b",\"detail\":");
            json::write_string(self.detail, &mut out);
        }
        out.push(b'}');
        out
    }
}

/// Returns the first 200 bytes of a text body for an error message, on one line and cut between characters.
pub fn excerpt(body: &[u8]) -> String {
    const BYTES: usize = 200;

    let start = body.get(..BYTES).unwrap_or(body);
    let text = match core::str::from_utf8(start) {
        Ok(text) => text,
        // Either the cut is within a character, or the body is not text from there on.
        Err(error) => start.get(..error.valid_up_to()).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or(""),
    };
    text.trim_ascii().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
