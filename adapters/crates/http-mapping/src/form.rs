//! Outgoing messages: converts a message to headers and a body.

use crate::{
    Field,
    event::{self, Attributes},
    header::{self, EVENT, Refusal},
    media, percent,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use message::{Content, Data};

/// How a message is written as headers and a body; the option `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The data is the body; attributes and metadata are headers.
    Binary,
    /// The body is an event in JSON; metadata that are not attributes are headers.
    Structured,
    /// The data is the body; metadata are headers.
    Raw,
    /// The body is an event in JSON, which includes all metadata.
    Dapr,
}

impl Mode {
    /// Reads the value of the option.
    pub fn of(option: &str) -> Self {
        match option {
            "cloudevents-structured" => Mode::Structured,
            "raw" => Mode::Raw,
            "dapr" => Mode::Dapr,
            _ => Mode::Binary,
        }
    }
}

/// The headers and body of a request or response.
#[derive(Debug)]
pub struct Form {
    /// All headers except `content-length`.
    pub headers: Vec<Field>,
    /// The body.
    pub body: Data,
}

/// Converts a message to headers and a body. Fails at the first metadata key that cannot be a header.
pub fn of(mode: Mode, attributes: &Attributes<'_>, content: &Content, prefix: &str) -> Result<Form, (String, Refusal)> {
    if mode == Mode::Dapr {
        return Ok(Form { headers: event_type(media::EVENT), body: json(attributes, content, true) });
    }
    let structured = mode == Mode::Structured;
    let content_type = content.content_type.as_deref().unwrap_or(media::BYTES);
    if header::has_control(content_type) {
        return Err(("content-type".to_owned(), Refusal::Value));
    }
    let mut headers = event_type(if structured { media::EVENT } else { content_type });
    if mode == Mode::Binary {
        headers.extend(attributes.named().map(|(name, value)| event_field(name, value)));
    }
    for ((key, value), repeats) in content.metadata.iter().zip(header::repeats(&content.metadata)) {
        let attribute = header::attribute(key).filter(|_| mode != Mode::Raw);
        let own = attribute.is_some_and(event::is_own);
        let inside = structured && event::extension(key).is_some();
        if !own && !inside && !(repeats && attribute.is_some()) {
            headers.push(header::field(key, value, prefix).map_err(|refusal| (key.to_owned(), refusal))?);
        }
    }
    let body = if structured { json(attributes, content, false) } else { content.data.clone() };
    Ok(Form { headers, body })
}

/// Converts several messages to one batch, each with all its metadata.
pub fn batch<'a>(events: impl Iterator<Item = (Attributes<'a>, &'a Content)>) -> Form {
    let mut body = Vec::from(*b"[");
    for (attributes, content) in events {
        if body.len() > 1 {
            body.push(b',');
        }
        event::write(&attributes, content, true, &mut body);
    }
    body.push(b']');
    Form { headers: event_type(media::BATCH), body: body.into() }
}

fn json(attributes: &Attributes<'_>, content: &Content, all_metadata: bool) -> Data {
    let mut body = Vec::new();
    event::write(attributes, content, all_metadata, &mut body);
    body.into()
}

fn event_type(content_type: &str) -> Vec<Field> {
    Vec::from([("content-type".to_owned(), content_type.as_bytes().to_vec())])
}

fn event_field(name: &str, value: &str) -> Field {
    let mut key = EVENT.to_owned();
    key.push_str(name);
    (key, percent::encode_attribute(value).into_bytes())
}
