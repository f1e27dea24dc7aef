//! Topics and patterns in the syntax of NATS: tokens between dots. In a pattern, `*` stands for one token, and `>` at
//! the end for one or more.
#![no_std]

/// Returns whether a pattern matches a topic. For example, `audit.>` matches `audit.offers`.
pub fn matches(pattern: &str, topic: &str) -> bool {
    let (mut pattern, mut topic) = (pattern.as_bytes(), Some(topic.as_bytes()));
    loop {
        let (wanted, more) = first(pattern);
        let Some(left) = topic else { return false };
        if wanted == b">" && more.is_none() {
            return true;
        }
        let (token, rest) = first(left);
        if wanted != b"*" && wanted != token {
            return false;
        }
        topic = rest;
        match more {
            Some(more) => pattern = more,
            None => return topic.is_none(),
        }
    }
}

/// Splits a text at its first dot: the first token, and the rest if there is a dot.
fn first(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b'.') {
        Some(dot) => (text.get(..dot).unwrap_or_default(), text.get(dot + 1..)),
        None => (text, None),
    }
}
