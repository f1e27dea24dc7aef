//! Handwritten bindings to the functions of `wasi:http` that return an `error-code`; the crate `http-code` says why.

#[cfg(feature = "sender")]
use http_code::Code;
use http_code::{Area, PAYLOAD};
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
