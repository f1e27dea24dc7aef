//! Topics that come from outside: which are a single place, and which an allow-list admits.

/// Whether `topic` names one place: no wildcard of NATS (`*`, `>`), MQTT (`#`, `+`) or AMQP (`*`, `#`), and no control
/// character.
pub fn is_single(topic: &str) -> bool {
    !topic.chars().any(|c| matches!(c, '*' | '>' | '#' | '+') || c.is_control())
}

/// Whether `pattern` admits `topic`. A topic is tokens separated by `.` or `/`; in a pattern `*` stands for any run of
/// characters within a token, and a last `>` for one or more tokens, or the rest of one.
pub fn matches(pattern: &str, topic: &str) -> bool {
    let (mut pattern, mut topic) = (pattern.as_bytes(), topic.as_bytes());
    // Where to go on when the last `*` must take one byte more: the pattern behind it, and the topic from there.
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
