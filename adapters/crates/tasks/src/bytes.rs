//! Streams of bytes, and the futures that say how they ended.

use crate::task::{Waiting, spawn};
use alloc::vec::Vec;
use core::{future::poll_fn, mem::ManuallyDrop, task::Poll};

/// What reading or writing returns if it has to wait.
const BLOCKED: u32 = u32::MAX;

/// The state of a stream whose other end is gone.
const DROPPED: u32 = 1;

/// The functions of the engine for one end of a stream or future. Their names have the type in them, so each part that
/// has such a type declares its own.
#[derive(Debug, Clone, Copy)]
pub struct Intrinsics {
    /// Starts reading or writing: the end, the bytes, and how many there are. For a future the last is ignored.
    pub start: unsafe fn(u32, *mut u8, usize) -> u32,
    /// Cancels that.
    pub cancel: unsafe extern "C" fn(u32) -> u32,
    /// Drops the end.
    pub drop: unsafe extern "C" fn(u32),
}

/// An end of a stream or future.
#[derive(Debug)]
struct End {
    handle: u32,
    of: Intrinsics,
    waiting: Waiting,
    /// Whether something has been started and has not ended.
    pending: bool,
    /// Whether the other end is gone.
    closed: bool,
}

impl End {
    fn new(handle: u32, of: Intrinsics) -> Self {
        Self { handle, of, waiting: Waiting::default(), pending: false, closed: false }
    }

    /// Reads to or writes from `start`. Returns how many items were taken.
    ///
    /// # Safety
    ///
    /// The bytes must stay where they are until this has returned, or [`Self::stop`] has.
    async unsafe fn transfer(&mut self, start: *mut u8, length: usize) -> usize {
        if self.closed {
            return 0;
        }
        // SAFETY: as the caller promises.
        let code = match unsafe { self.begin(start, length) } {
            Some(code) => code,
            None => self.event().await,
        };
        self.ended(code)
    }

    /// Starts reading to or writing from `start`. Returns how it ended; `None` if it is pending.
    ///
    /// # Safety
    ///
    /// As for [`Self::transfer`], and nothing may be pending.
    unsafe fn begin(&mut self, start: *mut u8, length: usize) -> Option<u32> {
        // SAFETY: as the caller promises.
        let code = unsafe { (self.of.start)(self.handle, start, length) };
        self.pending = code == BLOCKED;
        (!self.pending).then_some(code)
    }

    /// Waits until what is pending has ended. Returns how.
    fn event(&mut self) -> impl core::future::Future<Output = u32> {
        poll_fn(|_| {
            let code = self.waiting.event(self.handle);
            self.pending = code.is_none();
            code.map_or(Poll::Pending, Poll::Ready)
        })
    }

    fn ended(&mut self, code: u32) -> usize {
        self.closed = code & 15 == DROPPED;
        (code >> 4) as usize
    }

    /// Ends what has been started. Returns how many items were taken.
    fn stop(&mut self) -> usize {
        if !core::mem::take(&mut self.pending) {
            return 0;
        }
        // SAFETY: the end is this one's, and something is pending.
        let code = self.waiting.last(self.handle).unwrap_or_else(|| unsafe { (self.of.cancel)(self.handle) });
        self.ended(code)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.stop();
        // SAFETY: the end is this one's, and nothing is pending.
        unsafe { (self.of.drop)(self.handle) };
    }
}

/// The end of a stream that bytes are written to.
#[derive(Debug)]
pub struct Writer {
    end: End,
    /// The bytes that are being written.
    bytes: Vec<u8>,
}

impl Writer {
    /// Takes the end of a stream.
    ///
    /// # Safety
    ///
    /// The handle must be that of a writable end, and the functions of its type.
    pub unsafe fn new(handle: u32, of: Intrinsics) -> Self {
        Self { end: End::new(handle, of), bytes: Vec::new() }
    }

    /// Writes all bytes. Returns whether the other end took them.
    pub async fn write(&mut self, bytes: Vec<u8>) -> bool {
        self.bytes = bytes;
        let mut written = 0;
        while written < self.bytes.len() && !self.end.closed {
            let left = self.bytes.get_mut(written..).unwrap_or_default();
            let (start, length) = (left.as_mut_ptr(), left.len());
            // SAFETY: the bytes are this one's, and are not touched before the end is dropped or this has returned.
            written += unsafe { self.end.transfer(start, length).await };
        }
        written == self.bytes.len()
    }
}

