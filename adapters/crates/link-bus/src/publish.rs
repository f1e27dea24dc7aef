//! `send`: finds the receivers of a message, and reports the failures of handlers.

use crate::{
    answer,
    bindings::{
        bus::{Delivery, Failure, Publishing},
        exports::wasi::messaging::types::Error,
    },
    frame::{Call, FAILED, Frame, REPLIES},
    handles::{Client, give},
    host,
    routes::{Routes, Unrouted},
    table::Message,
};
use alloc::{boxed::Box, string::String, vec::Vec};
use message::{Content, metadata};

/// Returns an error if the client is disconnected.
pub fn checked(client: &Client) -> Result<(), Error> {
    if client.connected.get() {
        return Ok(());
    }
    Err(Error::Connection(["client `", &client.name, "` is disconnected"].concat()))
}

/// Returns the error for a topic without a handler.
pub fn no_handler(topic: &str) -> Error {
    Error::Other(["no handler is linked for `", topic, "`"].concat())
}

/// Begins to send a message. Each handler gets a message of its own.
pub fn publish(client: &Client, topic: String, mut message: Box<Message>, reach: u32) -> Result<Publishing, Error> {
    let routes = Routes::get()?;
    checked(client)?;
    message.say();
    let content = message.content;
    if topic == REPLIES {
        return answer::send(content).map(|()| Publishing::Done);
    }
    let handlers = routes.all(&topic, reach);
    let Some((last, others)) = handlers.split_last() else {
        return match routes.unrouted {
            Unrouted::Error => Err(no_handler(&topic)),
            Unrouted::Drop => Ok(Publishing::Done),
            Unrouted::Host => Ok(Publishing::Leaving(host::leaving(client, content))),
        };
    };
    let kept = routes.most_specific(FAILED, reach).filter(|_| topic != FAILED).map(|_| content.clone());
    let delivery = |handler: &u32, content: Content, topic: String| Delivery {
        handler: *handler,
        message: give(Message { content, topic: Some(topic), ..Message::default() }),
    };
    let mut deliveries: Vec<_> =
        others.iter().map(|handler| delivery(handler, content.clone(), topic.clone())).collect();
    deliveries.push(delivery(last, content, topic.clone()));
    let call = Frame { reach, topic, kept, ..Frame::default() }.push();
    Ok(call.publishing(deliveries))
}

/// Ends what [`publish`] began. Returns a message to the handler of `$failed` for each failure.
///
/// Without such a handler, the first failure is the sender's error, so that it is not lost.
pub fn settle(call: Call, failures: Vec<Failure>) -> Result<Vec<Delivery>, Error> {
    let frame = call.end();
    let mut deliveries = Vec::new();
    for Failure { handler, error } in failures {
        let content = frame.kept.clone();
        match content.and_then(|content| failure_of(&frame.topic, handler, &error, content, frame.reach)) {
            Some(delivery) => deliveries.push(delivery),
            None => {
                let name = Routes::get()?.name(handler);
                let text = ["`", name, "` failed to handle `", &frame.topic, "`: ", &describe(&error)].concat();
                return Err(Error::Other(text));
            }
        }
    }
    Ok(deliveries)
}

/// Converts a failure to a message for the handler of `$failed`; `None` if there is none.
pub fn failure_of(topic: &str, handler: u32, error: &Error, mut content: Content, reach: u32) -> Option<Delivery> {
    let routes = Routes::get().ok()?;
    let to = routes.most_specific(FAILED, reach)?;
    let entries =
        [("failed-topic", topic.into()), ("failed-handler", routes.name(handler).into()), ("error", describe(error))];
    for (key, value) in entries {
        metadata::set(&mut content.metadata, key, value);
    }
    let message = give(Message { content, topic: Some(FAILED.into()), ..Message::default() });
    Some(Delivery { handler: to, message })
}

/// Returns an error as text, for example `connection: refused`.
fn describe(error: &Error) -> String {
    let (kind, text) = match error {
        Error::Timeout => ("timeout", ""),
        Error::Connection(text) => ("connection: ", text.as_str()),
        Error::PermissionDenied(text) => ("permission-denied: ", text.as_str()),
        Error::Other(text) => ("other: ", text.as_str()),
    };
    [kind, text].concat()
}
