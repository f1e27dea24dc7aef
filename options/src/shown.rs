//! A character as a complaint shows it: in quotes, and by its number where it could not be seen.

use alloc::string::String;

/// Puts a character behind `text` as `{:?}` writes it, but for what would take Unicode's tables to know: see the test.
pub fn push_shown(text: &mut String, c: char, itself: &str) {
    text.push_str("'");
    let escape = "\0\t\n\r\\'".bytes().position(|byte| char::from(byte) == c);
    if let Some(at) = escape {
        text.push_str("\\");
        text.push_str("0tnr\\'".get(at..at + 1).unwrap_or(""));
    } else if is_invisible(c) {
        text.push_str("\\u{");
        push_hexadecimal(text, u32::from(c) as usize);
        text.push_str("}");
    } else {
        text.push_str(itself);
    }
    text.push_str("'");
}

/// Control characters, all white space but the space itself, and characters that only say how others are shown.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || c != ' ' && c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn push_hexadecimal(text: &mut String, number: usize) {
    if number > 15 {
        push_hexadecimal(text, number / 16);
    }
    let digit = number % 16;
    text.push_str("0123456789abcdef".get(digit..digit + 1).unwrap_or(""));
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn shown(c: char) -> String {
        let mut text = String::new();
        push_shown(&mut text, c, c.encode_utf8(&mut [0; 4]));
        text
    }

    #[test]
    fn a_character_is_shown_as_rust_shows_it_or_as_it_is() {
        for c in '\0'..=char::MAX {
            let (debug, plain) = (format!("{c:?}"), format!("'{c}'"));
            let shown = shown(c);
            assert!(shown == debug || shown == plain, "{shown}, not {debug}");
            // Beyond these are marks that combine with the quote, and characters that no Unicode has yet.
            if c < '\u{300}' || c.is_whitespace() || c.is_control() {
                assert_eq!(shown, debug);
            }
        }
        assert_eq!(shown('\u{200b}'), "'\\u{200b}'");
    }
}
