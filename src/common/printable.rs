//! Text from outside, such as names in a component, made safe to show: nothing in it moves the cursor of a terminal, begins
//! a line, or turns the direction of what follows.

use std::borrow::Cow;

/// Returns a name, or another text of one line, with characters escaped that would not be seen: `\n`, `\u{202e}`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden, |c| c.escape_default().to_string())
}

/// Returns a text of several lines in the same way. Line breaks and tabs stay.
#[cfg(feature = "cli")]
#[must_use]
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_hidden(c) && c != '\n' && c != '\t', |c| c.escape_default().to_string())
}

/// Returns JSON in the same way, with the escapes of JSON. It stays the same data.
#[cfg(feature = "cli")]
#[must_use]
pub fn printable_json(json: &str) -> Cow<'_, str> {
    // White space between values is the only thing that is hidden and stands outside of a string.
    escaped(
        json,
        |c| is_hidden(c) && !"\n\r\t".contains(c),
        |c| {
            let units: Vec<_> = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
            units.concat()
        },
    )
}

fn escaped(text: &str, is_hidden: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&is_hidden) {
        return text.into();
    }
    text.chars().map(|c| if is_hidden(c) { escape(c) } else { c.into() }).collect::<String>().into()
}

/// Returns whether a character does something other than being seen: control characters, separators of lines, marks of
/// direction, and others without a width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_be_seen_is_escaped() {
        let text = "a\u{1b}]0;x\u{7}\n\r\u{9b}2J \u{202e}b\u{2066}\t`é \u{1f980}";
        assert_eq!(printable(text), "a\\u{1b}]0;x\\u{7}\\n\\r\\u{9b}2J \\u{202e}b\\u{2066}\\t`é \u{1f980}");
        assert_eq!(printable_lines(text), "a\\u{1b}]0;x\\u{7}\n\\r\\u{9b}2J \\u{202e}b\\u{2066}\t`é \u{1f980}");
        assert!(matches!(printable("wasi:messaging/types@0.2.0"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_the_same_data() {
        let text = "a\u{1b}\u{7f}\u{9b}\n\u{202e}\u{2028}\u{e0041}é";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let shown = printable_json(&json);
        assert!(!shown.chars().any(|c| is_hidden(c) && c != '\n'), "{shown}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), [text]);
    }
}
