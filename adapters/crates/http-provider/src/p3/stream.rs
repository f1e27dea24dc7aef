//! Writes and reads bodies until a deadline.

use crate::body::{Broken, Length};
use alloc::{boxed::Box, vec::Vec};
use core::{
    cell::RefCell,
    future::{Future, IntoFuture, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};
use imports::{
    clocks_p3::monotonic_clock,
    over_http_p3::{
        http::types::{ErrorCode, Trailers},
        wit_future, wit_stream,
    },
};
use message::Data;
use wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter, spawn_local};

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// The least room for one read in bytes, if the length is not announced. It doubles with each read.
const LEAST: usize = 4096;

/// The most room for one read, and the most bytes of a copy for one write.
const MOST: usize = 1 << 20;

/// The end of a body: that it is complete, or why it is not.
pub type End = Result<Option<Trailers>, ErrorCode>;

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
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(outcome) = work.as_mut().poll(context) {
                return Poll::Ready(Ok(outcome));
            }
            let Some(bound_ms) = self.bound_ms else { return Poll::Pending };
            let mut timer = self.timer.borrow_mut();
            let timer = timer.get_or_insert_with(|| Box::pin(monotonic_clock::wait_for(bound_ms * MILLISECOND)));
            timer.as_mut().poll(context).map(|()| Err(Broken::Late))
        })
        .await
    }
}

/// Returns a body for the host. A task of its own writes it, and ends when the host has it all or wants no more.
pub fn outgoing(data: Data, bound_ms: Option<u64>) -> (Option<StreamReader<u8>>, FutureReader<End>) {
    // A body that is cut off is shorter than its `content-length`, so the end need not tell.
    let (ended, end) = wit_future::new::<End>(|| Ok(None));
    if data.is_empty() {
        return (None, end);
    }
    let (mut to, body) = wit_stream::new();
    spawn_local(async move {
        // If this fails, the other side is gone or too slow, and cannot be told.
        let _ = Deadline::after(bound_ms).within(write(data, &mut to)).await;
        // Dropping this tells the end. The host is reading by now, so that needs no wait.
        drop((to, ended));
    });
    (Some(body), end)
}

/// Writes all of `data`. Copies it only if somebody else has it, too.
async fn write(data: Data, to: &mut StreamWriter<u8>) {
    match data.into_pieces() {
        Ok(pieces) => {
            for piece in pieces {
                if !to.write_all(piece).await.is_empty() {
                    return;
                }
            }
        }
        Err(shared) => {
            for piece in shared.pieces().flat_map(|piece| piece.chunks(MOST)) {
                if !to.write_all(piece.to_vec()).await.is_empty() {
                    return;
                }
            }
        }
    }
}

/// Reads a body to its end. An error carries the bytes that came before it.
pub async fn read(
    (mut from, end): (StreamReader<u8>, FutureReader<End>),
    length: Length,
    deadline: &Deadline,
) -> Result<Data, (Broken, Data)> {
    let mut data = Data::default();
    let (mut read, mut room) = (0, LEAST);
    let mut piece = Vec::new();
    loop {
        if piece.len() == piece.capacity() {
            let full = core::mem::take(&mut piece);
            if !full.is_empty() {
                data.push(full);
            }
            let left = length.announced.map(|announced| usize::try_from(announced).unwrap_or(MOST).saturating_sub(read));
            piece.reserve_exact(left.unwrap_or(room).clamp(1, MOST));
            room = (2 * room).min(MOST);
        }
        let before = piece.len();
        let mut reading = pin!(from.read(piece));
        let status = match deadline.within(reading.as_mut()).await {
            Ok((status, filled)) => {
                piece = filled;
                status
            }
            Err(late) => {
                data.push(reading.cancel().1);
                return Err((late, data));
            }
        };
        read += piece.len() - before;
        if read > length.limit {
            data.push(piece);
            return Err((Broken::Large, data));
        }
        // All announced bytes are here, so there is no need to wait for the end of the stream.
        if length.announced == Some(read as u64) {
            data.push(piece);
            return Ok(data);
        }
        if !matches!(status, StreamResult::Complete(_)) {
            data.push(piece);
            return match deadline.within(end.into_future()).await {
                Ok(Ok(_)) => Ok(data),
                Ok(Err(_)) => Err((Broken::Off, data)),
                Err(late) => Err((late, data)),
            };
        }
    }
}
