//! Topics in paths: reads a topic from the path of a request, and finds what a path would take for a relative step.

use crate::percent;
use alloc::string::String;

/// The result of reading a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// The path is not below the prefix.
    Outside,
    /// The path is below the prefix, but cannot be decoded.
    Undecodable,
    /// The path names this topic; an empty text means no topic.
    Topic(String),
}

/// Reads the topic from a path with an optional query. `prefix` begins and ends with a slash.
pub fn of_path(path: &str, prefix: &str) -> Place {
    let end = path.bytes().position(|byte| byte == b'?').unwrap_or(path.len());
    let path = path.get(..end).unwrap_or_default();
    let rest = match path.strip_prefix(prefix) {
        Some(rest) => rest,
        // The prefix itself, without its last slash.
        None if prefix.strip_suffix('/') == Some(path) => "",
        None => return Place::Outside,
    };
    percent::decode(rest).map_or(Place::Undecodable, Place::Topic)
}

/// Returns whether `text` has a segment `.` or `..` between slashes.
///
/// A URL takes such a segment for a relative step. That holds for `a/../b` too, although its slashes are percent-encoded:
/// some servers decode the path first. Some also take a backslash for a slash.
pub fn has_dot_segment(text: &str) -> bool {
    text.as_bytes().split(|byte| matches!(byte, b'/' | b'\\')).any(|segment| matches!(segment, b"." | b".."))
}
