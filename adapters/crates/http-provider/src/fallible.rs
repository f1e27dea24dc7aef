//! The calls of `wasi:http` that fail with an `error-code`, by hand: generated, each would take apart 39 cases with their
//! payloads, and the three together 3 KB. What matters of a code is its number, and the text of an internal error.
//!
//! Offsets are those of the canonical ABI (component model, "Canonical ABI", alignment and flattening) for the types in
//! `wit/http`: an `error-code` is its case in one byte and the payload 8 bytes behind it; so are `result` and `option`
//! around one.

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

/// Where results are put: large enough for that of `get`, three discriminants around an `error-code` of 32 bytes.
#[repr(C, align(8))]
struct Area([u8; 56]);

/// The place of a payload behind its discriminant.
const PAYLOAD: usize = 8;

/// An `error-code`, by the place of its case in `wit/http`.
#[cfg_attr(not(feature = "sender"), expect(dead_code, reason = "the receiver has nobody to tell"))]
pub struct Code {
    /// The place.
    pub case: u8,
    /// What an internal error says.
    pub text: Option<String>,
}

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

    /// Takes the `error-code` at `at`.
    ///
    /// # Safety
    ///
    /// The host has put one there, and it is taken once.
    unsafe fn code(&self, at: usize) -> Code {
        let case = self.byte(at);
        let payload = at + PAYLOAD;
        let text = match case {
            // DNS-error, sizes of fields, codings, internal-error: they begin with an optional text.
            1 | 24 | 27 | 30 | 31 | 32 | 38 => Some(payload),
            // TLS-alert-received: behind an optional byte.
            14 => Some(payload + 4),
            // HTTP-request-header-size: an optional payload.
            22 if self.byte(payload) == 1 => Some(payload + 4),
            _ => None,
        };
        let text = text.filter(|at| self.byte(*at) == 1).map(|at| {
            let (start, length) = (self.word(at + 4) as usize, self.word(at + 8) as usize);
            // SAFETY: a text of the host's is an allocation of this length, made by `cabi_realloc`, and ours now.
            unsafe { Vec::from_raw_parts(start as *mut u8, length, length) }
        });
        // Also the texts that nobody wants are taken, and so freed.
        let text = text.filter(|_| case == 38).and_then(|text| String::from_utf8(text).ok());
        Code { case, text }
    }
}

/// Sends a request.
#[cfg(feature = "sender")]
pub fn send(request: &OutgoingRequest, options: Option<&RequestOptions>) -> Result<FutureIncomingResponse, Code> {
    let mut area = Area::new();
    let has_options = u32::from(options.is_some());
    // SAFETY: both handles are given away, and `area` has room for the result.
    unsafe {
        handle(request.take_handle(), has_options, options.map_or(0, RequestOptions::take_handle), &raw mut area);
        if area.byte(0) == 0 {
            Ok(FutureIncomingResponse::from_handle(area.word(PAYLOAD)))
        } else {
            Err(area.code(PAYLOAD))
        }
    }
}

/// The response, once it has come; a second time it is an internal error.
#[cfg(feature = "sender")]
pub fn response(future: &FutureIncomingResponse) -> Option<Result<IncomingResponse, Code>> {
    let mut area = Area::new();
    // SAFETY: the handle is lent, and `area` has room for the result.
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

/// Ends a body; whether the other side took it.
pub fn end(body: &OutgoingBody) -> bool {
    let mut area = Area::new();
    // SAFETY: the handle is given away, and `area` has room for the result.
    unsafe {
        finish(body.take_handle(), 0, 0, &raw mut area);
        let failed = area.byte(0) == 1;
        if failed {
            area.code(PAYLOAD);
        }
        !failed
    }
}
