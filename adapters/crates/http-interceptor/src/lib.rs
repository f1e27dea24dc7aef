//! Receives HTTP requests from the host, and calls the guest's messaging handler with the messages in them.
//!
//! The provider reads requests and writes responses, but it cannot call the guest, because the guest imports it. This
//! part makes that call. Built as the router, it passes other requests to the guest's own HTTP handler.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings;

use bindings::{
    exports::wasi::http::incoming_handler::Guest,
    msgcompose::http::exchange::{Arrival, accept, handled},
    wasi::messaging::incoming_handler,
};
use imports::http::types::{IncomingRequest, ResponseOutparam};
use trace::trace;

struct Interceptor;

bindings::export!(Interceptor with_types_in bindings);

impl Guest for Interceptor {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        match accept(request, response_out, cfg!(feature = "router")) {
            Arrival::Messages(first) => {
                let mut pending = Some(first);
                while let Some((exchange, message)) = pending {
                    trace!("message to the guest's handler");
                    pending = handled(exchange, incoming_handler::handle(message).as_ref().copied());
                }
            }
            Arrival::Answered => {}
            Arrival::Other(request) => pass_on(request),
        }
    }
}

#[cfg(feature = "router")]
fn pass_on((request, response_out): (IncomingRequest, ResponseOutparam)) {
    trace!("request to the guest's own HTTP handler");
    bindings::wasi::http::incoming_handler::handle(request, response_out);
}

// Never called: `accept` returns `Other` only if its argument `others` is true.
#[cfg(not(feature = "router"))]
fn pass_on(_: (IncomingRequest, ResponseOutparam)) {}
