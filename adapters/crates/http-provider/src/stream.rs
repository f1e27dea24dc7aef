//! Bodies, written and read against a deadline.

use alloc::{string::String, vec::Vec};
use core::cell::OnceCell;
use imports::{
    clocks::monotonic_clock,
    io::poll::{Pollable, poll},
    stream::streams::{InputStream, OutputStream, StreamError},
};
use message::Data;

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
    /// In nanoseconds of the monotonic clock; none for never.
    at: Option<u64>,
    /// Made when it is first waited for.
    timer: OnceCell<Pollable>,
}

impl Deadline {
    /// So many milliseconds from now.
    pub fn after(bound_ms: Option<u64>) -> Self {
        let at = bound_ms.map(|ms| monotonic_clock::now().saturating_add(ms * MILLISECOND));
        Self { at, timer: OnceCell::new() }
    }

    /// Nanoseconds that are left.
    pub fn left(&self) -> Option<u64> {
        self.at.map(|at| at.saturating_sub(monotonic_clock::now()))
    }

    /// Waits until `ready` is; fails when the time is over before.
    pub fn wait(&self, ready: &Pollable) -> Result<(), Broken> {
        let timer = self.left().map(|left| self.timer.get_or_init(|| monotonic_clock::subscribe_duration(left)));
        let ready = match timer {
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

/// Reads up to `limit` bytes behind what is there; `Large` when there are more.
pub fn read_into(data: &mut Data, from: &InputStream, limit: usize, deadline: &Deadline) -> Result<(), Broken> {
    let mut length = 0;
    loop {
        match from.read(PIECE) {
            Ok(piece) if piece.is_empty() => deadline.wait(&from.subscribe())?,
            Ok(piece) => {
                length += piece.len();
                if length > limit {
                    return Err(Broken::Large);
                }
                data.push(piece);
            }
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(_)) => return Err(Broken::Off),
        }
    }
}

/// The value of a header, if it is text.
pub fn header<'a>(fields: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a str> {
    let field = fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    core::str::from_utf8(&field.1).ok()
}
