//! Replies, on their way to the request that they answer.

use crate::{
    bindings::exports::wasi::messaging::types::Error,
    frame::FRAMES,
    routes::Routes,
    table::{MESSAGES, Message, Sink},
};
use alloc::{boxed::Box, string::String};
use message::{Content, id, metadata};

/// What a request carries, and a reply does not.
pub const KEYS: [&str; 3] = ["correlation-id", "reply-to", "message-id"];

/// What else a reply takes over from the request.
const ECHOED: [&str; 2] = ["kafka_correlationId", "correlation-data"];

/// Answers the message of this number; `ok` and nothing else when it is no request, or one that is over.
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

/// Takes what is sent to the topic of replies.
pub fn send(content: Content) -> Result<(), Error> {
    let id = metadata::get(&content.metadata, KEYS[0]).unwrap_or("");
    let frames = FRAMES.borrow();
    let sink = frames.iter().filter_map(|frame| frame.sink).find(|sink| correlation_id(*sink) == id);
    drop(frames);
    sink.map_or(Ok(()), |sink| push(sink, content))
}

/// The id of a request. They need differ within one instance only.
pub fn correlation_id(sink: Sink) -> String {
    id::from_bits(0, u64::from(sink.0))
}

/// Keeps a reply. One beyond those expected is dropped, as a broker drops what comes late.
fn push(sink: Sink, mut content: Content) -> Result<(), Error> {
    let mut frames = FRAMES.borrow_mut();
    let Some(frame) = frames.iter_mut().rev().find(|frame| frame.sink == Some(sink)) else { return Ok(()) };
    if frame.replies.len() >= frame.wanted {
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
    frame.replies.push(content);
    Ok(())
}
