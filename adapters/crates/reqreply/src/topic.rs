//! Checks topics that come from outside: whether one names a single topic, and whether a pattern allows it.

/// Returns whether `topic` names a single topic: it has no wildcard of NATS (`*`, `>`), MQTT (`#`, `+`) or AMQP (`*`,
/// `#`), and no control character.
pub fn is_single(topic: &str) -> bool {
    !topic.chars().any(|c| matches!(c, '*' | '>' | '#' | '+') || c.is_control())
}

/// Returns whether `pattern` matches `topic`, whose tokens are separated by `.` or `/`.
///
/// In a pattern, `*` stands for any number of characters within a token. A `>` at the end stands for the rest of the
/// topic, at least one character.
pub fn matches(pattern: &str, topic: &str) -> bool {
    let (mut pattern, mut topic) = (pattern.as_bytes(), topic.as_bytes());
    // Where to continue if the last `*` must take one more byte: the pattern after it, and the topic from there.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern, topic) {
            ([b'>'], [_, ..]) | ([], []) => return true,
            ([b'*', after @ ..], _) => {
                retry = Some((after, topic));
                pattern = after;
            }
            ([expected, after @ ..], [byte, left @ ..]) if expected == byte => {
                (pattern, topic) = (after, left);
            }
            _ => match retry {
                Some((after, [byte, left @ ..])) if !matches!(byte, b'.' | b'/') => {
                    retry = Some((after, left));
                    (pattern, topic) = (after, left);
                }
                _ => return false,
            },
        }
    }
}