/// The end of a stream that bytes are read from.
#[derive(Debug)]
pub struct Reader {
    end: End,
    /// The bytes that were read.
    bytes: Vec<u8>,
}

impl Reader {
    /// Takes the end of a stream.
    ///
    /// # Safety
    ///
    /// The handle must be that of a readable end, and the functions of its type.
    pub unsafe fn new(handle: u32, of: Intrinsics) -> Self {
        Self { end: End::new(handle, of), bytes: Vec::new() }
    }

    /// Returns whether the stream has ended.
    pub fn has_ended(&self) -> bool {
        self.end.closed
    }

    /// Returns how many bytes were read and not taken.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns whether no bytes were read that are not taken.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns whether there is room for more bytes.
    pub fn is_full(&self) -> bool {
        self.bytes.len() == self.bytes.capacity()
    }

    /// Takes the bytes that were read, and makes room for more.
    pub fn take(&mut self, room: usize) -> Vec<u8> {
        self.stop();
        core::mem::replace(&mut self.bytes, Vec::with_capacity(room))
    }

    /// Waits for more bytes, up to the room that there is.
    pub async fn read(&mut self) {
        let room = self.bytes.spare_capacity_mut();
        let (start, length) = (room.as_mut_ptr().cast(), room.len());
        // SAFETY: the room is this one's, and is not touched before this has returned or `stop` has.
        let read = unsafe { self.end.transfer(start, length).await };
        self.filled(read);
    }

    /// Ends a read that was given up.
    fn stop(&mut self) {
        let read = self.end.stop();
        self.filled(read);
    }

    fn filled(&mut self, read: usize) {
        let length = self.bytes.len() + read;
        // SAFETY: the engine has written so many bytes behind those that were there, and not more than there was room for.
        unsafe { self.bytes.set_len(length) };
    }
}

/// The end of a future that is read.
#[derive(Debug)]
pub struct Future(End);

impl Future {
    /// Takes the end of a future.
    ///
    /// # Safety
    ///
    /// The handle must be that of a readable end, and the functions of its type.
    pub unsafe fn new(handle: u32, of: Intrinsics) -> Self {
        Self(End::new(handle, of))
    }

    /// Reads the future to `value`. Returns whether it has a value.
    ///
    /// # Safety
    ///
    /// The value must have room for the future's type, and stay where it is until this is dropped.
    pub async unsafe fn read(&mut self, value: *mut u8) -> bool {
        // SAFETY: as the caller promises.
        unsafe { self.0.transfer(value, 1).await };
        !self.0.closed
    }
}

/// The end of a future that is written. The future always has the same value.
#[derive(Debug)]
pub struct Promise {
    end: ManuallyDrop<End>,
    value: *mut u8,
    kept: bool,
}

impl Promise {
    /// Takes the end of a future.
    ///
    /// # Safety
    ///
    /// The handle must be that of a writable end, and the functions of its type. `value` must be one of the future's type,
    /// without handles, that is never changed.
    pub unsafe fn new(handle: u32, of: Intrinsics, value: *mut u8) -> Self {
        Self { end: ManuallyDrop::new(End::new(handle, of)), value, kept: false }
    }

    /// Writes the value, and waits until it is read.
    pub async fn keep(mut self) {
        // SAFETY: the value lasts.
        unsafe { self.end.transfer(self.value, 1).await };
        self.kept = true;
    }

    /// Writes the value. If it is not read at once, work of its own waits for that.
    pub fn settle(mut self) {
        // SAFETY: nothing is pending, and the value lasts.
        self.kept = unsafe { self.end.begin(self.value, 1) }.is_some();
        if !self.kept {
            spawn(self.wait());
        }
    }

    async fn wait(mut self) {
        self.end.event().await;
        self.kept = true;
    }
}

impl Drop for Promise {
    /// Writes the value, if somebody reads it by now. Otherwise leaves the end to the engine: one that nothing was written
    /// to must not be dropped.
    fn drop(&mut self) {
        if !self.kept {
            self.end.stop();
            // SAFETY: nothing is pending, and the value lasts.
            if !self.end.closed && unsafe { self.end.begin(self.value, 1) }.is_none() {
                // SAFETY: the write is pending.
                unsafe { (self.end.of.cancel)(self.end.handle) };
                return;
            }
        }
        // SAFETY: it is dropped only here.
        unsafe { ManuallyDrop::drop(&mut self.end) };
    }
}
