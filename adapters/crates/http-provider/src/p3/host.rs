//! Handwritten bindings to what of `wasi:http` has streams, futures or an `error-code` in its type.
//!
//! Generated ones would have code of their own for each type. The crate `http-code` says how results lie in memory.

use core::cell::UnsafeCell;
#[cfg(feature = "sender")]
use http_code::Code;
use http_code::{Area, PAYLOAD};
#[cfg(feature = "sender")]
use imports::over_http_p3::types::RequestOptions;
use imports::over_http_p3::types::{Fields, Request, Response};
use tasks::{Future, Intrinsics, Place, Promise, Reader, Subtask, Writer};

#[link(wasm_import_module = "wasi:http/types@0.3.0")]
unsafe extern "C" {
    #[cfg(feature = "sender")]
    #[link_name = "[static]request.new"]
    fn new_request(headers: u32, has: u32, body: u32, end: u32, has_options: u32, options: u32, result: *mut [u32; 2]);
    #[link_name = "[static]response.new"]
    fn new_response(headers: u32, has: u32, body: u32, end: u32, result: *mut [u32; 2]);
    #[link_name = "[static]request.consume-body"]
    fn consume_request(this: u32, read: u32, result: *mut [u32; 2]);
    #[cfg(feature = "sender")]
    #[link_name = "[method]request-options.set-connect-timeout"]
    fn set_connect_timeout(this: u32, has: u32, nanoseconds: u64, result: *mut Area);
    #[cfg(feature = "sender")]
    #[link_name = "[method]request-options.set-first-byte-timeout"]
    fn set_first_byte_timeout(this: u32, has: u32, nanoseconds: u64, result: *mut Area);
    #[cfg(feature = "sender")]
    #[link_name = "[method]request-options.set-between-bytes-timeout"]
    fn set_between_bytes_timeout(this: u32, has: u32, nanoseconds: u64, result: *mut Area);
    #[cfg(feature = "sender")]
    #[link_name = "[static]response.consume-body"]
    fn consume_response(this: u32, read: u32, result: *mut [u32; 2]);

    // `stream<u8>`
    #[link_name = "[stream-new-0][static]request.new"]
    fn new_stream() -> u64;
    #[link_name = "[async-lower][stream-write-0][static]request.new"]
    fn write(stream: u32, bytes: *mut u8, length: usize) -> u32;
    #[link_name = "[async-lower][stream-read-0][static]request.new"]
    fn read(stream: u32, bytes: *mut u8, length: usize) -> u32;
    #[link_name = "[stream-cancel-write-0][static]request.new"]
    fn cancel_write(stream: u32) -> u32;
    #[link_name = "[stream-cancel-read-0][static]request.new"]
    fn cancel_read(stream: u32) -> u32;
    #[link_name = "[stream-drop-writable-0][static]request.new"]
    fn drop_writable(stream: u32);
    #[link_name = "[stream-drop-readable-0][static]request.new"]
    fn drop_readable(stream: u32);

    // `future<result<option<trailers>, error-code>>`: how a body ends
    #[link_name = "[future-new-1][static]request.new"]
    fn new_end() -> u64;
    #[link_name = "[async-lower][future-write-1][static]request.new"]
    fn write_end(end: u32, value: *mut u8) -> u32;
    #[link_name = "[async-lower][future-read-1][static]request.new"]
    fn read_end(end: u32, value: *mut u8) -> u32;
    #[link_name = "[future-cancel-write-1][static]request.new"]
    fn cancel_write_end(end: u32) -> u32;
    #[link_name = "[future-cancel-read-1][static]request.new"]
    fn cancel_read_end(end: u32) -> u32;
    #[link_name = "[future-drop-writable-1][static]request.new"]
    fn drop_writable_end(end: u32);
    #[link_name = "[future-drop-readable-1][static]request.new"]
    fn drop_readable_end(end: u32);

    // `future<result<_, error-code>>`: whether a body was sent or read
    #[link_name = "[future-new-2][static]request.new"]
    fn new_done() -> u64;
    #[link_name = "[async-lower][future-write-2][static]request.new"]
    fn write_done(done: u32, value: *mut u8) -> u32;
    #[link_name = "[future-cancel-write-2][static]request.new"]
    fn cancel_write_done(done: u32) -> u32;
    #[link_name = "[future-drop-writable-2][static]request.new"]
    fn drop_writable_done(done: u32);
    #[link_name = "[future-drop-readable-2][static]request.new"]
    fn drop_readable_done(done: u32);
}

