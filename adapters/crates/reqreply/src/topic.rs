//! Checks topics that come from outside: whether one names a single topic, and whether a pattern allows it.

/// Returns whether `topic` names a single topic: it has no wildcard of NATS (`*`, `>`), MQTT (`#`, `+`) or AMQP (`*`,
/// `#`), no control character, no whitespace, and no empty token.
pub fn is_single(topic: &str) -> bool {
    let mut token = 0;
    for c in topic.chars() {
        match c {
            '.' | '/' if token == 0 => return false,
            '.' | '/' => token = 0,
            '*' | '>' | '#' | '+' => return false,
            // Whitespace and control characters; the last of these is the space that does not break.
            '\0'..=' ' | '\u{7f}'..='\u{a0}' => return false,
            _ => token += 1,
        }
    }
    token > 0
}

/// Returns whether `pattern` matches `topic`, whose tokens are separated by `.` or `/`.
///
/// In a pattern, `*` stands for any number of characters within a token. A `>` at the end stands for the rest of the
/// topic, at least one character. As in MQTT (5.0, section 4.7.2), a pattern that begins with a wildcard does not match
/// a topic that begins with `$`: brokers serve themselves on such topics.
pub fn matches(pattern: &str, topic: &str) -> bool {
    if topic.starts_with('$') && !pattern.starts_with('$') {
        return false;
    }
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
