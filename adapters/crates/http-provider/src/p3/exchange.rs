//! Exchanges on WASI 0.3: each call returns what comes next, a message or the response.

use super::{
    host::{self, Incoming},
    stream::{self, Deadline},
};
use crate::{
    Provider,
    bindings::exports::{
        msgcompose::http::exchange_async::{Exchange as Handle, Guest, GuestExchange, Step},
        wasi::messaging::types::{Error, Message as MessageHandle},
    },
    exchange::{self, Exchange},
    incoming::{Arriving, Kind, Method, Refusal},
    outgoing::Answer,
    settings::Settings,
};
use alloc::{string::String, vec::Vec};
use imports::over_http_p3::types::{Fields, Method as HttpMethod, Request};
use message::{Content, Data};
use trace::trace;

impl Guest for Provider {
    type Exchange = Exchange;

    async fn accept(request: Request, others: bool) -> Step {
        let Ok(settings) = Settings::get() else { return answer(exchange::misconfigured()) };
        let method = match request.get_method() {
            HttpMethod::Get => Method::Get,
            HttpMethod::Post => Method::Post,
            _ => Method::Other,
        };
        let path = request.get_path_with_query().unwrap_or_default();
        answer(match Kind::of(method, &path, others, &settings) {
            Kind::Other => return Step::Other(request),
            Kind::Subscriptions => exchange::subscriptions(&settings),
            Kind::Refused(refusal) => Answer::problem(&refusal.problem()),
            Kind::Messages(topic) => match messages(request, topic, &settings).await {
                Ok(messages) => return next(Exchange::new(messages, settings)),
                Err(refusal) => Answer::problem(&refusal.problem()),
            },
        })
    }

    async fn handled(request: Handle, outcome: Result<(), Error>) -> Step {
        let mut exchange = request.into_inner::<Exchange>();
        exchange.handled(outcome).map_or_else(|| next(exchange), answer)
    }
}

impl GuestExchange for Exchange {}

/// Returns the next message or, after the last one, the response.
fn next(mut exchange: Exchange) -> Step {
    match exchange.next() {
        Some(message) => Step::Handle((Handle::new(exchange), MessageHandle::new(message))),
        None => answer(exchange.answer()),
    }
}

async fn messages(
    request: Request,
    topic: String,
    settings: &Settings,
) -> Result<(Option<String>, Vec<Content>), Refusal> {
    let arriving = Arriving::new(topic, request.get_headers().copy_all(), settings)?;
    let mut data = Data::default();
    if !arriving.is_empty() {
        let deadline = Deadline::after(settings.timeout_ms());
        let body = stream::read(Incoming::of_request(request), arriving.length, &deadline).await;
        data = body.map_err(|(broken, _)| Refusal::of_body(broken))?;
    }
    arriving.messages(data, settings)
}

/// Makes a response. Its body is written while the host reads it.
fn answer(answer: Answer) -> Step {
    let Answer { status, headers, body, bound_ms } = answer;
    let Ok(fields) = Fields::from_list(&headers) else {
        // No host refuses the headers of this one.
        return self::answer(Answer::refused_header());
    };
    trace!("out, status=", status, " bytes=", body.len());
    let response = host::response(fields, stream::outgoing(body, bound_ms));
    if status != 200 {
        // Cannot fail: the status is valid.
        let _ = response.set_status_code(status);
    }
    Step::Answer(response)
}