#[cfg(feature = "sender")]
#[link(wasm_import_module = "wasi:http/client@0.3.0")]
unsafe extern "C" {
    #[link_name = "[async-lower]send"]
    fn send_request(request: u32, result: *mut Area) -> u32;
}

#[link(wasm_import_module = "wasi:clocks/monotonic-clock@0.3.0")]
unsafe extern "C" {
    #[link_name = "[async-lower]wait-for"]
    fn start_wait(nanoseconds: u64) -> u32;
}

/// A value that is `ok`, with nothing in it, of either future.
struct Success(UnsafeCell<Area>);

// SAFETY: nobody changes it.
unsafe impl Sync for Success {}

static SUCCESS: Success = Success(UnsafeCell::new(Area::new()));

const WRITING: Intrinsics = Intrinsics {
    // SAFETY: as whoever calls it promises; the same holds below.
    start: |stream, bytes, length| unsafe { write(stream, bytes, length) },
    cancel: cancel_write,
    drop: drop_writable,
};
const READING: Intrinsics = Intrinsics {
    // SAFETY: as above.
    start: |stream, bytes, length| unsafe { read(stream, bytes, length) },
    cancel: cancel_read,
    drop: drop_readable,
};
const WRITING_END: Intrinsics = Intrinsics {
    // SAFETY: as above.
    start: |end, value, _| unsafe { write_end(end, value) },
    cancel: cancel_write_end,
    drop: drop_writable_end,
};
const READING_END: Intrinsics = Intrinsics {
    // SAFETY: as above.
    start: |end, value, _| unsafe { read_end(end, value) },
    cancel: cancel_read_end,
    drop: drop_readable_end,
};
const WRITING_DONE: Intrinsics = Intrinsics {
    // SAFETY: as above.
    start: |done, value, _| unsafe { write_done(done, value) },
    cancel: cancel_write_done,
    drop: drop_writable_done,
};

/// Splits what the engine returns for a new stream or future: the end that is read, and the one that is written.
fn ends(new: u64) -> (u32, u32) {
    (new as u32, (new >> 32) as u32)
}

/// A body that goes out: for the host, the ends to read, and for this component, those to write. Without bytes there is
/// no stream.
pub struct Outgoing {
    body: Option<u32>,
    end: u32,
}

impl Outgoing {
    /// Returns a new body, with the ends that it is written to.
    pub fn new(has_bytes: bool) -> (Self, Option<Writer>, Promise) {
        // SAFETY: the functions are of these types, and `SUCCESS` is a value of the future's.
        unsafe {
            let stream = has_bytes.then(|| ends(new_stream()));
            let (end, ended) = ends(new_end());
            let writer = stream.map(|(_, writable)| Writer::new(writable, WRITING));
            let body = Self { body: stream.map(|(readable, _)| readable), end };
            (body, writer, Promise::new(ended, WRITING_END, SUCCESS.0.get().cast()))
        }
    }
}

/// Makes a request.
#[cfg(feature = "sender")]
pub fn request(headers: Fields, Outgoing { body, end }: Outgoing, options: Option<RequestOptions>) -> Request {
    let mut result = [0; 2];
    let has_options = u32::from(options.is_some());
    let options = options.map_or(0, |options| options.take_handle());
    // SAFETY: the call takes ownership of all handles, and `result` has room for a request and a future.
    unsafe {
        let body = (u32::from(body.is_some()), body.unwrap_or(0));
        new_request(headers.take_handle(), body.0, body.1, end, has_options, options, &raw mut result);
        drop_readable_done(result[1]);
        Request::from_handle(result[0])
    }
}

