//! Writes and reads bodies until a deadline.

use super::fallible;
use crate::body::{Broken, Length};
use core::cell::OnceCell;
use imports::{
    clocks::monotonic_clock,
    http::types::OutgoingBody,
    io::poll::{Pollable, poll},
    stream::streams::{InputStream, OutputStream, StreamError},
};
use message::Data;

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// The maximum number of bytes for one read.
const PIECE: u64 = 1 << 16;

/// The time by which an exchange must be finished.
pub struct Deadline {
    bound_ms: Option<u64>,
    /// Nanoseconds of the monotonic clock, set when the time starts to run.
    at: OnceCell<u64>,
    /// Made at the first wait.
    timer: OnceCell<Pollable>,
}

impl Deadline {
    /// Returns a deadline that many milliseconds from now; `None` means never.
    #[cfg(feature = "sender")]
    pub fn after(bound_ms: Option<u64>) -> Self {
        let deadline = Self::of_waiting(bound_ms);
        deadline.left();
        deadline
    }

    /// Returns a deadline that many milliseconds after the first wait. Most bodies need no wait, and so no clock.
    pub fn of_waiting(bound_ms: Option<u64>) -> Self {
        Self { bound_ms, at: OnceCell::new(), timer: OnceCell::new() }
    }

    /// Returns the nanoseconds that are left; `None` for a deadline that never comes.
    pub fn left(&self) -> Option<u64> {
        let bound = self.bound_ms? * MILLISECOND;
        let now = monotonic_clock::now();
        Some(self.at.get_or_init(|| now.saturating_add(bound)).saturating_sub(now))
    }

    /// Waits until `ready` is ready. Fails if the deadline comes first.
    pub fn wait(&self, ready: &Pollable) -> Result<(), Broken> {
        let made = || self.left().map(|left| self.timer.get_or_init(|| monotonic_clock::subscribe_duration(left)));
        let ready = match self.timer.get().or_else(made) {
            Some(timer) => poll(&[ready, timer]),
            None => poll(&[ready]),
        };
        if ready.contains(&0) { Ok(()) } else { Err(Broken::Late) }
    }
}

/// Writes all of `data`, without copying it.
fn write(data: &Data, to: &OutputStream, deadline: &Deadline) -> Result<(), Broken> {
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

/// Writes a body to its end. If this fails, the body is not finished, so the other side sees that it is incomplete.
pub fn finish(body: OutgoingBody, data: &Data, deadline: &Deadline) -> Result<(), Broken> {
    if !data.is_empty() {
        let to = body.write().map_err(|()| Broken::Off)?;
        write(data, &to, deadline)?;
    }
    if fallible::end(&body) { Ok(()) } else { Err(Broken::Off) }
}

/// Reads a body to its end. Fails with `Large` if it exceeds the limit.
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
                // All announced bytes are here, so there is no need to wait for the end of the stream.
                if length.announced == Some(read as u64) {
                    return Ok(());
                }
            }
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(_)) => return Err(Broken::Off),
        }
    }
}
