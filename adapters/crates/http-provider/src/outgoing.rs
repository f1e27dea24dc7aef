//! Outgoing requests and responses: sets the attributes of messages, and writes headers and bodies.

use crate::{
    bindings::exports::wasi::messaging::types::Error,
    fallible,
    message::refused,
    settings::Settings,
    stream::{self, Broken, Deadline},
};
use ::message::{Content, Data, decimal, id, metadata::Metadata};
use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
    vec::Vec,
};
use http_mapping::{
    event::Attributes,
    form::{self, Form},
    header,
    problem::Problem,
};
use imports::{
    http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam},
    random::random::get_random_u64,
};
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
pub fn form<'a>(content: &'a Content, topic: Option<&str>, settings: &Settings) -> Result<Form<'a>, Error> {
    let identity = Identity::of(&content.metadata, topic, settings);
    let form = form::of(settings.mode, &identity.attributes(), content, settings.prefix());
    form.map_err(|(key, refusal)| refused(&key, refusal))
}

/// Adds `content-length`, and converts the headers for the host. Returns `None` if the host refuses one.
pub fn fields(mut headers: Vec<(String, Vec<u8>)>, body: &Data) -> Option<Fields> {
    headers.push(("content-length".to_owned(), decimal(body.len() as u64).into_bytes()));
    Fields::from_list(&headers).ok()
}

/// Writes a body to its end. If this fails, the body is not finished, so the other side sees that it is incomplete.
pub fn write(body: OutgoingBody, data: &Data, deadline: &Deadline) -> Result<(), Broken> {
    if !data.is_empty() {
        let to = body.write().map_err(|()| Broken::Off)?;
        stream::write(data, &to, deadline)?;
    }
    if fallible::end(&body) { Ok(()) } else { Err(Broken::Off) }
}

/// Sends a response with a body.
pub fn respond(out: ResponseOutparam, form: Form<'_>, settings: &Settings) {
    match fields(form.headers, &form.body) {
        Some(fields) => send(out, 200, fields, &form.body, &Deadline::of_waiting(settings.timeout_ms())),
        None => {
            let title = "the host refuses a header of the reply";
            problem(out, &Problem { status: 500, title, ..Problem::default() });
        }
    }
}

/// Sends a response without a body.
pub fn respond_empty(out: ResponseOutparam, status: u16) {
    if let Ok(fields) = Fields::from_list(&[]) {
        send(out, status, fields, &Data::default(), &Deadline::of_waiting(None));
    }
}

/// Sends a problem.
pub fn problem(out: ResponseOutparam, problem: &Problem<'_>) {
    trace!("refused: ", problem.title);
    let body = Data::from(problem.to_json());
    let mut headers = Vec::from([("content-type".to_owned(), http_mapping::media::PROBLEM.into())]);
    if problem.status == 405 {
        headers.push(("allow".to_owned(), b"POST".to_vec()));
    }
    // No host refuses these headers.
    if let Some(fields) = fields(headers, &body) {
        send(out, problem.status, fields, &body, &Deadline::of_waiting(None));
    }
}

fn send(out: ResponseOutparam, status: u16, fields: Fields, data: &Data, deadline: &Deadline) {
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
        let _ = write(body, data, deadline);
    }
}
