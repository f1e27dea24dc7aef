//! Takes the messages that the host delivers. Gives the replies to the host in their order, and then the outcome.

use crate::{
    Bridge,
    bindings::{
        exports::wasi::messaging::incoming_handler::Guest,
        msgcompose::link::inside::{self, Content},
        wasi::messaging::{
            request_reply::reply,
            types::{Error, Message},
        },
    },
};

impl Guest for Bridge {
    fn handle(message: Message) -> Result<(), Error> {
        let content = Content {
            content_type: message.content_type(),
            metadata: message.metadata().unwrap_or_default(),
            data: message.data(),
        };
        let (replies, outcome) = inside::handle(message.topic().as_deref(), &content);
        for content in replies {
            let answer = Message::new(&content.data);
            if let Some(content_type) = &content.content_type {
                answer.set_content_type(content_type);
            }
            if !content.metadata.is_empty() {
                answer.set_metadata(&content.metadata);
            }
            reply(&message, answer)?;
        }
        outcome
    }
}
