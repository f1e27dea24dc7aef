use alloc::{string::String, vec::Vec};

wit_bindgen::generate!({
    path: ["../../../wit/io", "stderr.wit"],
    inline: "
        package msgcompose:trace;
        world trace {
            import wasi:cli/stderr@0.2.0;
        }
    ",
    world: "msgcompose:trace/trace",
    generate_all,
});

use wasi::cli::stderr::get_stderr;

/// The name of the part, as reports print it.
const PART: &str = match option_env!("MSGCOMPOSE_PART") {
    Some(part) => part,
    None => "adapter",
};

/// The maximum number of bytes that a host takes in one call.
const PIECE: usize = 4096;

/// A line under construction.
pub struct Line(String);

impl Line {
    /// Begins a line with the part's name.
    pub fn begin() -> Self {
        Self(["[", PART, "] "].concat())
    }

    /// Appends a text or number.
    pub fn push(&mut self, piece: &(impl Piece + ?Sized)) {
        piece.append(&mut self.0);
    }

    /// Writes the line. Ignores errors, because they must not make a message fail.
    pub fn end(mut self) {
        self.0.push('\n');
        let bytes: Vec<u8> = self.0.into_bytes();
        let stderr = get_stderr();
        for piece in bytes.chunks(PIECE) {
            if stderr.blocking_write_and_flush(piece).is_err() {
                return;
            }
        }
    }
}

/// A text or number that can be appended to a line.
pub trait Piece {
    /// Appends the text or number to `line`.
    fn append(&self, line: &mut String);
}

impl Piece for str {
    /// Replaces control characters: topics and paths come from outside, and must not look like further lines.
    fn append(&self, line: &mut String) {
        line.extend(self.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }));
    }
}

impl Piece for String {
    fn append(&self, line: &mut String) {
        self.as_str().append(line);
    }
}

impl Piece for u64 {
    fn append(&self, line: &mut String) {
        if *self > 9 {
            (*self / 10).append(line);
        }
        line.push(char::from(b'0' + (*self % 10) as u8));
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Piece for $number {
            fn append(&self, line: &mut String) {
                (*self as u64).append(line);
            }
        })+
    };
}

numbers!(u16, u32, usize);

/// Writes `none` for a missing number.
impl Piece for Option<u64> {
    fn append(&self, line: &mut String) {
        match self {
            Some(number) => number.append(line),
            None => line.push_str("none"),
        }
    }
}

impl<T: Piece + ?Sized> Piece for &T {
    fn append(&self, line: &mut String) {
        (**self).append(line);
    }
}
