//! Converts between messages of the host and their contents, for the parts of both kinds of links.

#[cfg(feature = "outside")]
use crate::bindings::wasi::messaging::request_reply::RequestOptions;
use crate::bindings::{msgcompose::link::contents::Content, wasi::messaging::types::Message};

/// Makes a message of a content.
#[cfg(any(feature = "outside", feature = "replying"))]
pub fn message(content: &Content) -> Message {
    let message = Message::new(&content.data);
    if let Some(content_type) = &content.content_type {
        message.set_content_type(content_type);
    }
    if !content.metadata.is_empty() {
        message.set_metadata(&content.metadata);
    }
    message
}

/// Returns the content of a message.
pub fn content(message: &Message) -> Content {
    Content {
        content_type: message.content_type(),
        metadata: message.metadata().unwrap_or_default(),
        data: message.data(),
    }
}

/// Makes the options of a request. If neither is given, there are none.
#[cfg(feature = "outside")]
pub fn options(timeout_ms: Option<u32>, expected_replies: Option<u32>) -> Option<RequestOptions> {
    (timeout_ms.is_some() || expected_replies.is_some()).then(|| {
        let options = RequestOptions::new();
        if let Some(timeout_ms) = timeout_ms {
            options.set_timeout_ms(timeout_ms);
        }
        if let Some(expected_replies) = expected_replies {
            options.set_expected_replies(expected_replies);
        }
        options
    })
}
