//! Converts metadata to headers and back.

use crate::{Field, percent};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use message::{
    Content,
    metadata::{self, Metadata, Repeated},
};

/// The prefix of CloudEvents headers (CloudEvents HTTP binding 1.0.2, section 3.1.3).
pub const EVENT: &str = "ce-";

/// Headers that are never metadata. Most describe the transport (RFC 9110, sections 7.2 and 7.6.1; RFC 9112).
///
/// The content type is not metadata of a message, and an event has no header for it besides `content-type` (CloudEvents
/// HTTP binding 1.0.2, section 3.1.1).
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
    /// The key is not a token (RFC 9110, section 5.6.2).
    Name,
    /// The header belongs to HTTP.
    Framing,
    /// The value has a control character.
    Value,
}

impl Refusal {
    /// Returns the reason; a message puts it after the key.
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::Name => "is not a header name",
            Refusal::Framing => "is a header that belongs to HTTP",
            Refusal::Value => "has a value with a control character",
        }
    }
}

/// Returns whether a header of this name, in lower case, belongs to HTTP.
fn is_framing(name: &str) -> bool {
    FRAMING.iter().any(|framing| name == *framing || framing.ends_with('-') && name.starts_with(framing))
}

/// Returns whether `name` is a token (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Returns the event attribute that a metadata key names: the text after `ce-`, which may be in any case.
pub fn attribute(key: &str) -> Option<&str> {
    let (start, name) = key.split_at_checked(EVENT.len())?;
    start.eq_ignore_ascii_case(EVENT).then_some(name)
}

/// Returns for each entry whether an entry before it names the same attribute. Such an entry does not go out: an attribute
/// has one value, and the keys may differ in case.
pub fn repeats(metadata: &Metadata) -> Vec<bool> {
    let keys: Vec<String> =
        metadata.iter().map(|(key, _)| attribute(key).map(|_| key.to_ascii_lowercase()).unwrap_or_default()).collect();
    let firsts = metadata::firsts(keys.iter().map(String::as_str));
    keys.iter().zip(firsts).enumerate().map(|(at, (key, first))| at != first && !key.is_empty()).collect()
}

/// Checks that the content type and all metadata can be headers. An error names the first that cannot, and why.
pub fn check<'a>(content: &'a Content, prefix: &str) -> Result<(), (&'a str, Refusal)> {
    if content.content_type.as_deref().is_some_and(has_control) {
        return Err(("content-type", Refusal::Value));
    }
    let mut metadata = content.metadata.iter();
    metadata.try_for_each(|(key, value)| field(key, value, prefix).map(drop).map_err(|refusal| (&**key, refusal)))
}

/// Returns whether a value has a control character other than a tab, and so could end its header.
pub fn has_control(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
}

/// Converts a metadata entry to a header.
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

/// Reads content type and metadata from the headers of an incoming message. The result has no data yet.
///
/// Values of a repeated header are joined. If a value is not UTF-8, the error is the name of the first such header.
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
            content.metadata.push((name, percent::decode_attribute(value)));
        } else {
            // Attributes are written without the prefix. So a header that would become one without it keeps it.
            let bare = name.strip_prefix(prefix).filter(|bare| !bare.is_empty() && attribute(bare).is_none());
            let bare = bare.map(str::to_owned);
            content.metadata.push((bare.unwrap_or(name), value));
        }
    }
    metadata::unite(&mut content.metadata, Repeated::Joined);
    Ok(content)
}

/// Returns the first value of a metadata key that is not empty, ignoring the key's case.
pub fn get<'a>(metadata: &'a Metadata, key: &str) -> Option<&'a str> {
    let mut found = metadata.iter().filter(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_empty());
    found.next().map(|(_, value)| value.as_str())
}
