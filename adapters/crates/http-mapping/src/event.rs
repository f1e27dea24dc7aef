//! CloudEvents in JSON (CloudEvents 1.0.2, JSON Event Format), and the attributes that all modes of an event share.

use crate::{
    header::{self, EVENT},
    media,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use message::{
    Content, Data,
    metadata::{self, Repeated},
};

/// The extension attribute that holds all metadata that are not attributes: a JSON object, written into a string.
const METADATA: &str = "msgmetadata";

/// The maximum number of metadata entries of an event, repeated ones included.
const MAX_METADATA: usize = 1000;

/// Attributes that this crate sets itself. Metadata of these names is not copied as it is.
const OWN: [&str; 5] = ["specversion", "id", "source", "type", "subject"];

/// The attributes of an event that [`write`] always sets, in the order in which they are written.
pub struct Attributes<'a> {
    /// Unique among the events of one source.
    pub id: &'a str,
    /// The origin, a URI reference.
    pub source: &'a str,
    /// The attribute `type`.
    pub kind: &'a str,
    /// The topic; `None` for a reply.
    pub subject: Option<&'a str>,
}

impl<'a> Attributes<'a> {
    /// Returns names and values.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let always = [("specversion", "1.0"), ("id", self.id), ("source", self.source), ("type", self.kind)];
        always.into_iter().chain(self.subject.map(|subject| ("subject", subject)))
    }
}

/// Returns whether [`Attributes::named`] can return an attribute of this name, ignoring case.
pub fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Appends the event in JSON. `all_metadata` includes the metadata that are not attributes.
pub fn write(attributes: &Attributes<'_>, content: &Content, all_metadata: bool, out: &mut Vec<u8>) {
    let mut separator = b'{';
    let mut name = |name: &str, out: &mut Vec<u8>| {
        out.push(separator);
        separator = b',';
        json::write_string(name, out);
        out.push(b':');
    };
    let mut attribute = |key: &str, value: &str, out: &mut Vec<u8>| {
        name(key, out);
        json::write_string(value, out);
    };
    for (key, value) in attributes.named() {
        attribute(key, value, out);
    }
    if let Some(content_type) = &content.content_type {
        attribute("datacontenttype", content_type, out);
    }
    let mut rest = Vec::new();
    for ((key, value), repeats) in content.metadata.iter().zip(header::repeats(&content.metadata)) {
        match extension(key) {
            Some(name) if repeats || is_own(&name) => {}
            Some(name) => attribute(&name, value, out),
            None => rest.push((key, value)),
        }
    }
    if all_metadata && !rest.is_empty() {
        attribute(METADATA, &object(&rest), out);
    }
    write_data(content, &mut name, out);
    out.push(b'}');
}

/// Returns the attribute name for a metadata key, if it is a valid one (CloudEvents 1.0.2, "Attribute Naming
/// Convention"). For example, `ce-Region` gives `region`.
pub fn extension(key: &str) -> Option<String> {
    let name = header::attribute(key)?.to_ascii_lowercase();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_name && !matches!(&*name, "data" | "datacontenttype" | METADATA)).then_some(name)
}

/// Returns a JSON object with these strings.
fn object(entries: &[(&String, &String)]) -> String {
    let mut out = Vec::new();
    for (key, value) in entries {
        out.push(if out.is_empty() { b'{' } else { b',' });
        json::write_string(key, &mut out);
        out.push(b':');
        json::write_string(value, &mut out);
    }
    out.push(b'}');
    // It is UTF-8: `out` consists of strings and ASCII.
    String::from_utf8(out).unwrap_or_default()
}

