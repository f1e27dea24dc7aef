//! Messages from and to the host, as plain records without the resource.

use crate::{
    bindings::{
        bus::Leaving,
        exports::{msgcompose::link::contents::Content as Plain, wasi::messaging::types::Message as Handle},
    },
    frame::{Call, Frame, next_sink},
    handles::{Client, give},
    routes::Routes,
    table::Message,
};
use alloc::{string::String, vec::Vec};
use message::Content;

/// Converts a record to content.
pub fn content(plain: Plain) -> Content {
    Content { content_type: plain.content_type, metadata: plain.metadata, data: plain.data.into() }
}

fn plain(content: Content) -> Plain {
    Plain { content_type: content.content_type, metadata: content.metadata, data: content.data.into_vec() }
}

/// Converts a message for the host.
pub fn leaving(client: &Client, content: Content) -> Leaving {
    Leaving { client: client.name.clone(), content: plain(content) }
}

/// Begins to handle a message from the host.
pub fn arrive(topic: Option<String>, came: Plain) -> (Call, Handle) {
    let sink = next_sink();
    let wanted = Routes::get().map_or(0, |routes| routes.max_replies);
    let call = Frame { sink: Some(sink), wanted, ..Frame::default() }.push();
    (call, give(Message { content: content(came), topic, sink: Some(sink), unsaid: false }))
}

/// Ends what [`arrive`] began, and returns the replies.
pub fn depart(call: Call) -> Vec<Plain> {
    call.end().replies.into_iter().map(plain).collect()
}