/// Sets all timeouts. A host may not support some.
#[cfg(feature = "sender")]
pub fn bound(options: &RequestOptions, nanoseconds: u64) {
    for set in [set_connect_timeout, set_first_byte_timeout, set_between_bytes_timeout] {
        let mut area = Area::new();
        // SAFETY: the call borrows the handle, and the area has room for the result: whether it is an error; the case at
        // byte 4; and for the last case an optional text at byte 8, which is this component's.
        unsafe {
            set(options.handle(), 1, nanoseconds, &raw mut area);
            if area.byte(0) == 1 && area.byte(4) == 2 {
                drop(area.text(8));
            }
        }
    }
}

/// Makes a response.
pub fn response(headers: Fields, Outgoing { body, end }: Outgoing) -> Response {
    let mut result = [0; 2];
    // SAFETY: the call takes ownership of all handles, and `result` has room for a response and a future.
    unsafe {
        new_response(headers.take_handle(), u32::from(body.is_some()), body.unwrap_or(0), end, &raw mut result);
        drop_readable_done(result[1]);
        Response::from_handle(result[0])
    }
}

/// A body that comes in.
pub struct Incoming {
    /// The bytes.
    pub bytes: Reader,
    end: Future,
    place: Place<Area>,
}

impl Incoming {
    /// Takes the body of a request.
    pub fn of_request(request: Request) -> Self {
        // SAFETY: the call takes ownership of the handle.
        Self::of(|read, result| unsafe { consume_request(request.take_handle(), read, result) })
    }

    /// Takes the body of a response.
    #[cfg(feature = "sender")]
    pub fn of_response(response: Response) -> Self {
        // SAFETY: as above.
        Self::of(|read, result| unsafe { consume_response(response.take_handle(), read, result) })
    }

    fn of(consume: impl FnOnce(u32, *mut [u32; 2])) -> Self {
        let mut result = [0; 2];
        // SAFETY: the functions are of these types, and `SUCCESS` is a value of the future's. `result` has room for a
        // stream and a future.
        unsafe {
            let (read, done) = ends(new_done());
            consume(read, &raw mut result);
            // Wasmtime reads it by now, so this needs no wait.
            Promise::new(done, WRITING_DONE, SUCCESS.0.get().cast()).settle();
            let (bytes, end) = (Reader::new(result[0], READING), Future::new(result[1], READING_END));
            Self { bytes, end, place: Place::new(Area::new()) }
        }
    }

    /// Waits for the end. Returns whether all bytes have come.
    pub async fn is_whole(&mut self) -> bool {
        // SAFETY: the place has room for the value, and is dropped after the end.
        if !unsafe { self.end.read(self.place.address().cast()).await } {
            return false;
        }
        let area = self.place.memory();
        if area.byte(0) == 0 {
            if area.byte(PAYLOAD) == 1 {
                // SAFETY: the host has given this handle.
                drop(unsafe { Fields::from_handle(area.word(PAYLOAD + 4)) });
            }
            return true;
        }
        // SAFETY: the host has written an `error-code` there, and it is taken once.
        drop(unsafe { area.code(PAYLOAD) });
        false
    }
}

/// Sends a request, and waits until the response begins.
#[cfg(feature = "sender")]
pub async fn send(request: Request) -> Result<Response, Code> {
    let request = request.take_handle();
    tasks::call(
        Area::new(),
        // SAFETY: the call takes ownership of the request, and the area has room for the result.
        |result| unsafe { send_request(request, result) },
        // SAFETY: the host has written the result, and it is taken once.
        |area| unsafe {
            match area.byte(0) {
                0 => Ok(Response::from_handle(area.word(PAYLOAD))),
                _ => Err(area.code(PAYLOAD)),
            }
        },
        // SAFETY: the host has not taken the request.
        || drop(unsafe { Request::from_handle(request) }),
    )
    .await
}

/// Waits for so many nanoseconds.
pub async fn wait_for(nanoseconds: u64) {
    // SAFETY: the call has neither handles nor memory.
    Subtask::new(unsafe { start_wait(nanoseconds) }).returned().await;
}
