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

/// Which part writes, as reports call it.
const PART: &str = match option_env!("MSGCOMPOSE_PART") {
    Some(part) => part,
    None => "adapter",
};

/// The most bytes that a host takes in one call.
const PIECE: usize = 4096;

/// A line that is being put together.
pub struct Line(String);

impl Line {
    /// With the part's name in front.
    pub fn begin() -> Self {
        Self(["[", PART, "] "].concat())
    }

    /// Appends a piece.
    pub fn push(&mut self, piece: &(impl Piece + ?Sized)) {
        piece.append(&mut self.0);
    }

    /// Writes it. A standard error that cannot be written is nothing that a message should fail of.
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

/// What a line is made of.
pub trait Piece {
    /// Appends it.
    fn append(&self, line: &mut String);
}

impl Piece for str {
    /// Topics and paths come from outside: they must not look like further lines.
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

/// Numbers that may be missing, as bounds are: `none`.
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
