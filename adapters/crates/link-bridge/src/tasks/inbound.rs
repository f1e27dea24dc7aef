//! Takes the messages that the host delivers. Gives the replies to the host in their order, and then the outcome.
//!
//! Only an application that imports `reply` has replies. For another one, the part is built without the feature
//! `replying`, so that the host need not have `request-reply`.

#[cfg(all(feature = "replying", feature = "async"))]
use crate::bindings::wasi::messaging::request_reply::reply as replied;
use crate::{
    Bridge,
    bindings::{
        exports::wasi::messaging::incoming_handler::Guest,
        msgcompose::link::inside_async::{self as inside, Content},
        wasi::messaging::types::{Error, Message},
    },
    contents,
};
use alloc::vec::Vec;

impl Guest for Bridge {
    async fn handle(message: Message) -> Result<(), Error> {
        let content = contents::content(&message);
        let (replies, outcome) = inside::handle(message.topic(), content).await;
        give(&message, replies).await?;
        outcome
    }
}

#[cfg(not(feature = "replying"))]
async fn give(_: &Message, _: Vec<Content>) -> Result<(), Error> {
    Ok(())
}

/// Replies to a message of the host.
#[cfg(feature = "replying")]
async fn give(message: &Message, replies: Vec<Content>) -> Result<(), Error> {
    for content in replies {
        replied(message, contents::message(&content)).await?;
    }
    Ok(())
}

/// The host's `reply` is sync in the dialect `mixed`.
#[cfg(all(feature = "replying", not(feature = "async")))]
async fn replied(message: &Message, answer: Message) -> Result<(), Error> {
    crate::bindings::wasi::messaging::request_reply::reply(message, answer)
}
