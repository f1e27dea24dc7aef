//! Bodies, written and read against a deadline.

use alloc::{string::String, vec::Vec};
use core::cell::OnceCell;
use imports::{
    clocks::monotonic_clock,
    io::poll::{Pollable, poll},
    stream::streams::{InputStream, OutputStream, StreamError},
};
use message::{Data, parse_decimal};

/// Nanoseconds of a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// Bytes that are asked for at once.
const PIECE: u64 = 1 << 16;

/// Why a body was not written or read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The time is over.
    Late,
    /// It is larger than it may be.
    Large,
    /// The other side broke it off.
    Off,
}

/// When an exchange must be over.
pub struct Deadline {
    bound_ms: Option<u64>,
    /// In nanoseconds of the monotonic clock.
    at: OnceCell<u64>,
    /// Made when it is first waited for.
    timer: OnceCell<Pollable>,
}

impl Deadline {
    /// So many milliseconds from now; none for never.
    #[cfg(feature = "sender")]
    pub fn after(bound_ms: Option<u64>) -> Self {
        let deadline = Self::of_waiting(bound_ms);
        deadline.left();
        deadline
    }

    /// So many milliseconds from when it is first waited for: most bodies are there at once, and nobody asks the time.
    pub fn of_waiting(bound_ms: Option<u64>) -> Self {
        Self { bound_ms, at: OnceCell::new(), timer: OnceCell::new() }
    }

    /// Nanoseconds that are left.
    pub fn left(&self) -> Option<u64> {
        let bound = self.bound_ms? * MILLISECOND;
        let now = monotonic_clock::now();
        Some(self.at.get_or_init(|| now.saturating_add(bound)).saturating_sub(now))
    }

    /// Waits until `ready` is; fails when the time is over before.
    pub fn wait(&self, ready: &Pollable) -> Result<(), Broken> {
        let made = || self.left().map(|left| self.timer.get_or_init(|| monotonic_clock::subscribe_duration(left)));
        let ready = match self.timer.get().or_else(made) {
            Some(timer) => poll(&[ready, timer]),
            None => poll(&[ready]),
        };
        if ready.contains(&0) { Ok(()) } else { Err(Broken::Late) }
    }
}

/// Writes all of `data`, from where it lies.
pub fn write(data: &Data, to: &OutputStream, deadline: &Deadline) -> Result<(), Broken> {
    for mut piece in data.pieces() {
        while !piece.is_empty() {
            let room = to.check_write().map_err(|_| Broken::Off)?;
            let now = piece.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            if now == 0 {
                deadline.wait(&to.subscribe())?;
                continue;
            }
            let (first, rest) = piece.split_at(now);
            to.write(first).map_err(|_| Broken::Off)?;
            piece = rest;
        }
    }
    Ok(())
}

/// How much there is to read.
#[derive(Clone, Copy)]
pub struct Length {
    /// What the other side has said.
    pub announced: Option<u64>,
    /// The most bytes.
    pub limit: usize,
}

/// Reads to the end of the body; `Large` when there is more than the limit.
pub fn read_into(data: &mut Data, from: &InputStream, length: Length, deadline: &Deadline) -> Result<(), Broken> {
    let mut read = 0;
    loop {
        match from.read(PIECE) {
            Ok(piece) if piece.is_empty() => deadline.wait(&from.subscribe())?,
            Ok(piece) => {
                read += piece.len();
                if read > length.limit {
                    return Err(Broken::Large);
                }
                data.push(piece);
                // There is nothing to wait for behind that.
                if length.announced == Some(read as u64) {
                    return Ok(());
                }
            }
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(_)) => return Err(Broken::Off),
        }
    }
}

/// The length that the headers announce.
pub fn announced(fields: &[(String, Vec<u8>)]) -> Option<u64> {
    parse_decimal(header(fields, "content-length")?)
}

/// The value of a header, if it is text.
pub fn header<'a>(fields: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a str> {
    let field = fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    core::str::from_utf8(&field.1).ok()
}
