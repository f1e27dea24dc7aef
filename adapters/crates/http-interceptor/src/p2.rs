//! HTTP of WASI 0.2.

use crate::{
    Interceptor,
    bindings::{
        exports::wasi::http::incoming_handler::Guest,
        msgcompose::http::exchange::{Arrival, accept, handled},
        wasi::messaging::incoming_handler,
    },
};
use imports::http::types::{IncomingRequest, ResponseOutparam};
use trace::trace;

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
    crate::bindings::wasi::http::incoming_handler::handle(request, response_out);
}

// Never called: `accept` returns `Other` only if its argument `others` is true.
#[cfg(not(feature = "router"))]
fn pass_on(_: (IncomingRequest, ResponseOutparam)) {}
