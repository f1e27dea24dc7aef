//! Incoming messages: converts headers and a body to messages.

use crate::{
    Field,
    event::{self, Malformed},
    header, media,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use message::{
    Content, Data,
    metadata::{self, Repeated},
};

/// Reads the messages of a request or response: one, or the events of a batch, up to `most`.
///
/// With `unpack`, a body that is an event in JSON is read as such. Otherwise the body is the message's data.
///
/// # Errors
///
/// The error says in words what cannot be read.
pub fn read(fields: Vec<Field>, body: Data, prefix: &str, unpack: bool, most: usize) -> Result<Vec<Content>, String> {
    let mut content = header::read(fields, prefix).map_err(|name| ["header `", &name, "` is not UTF-8"].concat())?;
    let content_type = content.content_type.as_deref().unwrap_or_default();
    let (is_event, is_batch) = (media::is(content_type, media::EVENT), media::is(content_type, media::BATCH));
    if !unpack || !is_event && !is_batch {
        content.data = body;
        return Ok(Vec::from([content]));
    }
    let body = body.into_vec();
    let text = core::str::from_utf8(&body).map_err(|_| "events in JSON are UTF-8".to_owned())?;
    if is_batch {
        return event::read_batch(text, most).map_err(|malformed: Malformed| malformed.to_owned());
    }
    let mut event = event::read(text)?;
    // An attribute of the event takes precedence over a header of the same name.
    event.metadata.append(&mut content.metadata);
    metadata::unite(&mut event.metadata, Repeated::First);
    Ok(Vec::from([event]))
}
