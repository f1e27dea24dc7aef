//! What goes out: sets the attributes of messages, and makes headers and bodies of requests and responses.

use crate::{bindings::exports::wasi::messaging::types::Error, message::refused, settings::Settings};
use ::message::{Content, Data, decimal, id, metadata::Metadata};
use alloc::{
    borrow::{Cow, ToOwned},
    vec::Vec,
};
use http_mapping::{
    Field,
    event::Attributes,
    form::{self, Form},
    header,
    problem::Problem,
};
#[cfg(not(feature = "p3"))]
use imports::random::random::get_random_u64;
#[cfg(feature = "p3")]
use imports::random_p3::random::get_random_u64;
use trace::trace;

/// The attributes of a message as an event: from its metadata or, where these have none, from the options.
pub struct Identity<'a> {
    id: Cow<'a, str>,
    source: &'a str,
    kind: &'a str,
    subject: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// Collects the attributes of a message to `topic`, or of a reply. If the metadata has no id, makes a random one.
    pub fn of(metadata: &'a Metadata, topic: Option<&'a str>, settings: &Settings) -> Self {
        let own = |key| header::get(metadata, key);
        let id = own("ce-id").or_else(|| own("message-id"));
        Self {
            id: id.map_or_else(|| Cow::Owned(id::from_bits(get_random_u64(), get_random_u64())), Cow::Borrowed),
            source: own("ce-source").unwrap_or(settings.text("ce-source")),
            kind: own("ce-type").unwrap_or(settings.text("ce-type")),
            subject: topic.or_else(|| own("ce-subject")),
        }
    }

    /// Borrows the attributes.
    pub fn attributes(&self) -> Attributes<'_> {
        Attributes { id: &self.id, source: self.source, kind: self.kind, subject: self.subject }
    }
}

/// Converts a message to headers and a body, as the option `mode` says.
pub fn form(content: &Content, topic: Option<&str>, settings: &Settings) -> Result<Form, Error> {
    let identity = Identity::of(&content.metadata, topic, settings);
    let form = form::of(settings.mode, &identity.attributes(), content, settings.prefix());
    form.map_err(|(key, refusal)| refused(&key, refusal))
}

/// Adds `content-length`.
pub fn with_length(mut headers: Vec<Field>, body: &Data) -> Vec<Field> {
    headers.push(("content-length".to_owned(), decimal(body.len() as u64).into_bytes()));
    headers
}

/// A response.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All headers. There is `content-length`, except in a response without a body.
    pub headers: Vec<Field>,
    /// The body.
    pub body: Data,
    /// The time for the body in milliseconds; `None` for no limit.
    pub bound_ms: Option<u64>,
}

impl Answer {
    /// Returns the response with a reply, or several.
    pub fn of(Form { headers, body }: Form, settings: &Settings) -> Self {
        Self { status: 200, headers: with_length(headers, &body), body, bound_ms: settings.timeout_ms() }
    }

    /// Returns the response if there is no reply.
    pub fn no_reply() -> Self {
        Self { status: 204, headers: Vec::new(), body: Data::default(), bound_ms: None }
    }

    /// Returns the response that tells a problem.
    pub fn problem(problem: &Problem<'_>) -> Self {
        trace!("refused: ", problem.title);
        let body = Data::from(problem.to_json());
        let mut headers = Vec::from([("content-type".to_owned(), http_mapping::media::PROBLEM.into())]);
        if problem.status == 405 {
            headers.push(("allow".to_owned(), b"POST".to_vec()));
        }
        Self { status: problem.status, headers: with_length(headers, &body), body, bound_ms: None }
    }

    /// Returns the response in place of one with a header that the host refuses.
    pub fn refused_header() -> Self {
        let title = "the host refuses a header of the reply";
        Self::problem(&Problem { status: 500, title, ..Problem::default() })
    }
}
