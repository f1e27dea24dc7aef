//! Responses: whether the message was accepted, and the replies.

use crate::{
    bindings::exports::wasi::messaging::types::{Error, Message as MessageHandle},
    body::{Broken, header},
    message::Message,
    settings::Settings,
};
use alloc::{string::String, vec::Vec};
use http_mapping::{Field, form::Mode, media, problem::excerpt, reading};
use message::{Content, Data};
use trace::trace;

/// The maximum number of body bytes that are read for an error text.
pub const EXCERPT: usize = 4096;

/// What a status says about the message.
pub enum Verdict {
    /// It was accepted.
    Accepted,
    /// It was not, for this reason.
    Refused(Error),
    /// It was not, and the body may say why.
    Told(fn(String) -> Error),
}

/// Returns what a status says.
pub fn verdict(status: u16) -> Verdict {
    trace!("response status=", status);
    match status {
        200..=299 => Verdict::Accepted,
        408 | 504 => Verdict::Refused(Error::Timeout),
        401 | 403 => Verdict::Told(Error::PermissionDenied),
        _ => Verdict::Told(Error::Other),
    }
}

/// Returns whether a body is text that tells why a message was not accepted.
pub fn tells(fields: &[Field]) -> bool {
    let content_type = header(fields, "content-type").unwrap_or_default();
    media::is_text(content_type) || media::is_json(content_type)
}

/// Returns an error text: the status, and the start of a text body.
pub fn described(status: u16, body: Data) -> String {
    let mut text = ["HTTP ", &message::decimal(u64::from(status))].concat();
    let excerpt = excerpt(&body.into_vec());
    if !excerpt.is_empty() {
        text.push_str(": ");
        text.push_str(&excerpt);
    }
    text
}

/// Returns whether a response with this status has no replies, whatever its body.
pub fn is_without_replies(status: u16) -> bool {
    matches!(status, 202 | 204)
}

/// Returns the replies as messages. Fails if there is none and one was expected.
pub fn messages(replies: Vec<Content>, expected: usize) -> Result<Vec<MessageHandle>, Error> {
    trace!("replies=", replies.len(), " of ", expected);
    if replies.is_empty() && expected > 0 {
        return Err(Error::Timeout);
    }
    Ok(replies.into_iter().map(|content| MessageHandle::new(Message::of(content))).collect())
}

/// Reads the replies, up to `expected` of them.
pub fn replies(fields: Vec<Field>, body: Data, expected: usize, settings: &Settings) -> Result<Vec<Content>, Error> {
    if body.is_empty() && header(&fields, "content-type").is_none() {
        return Ok(Vec::new());
    }
    reading::read(fields, body, settings.prefix(), settings.mode != Mode::Raw, expected)
        .map_err(|reason| Error::Other(["the response cannot be read: ", &reason].concat()))
}

/// Returns the error for a response whose body is not whole.
pub fn broken(broken: Broken) -> Error {
    match broken {
        Broken::Late => Error::Timeout,
        Broken::Off => Error::Connection("the response broke off".into()),
        Broken::Large => Error::Other("the response is larger than `max-body-bytes`".into()),
    }
}
