//! Exchanges on WASI 0.2: the host gives a request with the place for its response, and calls again when that is done.

use super::stream::{self, Deadline};
use crate::{
    Provider,
    bindings::exports::{
        msgcompose::http::exchange::{Arrival, Exchange as Handle, Guest, GuestExchange, Pending},
        wasi::messaging::types::{Error, Message as MessageHandle},
    },
    exchange::{self, Exchange},
    incoming::{Arriving, Kind, Method, Refusal},
    outgoing::Answer,
    settings::Settings,
};
use alloc::{string::String, vec::Vec};
use imports::http::types::{Fields, IncomingRequest, Method as HttpMethod, OutgoingResponse, ResponseOutparam};
use message::{Content, Data};
use trace::trace;

/// An exchange, and the place for its response.
pub struct Open {
    exchange: Exchange,
    out: ResponseOutparam,
}

impl Guest for Provider {
    type Exchange = Open;

    fn accept(request: IncomingRequest, out: ResponseOutparam, others: bool) -> Arrival {
        let Ok(settings) = Settings::get() else {
            send(out, exchange::misconfigured());
            return Arrival::Answered;
        };
        let method = match request.method() {
            HttpMethod::Get => Method::Get,
            HttpMethod::Post => Method::Post,
            _ => Method::Other,
        };
        let path = request.path_with_query().unwrap_or_default();
        let answer = match Kind::of(method, &path, others, &settings) {
            Kind::Other => return Arrival::Other((request, out)),
            Kind::Subscriptions => exchange::subscriptions(&settings),
            Kind::Refused(refusal) => Answer::problem(&refusal.problem()),
            Kind::Messages(topic) => match messages(&request, topic, &settings) {
                Ok(messages) => {
                    let open = Open { exchange: Exchange::new(messages, settings), out };
                    return open.next().map_or(Arrival::Answered, Arrival::Messages);
                }
                Err(refusal) => Answer::problem(&refusal.problem()),
            },
        };
        send(out, answer);
        Arrival::Answered
    }

    fn handled(request: Handle, outcome: Result<(), Error>) -> Option<Pending> {
        let mut open = request.into_inner::<Open>();
        match open.exchange.handled(outcome) {
            None => open.next(),
            Some(answer) => {
                send(open.out, answer);
                None
            }
        }
    }
}

impl GuestExchange for Open {}

impl Open {
    /// Returns the next message. After the last one, sends the response.
    fn next(mut self) -> Option<Pending> {
        if let Some(message) = self.exchange.next() {
            return Some((Handle::new(self), MessageHandle::new(message)));
        }
        send(self.out, self.exchange.answer());
        None
    }
}

fn messages(
    request: &IncomingRequest,
    topic: String,
    settings: &Settings,
) -> Result<(Option<String>, Vec<Content>), Refusal> {
    let arriving = Arriving::new(topic, request.headers().entries(), settings)?;
    let mut data = Data::default();
    if !arriving.is_empty() {
        let gone = |()| Refusal::of_body(crate::body::Broken::Off);
        let body = request.consume().map_err(gone)?;
        let from = body.stream().map_err(gone)?;
        let deadline = Deadline::of_waiting(settings.timeout_ms());
        stream::read_into(&mut data, &from, arriving.length, &deadline).map_err(Refusal::of_body)?;
    }
    arriving.messages(data, settings)
}

/// Sends a response.
fn send(out: ResponseOutparam, answer: Answer) {
    let Answer { status, headers, body: data, bound_ms } = answer;
    let Ok(fields) = Fields::from_list(&headers) else {
        // No host refuses the headers of this one.
        return send(out, Answer::refused_header());
    };
    trace!("out, status=", status, " bytes=", data.len());
    let response = OutgoingResponse::new(fields);
    if status != 200 {
        // Cannot fail: the status is valid.
        let _ = response.set_status_code(status);
    }
    let body = response.body();
    ResponseOutparam::set(out, Ok(response));
    if let Ok(body) = body {
        // If this fails, the client is gone or too slow, and cannot be told.
        let _ = stream::finish(body, &data, &Deadline::of_waiting(bound_ms));
    }
}
