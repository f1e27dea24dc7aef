//! Incoming requests: reads the messages of a request, or finds why there are none.

use crate::{
    bindings::exports::wasi::messaging::types::Error,
    settings::Settings,
    stream::{self, Broken, Deadline, Length, header},
};
use alloc::{string::String, vec::Vec};
use http_mapping::{
    Field, event,
    form::Mode,
    problem::Problem,
    reading,
    topic::{self, Place},
};
use imports::http::types::{IncomingRequest, Method};
use message::{Content, Data};
use trace::trace;

/// The maximum number of headers of a request.
const MAX_HEADERS: usize = 1000;

/// The maximum number of events in a batch. Each becomes a message.
const MAX_EVENTS: usize = 10_000;

/// The result of reading a request.
pub enum Request {
    /// Messages and their common topic. Without one, the topic of each is its `ce-subject`.
    Messages(Option<String>, Vec<Content>),
    /// Dapr asks for the subscriptions.
    Subscriptions,
    /// The request is for the guest's own HTTP handler.
    Other,
    /// The request is refused.
    Refused(Refusal),
}

/// Why a request is refused.
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    title: &'static str,
    detail: String,
}

impl Refusal {
    fn new(status: u16, title: &'static str) -> Self {
        Self { status, title, detail: String::new() }
    }

    /// Converts the refusal to a problem.
    pub fn problem(&self) -> Problem<'_> {
        Problem { status: self.status, title: self.title, detail: &self.detail, ..Problem::default() }
    }
}

/// Reads a request. With `others`, one without messages is [`Request::Other`]; otherwise it is refused.
pub fn read(request: &IncomingRequest, others: bool, settings: &Settings) -> Request {
    let path = request.path_with_query().unwrap_or_default();
    let method = request.method();
    if settings.mode == Mode::Dapr && matches!(method, Method::Get) && path == "/dapr/subscribe" {
        return Request::Subscriptions;
    }
    let prefix = settings.text("path-prefix");
    let is_post = matches!(method, Method::Post);
    let place = topic::of_path(&path, prefix);
    if others && (place == Place::Outside || prefix == "/" && !is_post) {
        return Request::Other;
    }
    trace!("in, path=", path.split_once('?').map_or(path.as_str(), |(before, _)| before));
    let read = match place {
        Place::Outside => Err(Refusal::new(404, "no messages are taken here")),
        _ if !is_post => Err(Refusal::new(405, "messages come by POST")),
        Place::Undecodable => Err(Refusal::new(400, "the path cannot be decoded")),
        Place::Topic(topic) => messages(request, topic, settings),
    };
    match read {
        Ok((topic, messages)) => Request::Messages(topic, messages),
        Err(refusal) => Request::Refused(refusal),
    }
}

type Messages = (Option<String>, Vec<Content>);

fn messages(request: &IncomingRequest, topic: String, settings: &Settings) -> Result<Messages, Refusal> {
    let fields = request.headers().entries();
    if fields.len() > MAX_HEADERS {
        return Err(Refusal::new(431, "there are too many headers"));
    }
    let named = header(&fields, settings.text("topic-header")).map(String::from);
    let topic = named.or(Some(topic)).filter(|topic| !topic.is_empty());
    let body = body(request, &fields, settings)?;
    let unpack = settings.mode != Mode::Raw;
    let contents = reading::read(fields, body, settings.prefix(), unpack, MAX_EVENTS + 1)
        .map_err(|detail| Refusal { status: 400, title: "the message cannot be read", detail })?;
    if contents.len() > MAX_EVENTS {
        return Err(Refusal::new(413, "there are too many events in the batch"));
    }
    if topic.is_none() && contents.iter().any(|content| event::subject(content).is_none()) {
        return Err(Refusal::new(400, "there is no topic, neither in the path nor in `ce-subject`"));
    }
    trace!("messages=", contents.len(), " topic=", topic.as_deref().unwrap_or("(their subjects)"));
    Ok((topic, contents))
}

fn body(request: &IncomingRequest, fields: &[Field], settings: &Settings) -> Result<Data, Refusal> {
    const TOO_LARGE: Refusal =
        Refusal { status: 413, title: "the body is larger than `max-body-bytes`", detail: String::new() };

    let announced = stream::announced(fields);
    if announced == Some(0) {
        return Ok(Data::default());
    }
    if announced.is_some_and(|length| length > settings.max_body as u64) {
        return Err(TOO_LARGE);
    }
    let unreadable = || Refusal::new(400, "the body broke off");
    let body = request.consume().map_err(|()| unreadable())?;
    let from = body.stream().map_err(|()| unreadable())?;
    let mut data = Data::default();
    let deadline = Deadline::of_waiting(settings.timeout_ms());
    let length = Length { announced, limit: settings.max_body };
    stream::read_into(&mut data, &from, length, &deadline).map_err(|broken| match broken {
        Broken::Large => TOO_LARGE,
        Broken::Late => Refusal::new(408, "the body did not come in time"),
        Broken::Off => unreadable(),
    })?;
    Ok(data)
}

/// Converts an error of the handler to the status and text of the response.
pub fn status_of(error: &Error) -> Refusal {
    let (status, title, detail) = match error {
        Error::Timeout => (504, "the handler timed out", ""),
        Error::Connection(detail) => (502, "the handler has no connection", detail.as_str()),
        Error::PermissionDenied(detail) => (403, "the handler was denied permission", detail.as_str()),
        Error::Other(detail) => (500, "the handler failed", detail.as_str()),
    };
    Refusal { status, title, detail: detail.into() }
}
