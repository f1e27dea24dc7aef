//! Sends and requests over the host's messaging, for topics that no linked handler takes.

use crate::{
    Bridge,
    bindings::{
        exports::msgcompose::link::outside_async::{Content, Guest},
        wasi::messaging::{
            request_reply::{self, RequestOptions},
            types::{Error, Message},
        },
    },
};
use alloc::{string::String, vec::Vec};

impl Guest for Bridge {
    async fn send(client: String, topic: String, content: Content) -> Result<(), Error> {
        dialect::send(&dialect::connect(client).await?, topic, message(&content)).await
    }

    async fn request(
        client: String,
        topic: String,
        content: Content,
        timeout_ms: Option<u32>,
        expected_replies: Option<u32>,
    ) -> Result<Vec<Content>, Error> {
        let options = (timeout_ms.is_some() || expected_replies.is_some()).then(|| {
            let options = RequestOptions::new();
            if let Some(timeout_ms) = timeout_ms {
                options.set_timeout_ms(timeout_ms);
            }
            if let Some(expected_replies) = expected_replies {
                options.set_expected_replies(expected_replies);
            }
            options
        });
        let replies = {
            let client = dialect::connect(client).await?;
            request_reply::request(&client, topic, &message(&content), options).await?
        };
        Ok(replies.iter().map(self::content).collect())
    }
}

fn message(content: &Content) -> Message {
    let message = Message::new(&content.data);
    if let Some(content_type) = &content.content_type {
        message.set_content_type(content_type);
    }
    if !content.metadata.is_empty() {
        message.set_metadata(&content.metadata);
    }
    message
}

fn content(message: &Message) -> Content {
    Content {
        content_type: message.content_type(),
        metadata: message.metadata().unwrap_or_default(),
        data: message.data(),
    }
}

/// The host's functions that are async in one dialect and sync in the other.
#[cfg(feature = "async")]
mod dialect {
    use crate::bindings::wasi::messaging::types::{Client, Error};
    use alloc::string::String;

    pub use crate::bindings::wasi::messaging::producer::send;

    pub async fn connect(name: String) -> Result<Client, Error> {
        Client::connect(name).await
    }
}

#[cfg(not(feature = "async"))]
mod dialect {
    use crate::bindings::wasi::messaging::{
        producer,
        types::{Client, Error, Message},
    };
    use alloc::string::String;

    pub async fn connect(name: String) -> Result<Client, Error> {
        Client::connect(&name)
    }

    pub async fn send(client: &Client, topic: String, message: Message) -> Result<(), Error> {
        producer::send(client, &topic, message)
    }
}
