//! Writes and reads bodies until a deadline.

use super::host::{Incoming, Outgoing, wait_for};
use crate::body::{Broken, Length};
use alloc::boxed::Box;
use core::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};
use message::Data;
use tasks::{Writer, spawn};

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// The least room for one read in bytes, if the length is not announced. It doubles with each read.
const LEAST: usize = 4096;

/// The most room for one read, and the most bytes of a copy for one write.
const MOST: usize = 1 << 20;

/// The time by which an exchange must be finished. It starts to run at the first wait: most bodies need none, and so no
/// clock.
pub struct Deadline {
    bound_ms: Option<u64>,
    timer: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
}

impl Deadline {
    /// Returns a deadline that many milliseconds after the first wait; `None` means never.
    pub fn after(bound_ms: Option<u64>) -> Self {
        Self { bound_ms, timer: RefCell::new(None) }
    }

    /// Returns the time in nanoseconds; `None` for a deadline that never comes.
    #[cfg(feature = "sender")]
    pub fn bound(&self) -> Option<u64> {
        Some(self.bound_ms? * MILLISECOND)
    }

    /// Waits for `work`. Fails if the deadline comes first; then the work is dropped, which cancels it.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Broken> {
        let mut outcome = None;
        // One piece of code for all work.
        self.end(pin!(async { outcome = Some(work.await) })).await;
        outcome.ok_or(Broken::Late)
    }

    async fn end(&self, mut work: Pin<&mut dyn Future<Output = ()>>) {
        poll_fn(|context| {
            if work.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            let Some(bound_ms) = self.bound_ms else { return Poll::Pending };
            let mut timer = self.timer.borrow_mut();
            let timer = timer.get_or_insert_with(|| Box::pin(wait_for(bound_ms * MILLISECOND)));
            timer.as_mut().poll(context)
        })
        .await;
    }
}

/// Returns a body for the host. A task of its own writes it, and ends when the host has it all or wants no more.
pub fn outgoing(data: Data, bound_ms: Option<u64>) -> Outgoing {
    let (body, writer, end) = Outgoing::new(!data.is_empty());
    spawn(async move {
        if let Some(mut writer) = writer {
            // If this fails, the other side is gone or too slow, and cannot be told. A body that is cut off is shorter
            // than its `content-length`.
            let _ = Deadline::after(bound_ms).within(write(data, &mut writer)).await;
        }
        end.keep().await;
    });
    body
}

/// Writes all of `data`. Copies it only if somebody else has it, too.
async fn write(data: Data, to: &mut Writer) {
    match data.into_pieces() {
        Ok(pieces) => {
            for piece in pieces {
                if !to.write(piece).await {
                    return;
                }
            }
        }
        Err(shared) => {
            for piece in shared.pieces().flat_map(|piece| piece.chunks(MOST)) {
                if !to.write(piece.to_vec()).await {
                    return;
                }
            }
        }
    }
}

/// Reads a body to its end. An error carries the bytes that came before it.
pub async fn read(mut from: Incoming, length: Length, deadline: &Deadline) -> Result<Data, (Broken, Data)> {
    let mut data = Data::default();
    let (mut read, mut room) = (0, LEAST);
    loop {
        if from.bytes.is_full() {
            let left =
                length.announced.map(|announced| usize::try_from(announced).unwrap_or(MOST).saturating_sub(read));
            let full = from.bytes.take(left.unwrap_or(room).clamp(1, MOST));
            if !full.is_empty() {
                data.push(full);
            }
            room = (2 * room).min(MOST);
        }
        let before = from.bytes.len();
        let waited = deadline.within(from.bytes.read()).await;
        read += from.bytes.len() - before;
        let is_large = read > length.limit;
        // All announced bytes are here, so there is no need to wait for the end of the stream.
        let is_whole = length.announced == Some(read as u64);
        if waited.is_ok() && !is_large && !is_whole && !from.bytes.has_ended() {
            continue;
        }
        data.push(from.bytes.take(0));
        let broken = match waited {
            Err(late) => late,
            Ok(()) if is_large => Broken::Large,
            Ok(()) if is_whole => return Ok(data),
            Ok(()) => match deadline.within(from.is_whole()).await {
                Ok(true) => return Ok(data),
                Ok(false) => Broken::Off,
                Err(late) => late,
            },
        };
        return Err((broken, data));
    }
}
