//! Sends and requests over the host's messaging, for topics that no linked handler takes.

use crate::{
    Bridge,
    bindings::{
        exports::msgcompose::link::outside::{Content, Guest},
        wasi::messaging::{
            producer, request_reply,
            types::{Client, Error},
        },
    },
    contents::{self, message, options},
};
use alloc::{string::String, vec::Vec};

impl Guest for Bridge {
    fn send(client: String, topic: String, content: Content) -> Result<(), Error> {
        producer::send(&Client::connect(&client)?, &topic, message(&content))
    }

    fn request(
        client: String,
        topic: String,
        content: Content,
        timeout_ms: Option<u32>,
        expected_replies: Option<u32>,
    ) -> Result<Vec<Content>, Error> {
        let options = options(timeout_ms, expected_replies);
        let replies = request_reply::request(&Client::connect(&client)?, &topic, &message(&content), options)?;
        Ok(replies.iter().map(contents::content).collect())
    }
}
