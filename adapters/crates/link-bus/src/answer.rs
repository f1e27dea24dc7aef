//! Replies: finds the request that a reply answers, and keeps the reply there.

use crate::{
    bindings::exports::wasi::messaging::types::Error,
    frame::FRAMES,
    routes::Routes,
    table::{MESSAGES, Message, Sink},
};
use alloc::{boxed::Box, string::String};
use message::{Content, id, metadata};

/// Metadata keys that a request has and a reply does not.
pub const KEYS: [&str; 3] = ["correlation-id", "reply-to", "message-id"];

/// Metadata keys that a reply copies from the request.
const ECHOED: [&str; 2] = ["kafka_correlationId", "correlation-data"];

/// Replies to the message with this number. Does nothing and returns `ok` if it is no request, or a finished one.
pub fn answer(number: u32, mut reply: Box<Message>) -> Result<(), Error> {
    let sink = {
        let mut messages = MESSAGES.borrow_mut();
        let Some(asked) = messages.get(number) else { return Ok(()) };
        for key in ECHOED {
            if let Some(value) = metadata::get(&asked.content.metadata, key) {
                metadata::set(&mut reply.content.metadata, key, value.into());
            }
        }
        asked.sink
    };
    sink.map_or(Ok(()), |sink| push(sink, reply.content))
}

/// Handles a message that is sent to the topic [`REPLIES`](crate::frame::REPLIES): a reply by hand.
pub fn send(content: Content) -> Result<(), Error> {
    let id = metadata::get(&content.metadata, KEYS[0]).unwrap_or("");
    let frames = FRAMES.borrow();
    let sink = frames.iter().filter_map(|frame| frame.sink).find(|sink| correlation_id(*sink) == id);
    drop(frames);
    sink.map_or(Ok(()), |sink| push(sink, content))
}

/// Returns the correlation id of a request. Ids are unique within one instance, which is enough here.
pub fn correlation_id(sink: Sink) -> String {
    id::from_bits(0, u64::from(sink.0))
}

/// Keeps a reply. If the expected number is reached, drops it, as a broker drops a late reply.
fn push(sink: Sink, mut content: Content) -> Result<(), Error> {
    let mut frames = FRAMES.borrow_mut();
    let Some(frame) = frames.iter_mut().rev().find(|frame| frame.sink == Some(sink)) else { return Ok(()) };
    if frame.replies.len() + usize::from(frame.is_filled) >= frame.wanted {
        return Ok(());
    }
    if !content.metadata.is_empty() {
        for key in KEYS {
            metadata::remove(&mut content.metadata, key);
        }
    }
    let texts = content.metadata.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    let bytes = frame.bytes.saturating_add(content.data.len()).saturating_add(texts);
    if bytes > Routes::get()?.max_bytes {
        return Err(Error::Other("the replies are larger than `max-reply-bytes`".into()));
    }
    frame.bytes = bytes;
    let mut messages = MESSAGES.borrow_mut();
    match frame.slot.and_then(|slot| messages.get(slot)) {
        Some(empty) => {
            empty.content = content;
            frame.is_filled = true;
        }
        None => frame.replies.push(content),
    }
    Ok(())
}
