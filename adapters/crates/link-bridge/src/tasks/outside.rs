//! Sends and requests over the host's messaging, for topics that no linked handler takes.

use crate::{
    Bridge,
    bindings::{
        exports::msgcompose::link::outside_async::{Content, Guest},
        wasi::messaging::{request_reply, types::Error},
    },
    contents::{self, message, options},
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
        let options = options(timeout_ms, expected_replies);
        let replies = {
            let client = dialect::connect(client).await?;
            request_reply::request(&client, topic, &message(&content), options).await?
        };
        Ok(replies.iter().map(contents::content).collect())
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
