//! Takes the messages that the host delivers. Gives the replies to the host in their order, and then the outcome.
//!
//! Only an application that imports `reply` has replies. For another one, the part is built without the feature
//! `replying`, so that the host need not have `request-reply`.

#[cfg(feature = "replying")]
use crate::bindings::wasi::messaging::request_reply::reply;
use crate::{
    Bridge,
    bindings::{
        exports::wasi::messaging::incoming_handler::Guest,
        msgcompose::link::inside::{self, Content},
        wasi::messaging::types::{Error, Message},
    },
    contents,
};
use alloc::vec::Vec;

impl Guest for Bridge {
    fn handle(message: Message) -> Result<(), Error> {
        let content = contents::content(&message);
        let (replies, outcome) = inside::handle(message.topic().as_deref(), &content);
        give(&message, replies)?;
        outcome
    }
}

#[cfg(not(feature = "replying"))]
fn give(_: &Message, _: Vec<Content>) -> Result<(), Error> {
    Ok(())
}

/// Replies to a message of the host.
#[cfg(feature = "replying")]
fn give(message: &Message, replies: Vec<Content>) -> Result<(), Error> {
    for content in replies {
        reply(message, contents::message(&content))?;
    }
    Ok(())
}
