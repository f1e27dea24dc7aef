//! Handwritten bindings to the functions of `wasi:http` that return an `error-code`.
//!
//! Generated ones would decode 39 cases with their payloads in each of the three functions, which takes 3 KB. The part
//! needs only the number of a case, and the text of an internal error.
//!
//! Offsets follow the canonical ABI (component model, "Canonical ABI", alignment and flattening) for the types in
//! `wit/http`. An `error-code` has its case in the first byte and its payload at byte 8. So does a `result` or `option`
//! around one.

use crate::code::Code;
use alloc::{string::String, vec::Vec};
use imports::http::types::OutgoingBody;
#[cfg(feature = "sender")]
use imports::http::types::{FutureIncomingResponse, IncomingResponse, OutgoingRequest, RequestOptions};

#[cfg(feature = "sender")]
#[link(wasm_import_module = "wasi:http/outgoing-handler@0.2.0")]
unsafe extern "C" {
    fn handle(request: u32, has_options: u32, options: u32, result: *mut Area);
}

#[link(wasm_import_module = "wasi:http/types@0.2.0")]
unsafe extern "C" {
    #[cfg(feature = "sender")]
    #[link_name = "[method]future-incoming-response.get"]
    fn get(this: u32, result: *mut Area);
    #[link_name = "[static]outgoing-body.finish"]
    fn finish(this: u32, has_trailers: u32, trailers: u32, result: *mut Area);
}

/// Memory for results. The largest is that of `get`: three discriminants and an `error-code` of 32 bytes.
#[repr(C, align(8))]
struct Area([u8; 56]);

/// Bytes from a discriminant to its payload.
const PAYLOAD: usize = 8;

impl Area {
    fn new() -> Self {
        Self([0; 56])
    }

    fn byte(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    fn word(&self, at: usize) -> u32 {
        let bytes = self.0.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    /// Reads the `error-code` at `at`, and takes ownership of its text.
    ///
    /// # Safety
    ///
    /// The host must have written an `error-code` there, and it must be taken only once.
    unsafe fn code(&self, at: usize) -> Code {
        let case = self.byte(at);
        let payload = at + PAYLOAD;
        let text = match case {
            // DNS-error, field sizes, codings, internal-error: the payload begins with an optional text.
            1 | 24 | 27 | 30 | 31 | 32 | 38 => Some(payload),
            // TLS-alert-received: the text follows an optional byte.
            14 => Some(payload + 4),
            // HTTP-request-header-size: the payload is optional.
            22 if self.byte(payload) == 1 => Some(payload + 4),
            _ => None,
        };
        let text = text.filter(|at| self.byte(*at) == 1).map(|at| {
            let (start, length) = (self.word(at + 4) as usize, self.word(at + 8) as usize);
            // SAFETY: the host allocated the text with `cabi_realloc`, with this length, and gave it to this component.
            unsafe { Vec::from_raw_parts(start as *mut u8, length, length) }
        });
        // Unused texts are taken too, so that they are freed.
        let text = text.filter(|_| case == 38).and_then(|text| String::from_utf8(text).ok());
        Code { case, text }
    }
}

/// Sends a request.
#[cfg(feature = "sender")]
pub fn send(request: &OutgoingRequest, options: Option<&RequestOptions>) -> Result<FutureIncomingResponse, Code> {
    let mut area = Area::new();
    let has_options = u32::from(options.is_some());
    // SAFETY: the call takes ownership of both handles, and `area` has room for the result.
    unsafe {
        handle(request.take_handle(), has_options, options.map_or(0, RequestOptions::take_handle), &raw mut area);
        if area.byte(0) == 0 {
            Ok(FutureIncomingResponse::from_handle(area.word(PAYLOAD)))
        } else {
            Err(area.code(PAYLOAD))
        }
    }
}

/// Returns the response if it has come. A second call returns an internal error.
#[cfg(feature = "sender")]
pub fn response(future: &FutureIncomingResponse) -> Option<Result<IncomingResponse, Code>> {
    let mut area = Area::new();
    // SAFETY: the call borrows the handle, and `area` has room for the result.
    unsafe {
        get(future.handle(), &raw mut area);
        Some(match (area.byte(0), area.byte(PAYLOAD), area.byte(2 * PAYLOAD)) {
            (0, ..) => return None,
            (_, 0, 0) => Ok(IncomingResponse::from_handle(area.word(3 * PAYLOAD))),
            (_, 0, _) => Err(area.code(3 * PAYLOAD)),
            _ => Err(Code { case: 38, text: None }),
        })
    }
}

/// Finishes a body. Returns whether this succeeded.
pub fn end(body: &OutgoingBody) -> bool {
    let mut area = Area::new();
    // SAFETY: the call takes ownership of the handle, and `area` has room for the result.
    unsafe {
        finish(body.take_handle(), 0, 0, &raw mut area);
        let failed = area.byte(0) == 1;
        if failed {
            area.code(PAYLOAD);
        }
        !failed
    }
}
