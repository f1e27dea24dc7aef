//! The topic of what comes in by a path, and which topics can go out as one.

use crate::percent;
use alloc::string::String;

/// What a path says.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// It is not under the prefix.
    Outside,
    /// It is, but cannot be decoded.
    Undecodable,
    /// It is, and names this topic; an empty one is none.
    Topic(String),
}

/// Reads the topic off a path with query. `prefix` begins and ends with a slash.
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

/// Whether a topic can be put into a URL as it is meant: one of dots alone would be taken for a step in the path.
pub fn can_be_sent(topic: &str) -> bool {
    !matches!(topic, "" | "." | "..")
}
