//! A message that came in: what its headers and its body say.

use crate::{
    Field,
    event::{self, Malformed},
    header, media,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use message::{Content, Data, metadata};

/// The messages in a request or response: one, or those of a batch, up to `most`. With `unpack`, events in JSON are
/// taken out of the body.
///
/// # Errors
///
/// In words, what cannot be read.
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
    // What is in the event comes before what goes with it.
    for (key, value) in content.metadata {
        if metadata::get(&event.metadata, &key).is_none() {
            event.metadata.push((key, value));
        }
    }
    Ok(Vec::from([event]))
}
