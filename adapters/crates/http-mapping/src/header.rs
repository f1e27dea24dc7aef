//! Which metadata is a header, and which headers are metadata.

use crate::{Field, percent};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use message::{Content, metadata::Metadata};

/// What the names of CloudEvents headers begin with (CloudEvents HTTP binding 1.0.2, section 3.1.3).
pub const EVENT: &str = "ce-";

/// Fields that say how a message is carried and not what it is (RFC 9110, sections 7.2 and 7.6.1; RFC 9112), and the
/// content type, which a message has apart from its metadata, and an event as no header of its own (CloudEvents HTTP
/// binding 1.0.2, section 3.1.1).
const FRAMING: [&str; 13] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-",
    "expect",
    "ce-datacontenttype",
];

/// Why a metadata entry cannot be a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The key is no token (RFC 9110, section 5.6.2).
    Name,
    /// It belongs to HTTP.
    Framing,
    /// The value has a control character.
    Value,
}

impl Refusal {
    /// The reason, behind the key.
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::Name => "is not a header name",
            Refusal::Framing => "is a header that belongs to HTTP",
            Refusal::Value => "has a value with a control character",
        }
    }
}

/// Whether a header of this name, in lower case, says how the message is carried.
fn is_framing(name: &str) -> bool {
    FRAMING.iter().any(|framing| name == *framing || framing.ends_with('-') && name.starts_with(framing))
}

/// Whether `name` is a token.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The attribute of an event that a metadata key names, whatever its case.
pub fn attribute(key: &str) -> Option<&str> {
    let (start, name) = key.split_at_checked(EVENT.len())?;
    start.eq_ignore_ascii_case(EVENT).then_some(name)
}

/// Whether the content type and all of the metadata can be headers; else the first that cannot, and why.
pub fn check<'a>(content: &'a Content, prefix: &str) -> Result<(), (&'a str, Refusal)> {
    if content.content_type.as_deref().is_some_and(has_control) {
        return Err(("content-type", Refusal::Value));
    }
    let mut metadata = content.metadata.iter();
    metadata.try_for_each(|(key, value)| field(key, value, prefix).map(drop).map_err(|refusal| (&**key, refusal)))
}

/// Whether a value would end its header.
pub fn has_control(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
}

/// The header that one metadata entry becomes.
pub fn field(key: &str, value: &str, prefix: &str) -> Result<Field, Refusal> {
    let mut name = key.to_ascii_lowercase();
    let value = if attribute(key).is_some() {
        percent::encode_attribute(value)
    } else {
        name.insert_str(0, prefix);
        value.to_owned()
    };
    if !is_token(&name) {
        Err(Refusal::Name)
    } else if is_framing(&name) {
        Err(Refusal::Framing)
    } else if has_control(&value) {
        Err(Refusal::Value)
    } else {
        Ok((name, value.into_bytes()))
    }
}

/// Reads the headers of a message that came: its content type and its metadata; the content has no data yet. Fails for
/// the first header that is not UTF-8, with its name.
pub fn read(fields: Vec<Field>, prefix: &str) -> Result<Content, String> {
    let mut content = Content::default();
    for (mut name, value) in fields {
        name.make_ascii_lowercase();
        let Ok(value) = String::from_utf8(value) else { return Err(name) };
        if name == "content-type" {
            content.content_type = Some(value);
        } else if is_framing(&name) {
            continue;
        } else if attribute(&name).is_some() {
            add(&mut content.metadata, name, percent::decode_attribute(value));
        } else {
            // An attribute never has the prefix, so that what has it is none.
            let bare = name.strip_prefix(prefix).filter(|bare| !bare.is_empty() && attribute(bare).is_none());
            let bare = bare.map(str::to_owned);
            add(&mut content.metadata, bare.unwrap_or(name), value);
        }
    }
    Ok(content)
}

/// Adds an entry; a header that stands several times is one list (RFC 9110, section 5.3).
fn add(metadata: &mut Metadata, name: String, value: String) {
    match metadata.iter_mut().find(|(other, _)| *other == name) {
        Some((_, list)) => {
            list.push_str(", ");
            list.push_str(&value);
        }
        None => metadata.push((name, value)),
    }
}

/// The first value of a metadata key, whatever its case; empty is none.
pub fn get<'a>(metadata: &'a Metadata, key: &str) -> Option<&'a str> {
    let mut found = metadata.iter().filter(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_empty());
    found.next().map(|(_, value)| value.as_str())
}
