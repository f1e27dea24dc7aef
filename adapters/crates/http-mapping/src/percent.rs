//! Percent-encoding (RFC 3986, section 2.1; CloudEvents HTTP binding 1.0.2, section 3.1.3.2).

use alloc::{string::String, vec::Vec};
use json::hex;

/// Encodes all except unreserved characters (RFC 3986, section 2.3). The result is one path segment or query value.
pub fn encode(text: &str) -> String {
    encode_but(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Encodes the value of a CloudEvents header: a space, `"`, `%`, and everything outside printable ASCII.
pub fn encode_attribute(text: &str) -> String {
    encode_but(text, |byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'%')
}

fn encode_but(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    encoded
}

/// Decodes `text`. Returns `None` if a `%` lacks two hexadecimal digits, or if the bytes are not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let [high, low, after @ ..] = rest else { return None };
        bytes.push(hex(*high)? << 4 | hex(*low)?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// Decodes the value of a CloudEvents header. Older versions of CloudEvents quote it.
///
/// A value that cannot be decoded was not encoded, and stays as it is.
pub fn decode_attribute(text: String) -> String {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = quoted.map(unescape).unwrap_or(text);
    decode(&text).unwrap_or(text)
}

/// Resolves the backslashes in a quoted string (RFC 9110, section 5.6.4).
fn unescape(quoted: &str) -> String {
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        text.push(if c == '\\' { rest.next().unwrap_or(c) } else { c });
    }
    text
}