/// Appends the data: JSON as a JSON value, text as a string, anything else in base 64.
fn write_data(content: &Content, name: &mut impl FnMut(&str, &mut Vec<u8>), out: &mut Vec<u8>) {
    if content.data.is_empty() {
        return;
    }
    let content_type = content.content_type.as_deref().unwrap_or(media::BYTES);
    let data = content.data.to_vec();
    let text = core::str::from_utf8(&data).ok();
    let is_json = media::is_json(content_type);
    // A reader takes `null` for missing data.
    let json = text.filter(|_| is_json).and_then(json::value).filter(|value| *value != "null");
    if let Some(value) = json {
        name("data", out);
        out.extend_from_slice(value.as_bytes());
    } else if let Some(text) = text.filter(|_| !is_json && media::is_text(content_type)) {
        name("data", out);
        json::write_string(text, out);
    } else {
        name("data_base64", out);
        out.push(b'"');
        base64::encode(&data, out);
        out.push(b'"');
    }
}

/// Why an event cannot be read, in words.
pub type Malformed = &'static str;

/// Reads an event from JSON. Attributes become metadata, with the prefix `ce-`.
pub fn read(value: &str) -> Result<Content, Malformed> {
    let mut content = Content::default();
    let (mut data, mut encoded, mut is_event) = (None, None, false);
    let read = json::object(value, |name, value| {
        match name.as_str() {
            // `null` is the same as a missing member (JSON Event Format, section 2.2).
            _ if value == "null" => {}
            "data" => data = Some(value),
            "data_base64" => encoded = Some(value),
            "datacontenttype" => content.content_type = json::string(value),
            METADATA if add_object(&mut content, value).is_some() => {}
            _ => {
                is_event |= name == "specversion";
                let mut key = EVENT.to_owned();
                key.push_str(&name);
                let text = json::string(value).unwrap_or_else(|| value.to_owned());
                content.metadata.push((key, text));
            }
        }
        has_room(&content)
    });
    has_room(&content).ok_or("an event has at most 1,000 attributes")?;
    metadata::unite(&mut content.metadata, Repeated::Last);
    read.ok_or("an event is a JSON object")?;
    if !is_event {
        return Err("an event has a `specversion`");
    }
    content.data = match (data, encoded) {
        (Some(value), _) => read_data(value, &mut content.content_type),
        (None, Some(value)) => {
            let bytes = json::string(value).and_then(|text| base64::decode(&text));
            Data::from(bytes.ok_or("the `data_base64` of an event is in base 64")?)
        }
        (None, None) => Data::default(),
    };
    Ok(content)
}

/// Adds the entries of the JSON object in a string value. Returns `None` if the value has another shape.
fn add_object(content: &mut Content, value: &str) -> Option<()> {
    json::object(&json::string(value)?, |key, value| {
        let text = json::string(value)?;
        if !key.is_empty() {
            content.metadata.push((key, text));
        }
        has_room(content)
    })
}

fn has_room(content: &Content) -> Option<()> {
    (content.metadata.len() <= MAX_METADATA).then_some(())
}

/// Returns the bytes of a `data` member. Without a content type it is JSON (JSON Event Format, section 3.1).
fn read_data(value: &str, content_type: &mut Option<String>) -> Data {
    let content_type = content_type.get_or_insert_with(|| "application/json".to_owned());
    let text = if media::is_json(content_type) { None } else { json::string(value) };
    Data::from(text.unwrap_or_else(|| value.to_owned()).into_bytes())
}

/// Reads a batch from JSON, up to `most` events.
pub fn read_batch(text: &str, most: usize) -> Result<Vec<Content>, Malformed> {
    let mut events = Vec::new();
    let mut malformed = None;
    let read = json::array(text, |value| {
        if events.len() < most {
            match read(value) {
                Ok(event) => events.push(event),
                Err(reason) => malformed = Some(reason),
            }
        }
        malformed.is_none().then_some(())
    });
    match (malformed, read) {
        (Some(reason), _) => Err(reason),
        (None, Some(())) => Ok(events),
        (None, None) => Err("a batch is a JSON array of events"),
    }
}

/// Returns the subject of an event.
pub fn subject(content: &Content) -> Option<&str> {
    header::get(&content.metadata, "ce-subject")
}
