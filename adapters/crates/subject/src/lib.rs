//! Topics as NATS names them: tokens separated by dots; in a pattern `*` stands for one token and a last `>` for the
//! rest.
#![no_std]

/// Whether a pattern admits a topic.
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

/// The first token, and what is behind the dot that follows it.
fn first(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b'.') {
        Some(dot) => (text.get(..dot).unwrap_or_default(), text.get(dot + 1..)),
        None => (text, None),
    }
}
