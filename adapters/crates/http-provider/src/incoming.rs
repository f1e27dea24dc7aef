//! Incoming requests: reads the messages of a request, or finds why there are none.

use crate::{
    bindings::exports::wasi::messaging::types::Error,
    body::{Broken, Length, header},
    settings::Settings,
};
use alloc::{string::String, vec::Vec};
use http_mapping::{
    Field, event,
    form::Mode,
    problem::Problem,
    reading,
    topic::{self, Place},
};
use message::{Content, Data};
use trace::trace;

/// The maximum number of headers of a request.
const MAX_HEADERS: usize = 1000;

/// The maximum number of events in a batch. Each becomes a message.
const MAX_EVENTS: usize = 10_000;

/// The method of a request. Others than these are refused alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// Any other.
    Other,
}

/// What a request is, by its method and path.
pub enum Kind {
    /// It has messages. The topic is empty if the path has none.
    Messages(String),
    /// Dapr asks for the subscriptions.
    Subscriptions,
    /// The request is for the guest's own HTTP handler.
    Other,
    /// The request is refused.
    Refused(Refusal),
}

impl Kind {
    /// Returns the kind of a request. With `others`, one without messages is [`Kind::Other`]; otherwise it is refused.
    pub fn of(method: Method, path: &str, others: bool, settings: &Settings) -> Self {
        if settings.mode == Mode::Dapr && method == Method::Get && path == "/dapr/subscribe" {
            return Kind::Subscriptions;
        }
        let prefix = settings.text("path-prefix");
        let is_post = method == Method::Post;
        let place = topic::of_path(path, prefix);
        if others && (place == Place::Outside || prefix == "/" && !is_post) {
            return Kind::Other;
        }
        trace!("in, path=", path.split_once('?').map_or(path, |(before, _)| before));
        match place {
            Place::Outside => Kind::Refused(Refusal::new(404, "no messages are taken here")),
            _ if !is_post => Kind::Refused(Refusal::new(405, "messages come by POST")),
            Place::Undecodable => Kind::Refused(Refusal::new(400, "the path cannot be decoded")),
            Place::Topic(topic) => Kind::Messages(topic),
        }
    }
}

/// A request with messages, before its body is read.
pub struct Arriving {
    /// The topic of all messages; `None` if each names its own.
    topic: Option<String>,
    fields: Vec<Field>,
    /// The lengths that bound the body.
    pub length: Length,
}

impl Arriving {
    /// Reads the headers. `topic` is that of the path, perhaps empty.
    pub fn new(topic: String, fields: Vec<Field>, settings: &Settings) -> Result<Self, Refusal> {
        if fields.len() > MAX_HEADERS {
            return Err(Refusal::new(431, "there are too many headers"));
        }
        let named = header(&fields, settings.text("topic-header")).map(String::from);
        let topic = named.or(Some(topic)).filter(|topic| !topic.is_empty());
        let length = Length::of(&fields, settings.max_body);
        if length.announced.is_some_and(|announced| announced > settings.max_body as u64) {
            return Err(Refusal::of_body(Broken::Large));
        }
        Ok(Self { topic, fields, length })
    }

    /// Returns whether the headers say that there is no body.
    pub fn is_empty(&self) -> bool {
        self.length.announced == Some(0)
    }

    /// Reads the messages, and their common topic. Without one, the topic of each is its `ce-subject`.
    pub fn messages(self, body: Data, settings: &Settings) -> Result<(Option<String>, Vec<Content>), Refusal> {
        let Self { topic, fields, .. } = self;
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
}

/// Why a request is refused, or what a handler's error is to the client.
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

    /// Returns the refusal of a request whose body is not whole.
    pub fn of_body(broken: Broken) -> Self {
        match broken {
            Broken::Large => Self::new(413, "the body is larger than `max-body-bytes`"),
            Broken::Late => Self::new(408, "the body did not come in time"),
            Broken::Off => Self::new(400, "the body broke off"),
        }
    }

    /// Returns the status and text of the response to a message that the handler failed on.
    pub fn of_handler(error: &Error) -> Self {
        let (status, title, detail) = match error {
            Error::Timeout => (504, "the handler timed out", ""),
            Error::Connection(detail) => (502, "the handler has no connection", detail.as_str()),
            Error::PermissionDenied(detail) => (403, "the handler was denied permission", detail.as_str()),
            Error::Other(detail) => (500, "the handler failed", detail.as_str()),
        };
        Self { status, title, detail: detail.into() }
    }

    /// Converts the refusal to a problem.
    pub fn problem(&self) -> Problem<'_> {
        Problem { status: self.status, title: self.title, detail: &self.detail, ..Problem::default() }
    }
}
