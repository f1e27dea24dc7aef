//! HTTP of WASI 0.3: many requests at once.
//!
//! The bindings are handwritten. Results pass through as they lie in memory, so no case of an error is ever decoded.
//! Layouts follow the canonical ABI (component model, "Canonical ABI", alignment and flattening).

use crate::bindings::msgcompose::http::exchange_async::{Exchange, Step};
use alloc::vec::Vec;
use imports::{
    messaging::types::Message,
    over_http_p3::types::{Request, Response},
};
use tasks::async_support::{TaskCancelOnDrop, callback, start_task};
use trace::trace;

/// `step`: the case, and two handles.
type StepWords = [u32; 3];

/// `result<_, error>`: whether it is an error, the case, and the address and length of the text.
type Outcome = [u32; 4];

/// The parameters of `handled`: the exchange, and the outcome.
#[repr(C)]
struct Handled(u32, Outcome);

#[link(wasm_import_module = "msgcompose:http/exchange-async@0.1.0")]
unsafe extern "C" {
    #[link_name = "[async-lower]accept"]
    fn accept(request: u32, others: u32, step: *mut StepWords) -> u32;
    #[link_name = "[async-lower]handled"]
    fn handled(parameters: *const Handled, step: *mut StepWords) -> u32;
}

#[link(wasm_import_module = "wasi:messaging/incoming-handler@0.2.0-draft")]
unsafe extern "C" {
    #[link_name = "[async-lower]handle"]
    fn handle(message: u32, outcome: *mut Outcome) -> u32;
}

#[link(wasm_import_module = "[export]wasi:http/handler@0.3.0")]
unsafe extern "C" {
    /// `result<response, error-code>`, flat: whether it is an error; the response, or the case; and the payload, of which
    /// an optional text is the first three.
    #[link_name = "[task-return]handle"]
    fn returned(is_error: u32, first: u32, has_text: u32, text: u64, length: u32, _: u32, _: u32, _: u32);
}

/// The host calls this for each request.
///
/// # Safety
///
/// The host gives the request.
#[unsafe(export_name = "[async-lift]wasi:http/handler@0.3.0#handle")]
unsafe extern "C" fn handle_request(request: u32) -> i32 {
    start_task(async move {
        let cancelled = TaskCancelOnDrop::new();
        // SAFETY: the host has given the handle.
        let result = respond(unsafe { Request::from_handle(request) }).await;
        cancelled.forget();
        // SAFETY: a call returns once, and the engine copies the text.
        unsafe {
            match result {
                Ok(response) => returned(0, response.take_handle(), 0, 0, 0, 0, 0, 0),
                Err(Failure { case, text }) => {
                    let text = text.as_deref();
                    let (start, length) = text.map_or((0, 0), |text| (text.as_ptr() as u64, text.len() as u32));
                    returned(1, u32::from(case), u32::from(text.is_some()), start, length, 0, 0, 0);
                }
            }
        }
    })
}

/// The engine calls this when something has come that a request waits for.
///
/// # Safety
///
/// Only the engine calls it.
#[unsafe(export_name = "[callback][async-lift]wasi:http/handler@0.3.0#handle")]
unsafe extern "C" fn continue_request(kind: u32, waitable: u32, code: u32) -> u32 {
    // SAFETY: as above.
    unsafe { callback(kind, waitable, code) }
}

/// An `error-code`: its case, and the text of an internal error. Other payloads are left out.
struct Failure {
    case: u8,
    text: Option<alloc::string::String>,
}

async fn respond(request: Request) -> Result<Response, Failure> {
    let mut step = first(request).await;
    loop {
        step = match step {
            Step::Handle((exchange, message)) => {
                trace!("message to the guest's handler");
                let outcome = guest(message).await;
                next(exchange, outcome).await
            }
            Step::Answer(response) => return Ok(response),
            Step::Other(request) => return pass_on(request).await,
        };
    }
}

/// Takes a step from memory.
fn step(&[case, one, two]: &StepWords) -> Step {
    // SAFETY: the provider has given these handles, and they are taken once. The case is the first byte.
    unsafe {
        match case as u8 {
            0 => Step::Handle((Exchange::from_handle(one), Message::from_handle(two))),
            1 => Step::Answer(Response::from_handle(one)),
            _ => Step::Other(Request::from_handle(one)),
        }
    }
}

async fn first(request: Request) -> Step {
    let request = request.take_handle();
    // SAFETY: the call takes ownership of the request, unless it has not begun.
    tasks::call(
        [0; 3],
        |result| unsafe { accept(request, u32::from(cfg!(feature = "router")), result) },
        step,
        || drop(unsafe { Request::from_handle(request) }),
    )
    .await
}

/// The outcome of a message. An error has a text, which is this component's.
struct Handling(Outcome);

impl Drop for Handling {
    fn drop(&mut self) {
        let [is_error, case, start, length] = self.0;
        // `timeout`, the first case, has no text.
        if is_error as u8 == 1 && case as u8 != 0 {
            let length = length as usize;
            // SAFETY: the engine has allocated the text with `cabi_realloc`, with this length.
            drop(unsafe { Vec::from_raw_parts(start as *mut u8, length, length) });
        }
    }
}

/// Calls the guest's handler.
async fn guest(message: Message) -> Handling {
    let message = message.take_handle();
    // SAFETY: the call takes ownership of the message, unless it has not begun.
    tasks::call(
        [0; 4],
        |result| unsafe { handle(message, result) },
        |outcome| Handling(*outcome),
        || drop(unsafe { Message::from_handle(message) }),
    )
    .await
}

async fn next(exchange: Exchange, outcome: Handling) -> Step {
    let exchange = exchange.take_handle();
    let parameters = tasks::Place::new(Handled(exchange, outcome.0));
    // SAFETY: the call takes ownership of the exchange, unless it has not begun. The parameters stay until it has ended.
    tasks::call(
        [0; 3],
        |result| unsafe { handled(parameters.address(), result) },
        step,
        || drop(unsafe { Exchange::from_handle(exchange) }),
    )
    .await
}

#[cfg(feature = "router")]
async fn pass_on(request: Request) -> Result<Response, Failure> {
    use http_code::{Area, PAYLOAD};

    #[link(wasm_import_module = "wasi:http/handler@0.3.0")]
    unsafe extern "C" {
        #[link_name = "[async-lower]handle"]
        fn handle(request: u32, result: *mut Area) -> u32;
    }

    trace!("request to the guest's own HTTP handler");
    let request = request.take_handle();
    // SAFETY: the call takes ownership of the request, unless it has not begun. The result is taken once.
    tasks::call(
        Area::new(),
        |result| unsafe { handle(request, result) },
        |area| unsafe {
            match area.byte(0) {
                0 => Ok(Response::from_handle(area.word(PAYLOAD))),
                _ => {
                    let code = area.code(PAYLOAD);
                    Err(Failure { case: code.case, text: code.text })
                }
            }
        },
        || drop(unsafe { Request::from_handle(request) }),
    )
    .await
}

// Never called: `accept` returns `other` only if its argument `others` is true.
#[cfg(not(feature = "router"))]
async fn pass_on(_: Request) -> Result<Response, Failure> {
    Err(Failure { case: 38, text: None })
}
