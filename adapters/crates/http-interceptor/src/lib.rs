//! Takes what the host delivers to `wasi:http/incoming-handler`, and gives the messages in it to the guest's handler.
//!
//! The provider reads requests and writes responses; here is only the call that it cannot make, because the guest stands
//! on it. As a router it passes on to the guest's own HTTP handler what is no message.
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

// The provider gives nothing back that it was not asked to.
#[cfg(not(feature = "router"))]
fn pass_on(_: (IncomingRequest, ResponseOutparam)) {}
