//! The subset of a JSON parser (RFC 8259) that the parts need. Values are slices of the input; only strings are decoded.
#![no_std]

extern crate alloc;

use alloc::{string::String, vec::Vec};

/// How deep values may be nested. A part has a small stack.
const MAX_DEPTH: usize = 32;

/// Returns `text` without the white space around it, or `None` if it is not one well-formed value.
pub fn value(text: &str) -> Option<&str> {
    let mut reader = Reader { text, at: 0 };
    reader.value().filter(|_| reader.is_at_end())
}

/// Calls `each` with every element of the array in `text`. Returns `None` if the array is malformed or `each` does.
pub fn array<'a>(text: &'a str, mut each: impl FnMut(&'a str) -> Option<()>) -> Option<()> {
    let mut reader = Reader { text, at: 0 };
    reader.list(b'[', b']', |reader| each(reader.value()?)).filter(|()| reader.is_at_end())
}

/// Calls `each` with every member of the object in `text`. Returns `None` if the object is malformed or `each` does.
pub fn object<'a>(text: &'a str, mut each: impl FnMut(String, &'a str) -> Option<()>) -> Option<()> {
    let mut reader = Reader { text, at: 0 };
    let members = reader.list(b'{', b'}', |reader| {
        let name = string(reader.value()?)?;
        reader.expect(b':')?;
        each(name, reader.value()?)
    });
    members.filter(|()| reader.is_at_end())
}

/// Reads values from a text, one after another.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Returns the next value as a slice of the text, or `None` if it is missing or malformed.
    fn value(&mut self) -> Option<&'a str> {
        self.skip_space();
        let start = self.at;
        self.skip_value(0)?;
        self.text.get(start..self.at)
    }

    /// Returns whether only white space is left.
    fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.at == self.text.len()
    }

    /// Reads items between brackets, separated by commas, as in arrays and objects.
    fn list(&mut self, open: u8, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(open)?;
        if self.expect(close).is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.expect(close).is_some() {
                return Some(());
            }
            self.expect(b',')?;
        }
    }

    fn skip_value(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.peek()? {
            b'[' => self.list(b'[', b']', |reader| reader.skip_value(depth + 1)),
            b'{' => self.list(b'{', b'}', |reader| {
                reader.skip_space();
                reader.skip_string()?;
                reader.expect(b':')?;
                reader.skip_value(depth + 1)
            }),
            b'"' => self.skip_string(),
            b't' => self.skip_word("true"),
            b'f' => self.skip_word("false"),
            b'n' => self.skip_word("null"),
            _ => self.skip_number(),
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'u' => (0..4).try_for_each(|_| hex(self.next()?).map(drop))?,
                    escape => drop(escaped(escape)?),
                },
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn skip_number(&mut self) -> Option<()> {
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.skip_digits()?;
        }
        if self.take(b'.').is_some() {
            self.skip_digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.skip_digits()?;
        }
        Some(())
    }

    fn skip_digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn skip_word(&mut self, word: &str) -> Option<()> {
        word.bytes().try_for_each(|byte| self.take(byte))
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        self.take(byte)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// Decodes a well-formed string value; `None` for other values. Half a surrogate pair becomes U+FFFD.
pub fn string(value: &str) -> Option<String> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        match (c, rest.clone().next()) {
            ('\\', Some('u')) => text.push(unicode(&mut rest)),
            ('\\', Some(escape)) => {
                rest.next();
                text.push(char::from(escaped(escape as u8)?));
            }
            _ => text.push(c),
        }
    }
    Some(text)
}

/// Returns the byte that `\` and this byte stand for.
fn escaped(escape: u8) -> Option<u8> {
    Some(match escape {
        b'"' | b'\\' | b'/' => escape,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// Reads the character `uXXXX`, or `uXXXX\uXXXX`, at the start of `rest`.
fn unicode(rest: &mut core::str::Chars<'_>) -> char {
    let first = code_unit(rest);
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    let mut ahead = rest.clone();
    if ahead.next() == Some('\\') && ahead.clone().next() == Some('u') {
        let second = code_unit(&mut ahead);
        if (0xdc00..0xe000).contains(&second) {
            *rest = ahead;
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
    }
    char::REPLACEMENT_CHARACTER
}

/// Reads `u` and four hexadecimal digits.
fn code_unit(rest: &mut core::str::Chars<'_>) -> u32 {
    rest.next();
    (0..4).fold(0, |unit, _| {
        let digit = rest.next().and_then(|c| hex(c as u8)).unwrap_or(0);
        unit << 4 | u32::from(digit)
    })
}

/// Appends `text` as a JSON string.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend([byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Returns the value of a hexadecimal digit.
pub fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
