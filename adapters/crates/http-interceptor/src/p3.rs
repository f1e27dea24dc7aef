//! HTTP of WASI 0.3: many requests at once.

use crate::{
    Interceptor,
    bindings::{
        exports::wasi::http::handler::Guest,
        msgcompose::http::exchange_async::{Step, accept, handled},
        wasi::messaging::incoming_handler,
    },
};
use imports::over_http_p3::http::types::{ErrorCode, Request, Response};
use trace::trace;

impl Guest for Interceptor {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let mut step = accept(request, cfg!(feature = "router")).await;
        loop {
            step = match step {
                Step::Handle((exchange, message)) => {
                    trace!("message to the guest's handler");
                    handled(exchange, incoming_handler::handle(message).await).await
                }
                Step::Answer(response) => return Ok(response),
                Step::Other(request) => return pass_on(request).await,
            };
        }
    }
}

#[cfg(feature = "router")]
async fn pass_on(request: Request) -> Result<Response, ErrorCode> {
    trace!("request to the guest's own HTTP handler");
    crate::bindings::wasi::http::handler::handle(request).await
}

// Never called: `accept` returns `Other` only if its argument `others` is true.
#[cfg(not(feature = "router"))]
async fn pass_on(_: Request) -> Result<Response, ErrorCode> {
    Err(ErrorCode::InternalError(None))
}
