//! Texts from outside: topics, patterns, and what errors quote.

use alloc::string::String;

/// The maximum number of characters that an error quotes.
const QUOTED: usize = 200;

/// Returns a text for people: `quoted` between two others, cut, and without control characters.
pub fn about(before: &str, quoted: &str, after: &str) -> String {
    let mut text = String::from(before);
    text.extend(quoted.chars().take(QUOTED).map(|c| if c.is_control() { ' ' } else { c }));
    text.push_str(after);
    text
}

/// Returns why nothing can be sent to a topic; none if something can. For patterns of subscriptions, returns why a pattern
/// is none.
pub fn fault(topic: &str, is_pattern: bool) -> Option<&'static str> {
    if topic.is_empty() {
        return Some("` is empty");
    }
    if !is_word(topic) {
        return Some("` has white space or a control character");
    }
    let mut is_at_end = false;
    for token in topic.split('.') {
        if token.is_empty() {
            return Some("` has an empty token");
        }
        let is_rest = token == ">";
        if is_at_end || (is_rest || token == "*") && !is_pattern {
            return Some("` has a wildcard");
        }
        is_at_end = is_rest;
    }
    None
}

/// Returns whether a text can be an argument of an operation.
pub fn is_word(text: &str) -> bool {
    !text.bytes().any(|byte| byte == b' ' || byte.is_ascii_control())
}

/// Returns whether `text` has `part`, in any case.
pub fn has(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Returns what is behind `start`, which may be in any case.
pub fn after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (found, rest) = text.split_at_checked(start.len())?;
    found.eq_ignore_ascii_case(start).then_some(rest)
}

/// Returns what a text has in quotation marks. A backslash stands before those that do not end it.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    let mut rest = text.chars().skip_while(|c| *c != '"').skip(1);
    while let Some(c) = rest.next().filter(|c| *c != '"') {
        quoted.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    quoted
}
