//! `request`: the steps before and after the handler is called.

use crate::{
    answer::{KEYS, correlation_id},
    bindings::{
        bus::{Asking, Closed, Delivery},
        exports::wasi::messaging::types::Error,
    },
    frame::{Call, FAILED, Frame, REPLIES, next_sink},
    handles::{Client, give, give_empty},
    host,
    publish::{checked, failure_of, no_handler},
    routes::{Routes, Unrouted},
    table::{MESSAGES, Message},
};
use alloc::string::String;
use message::{id, metadata};

/// Begins a request.
pub fn open(client: &Client, topic: String, number: u32, reach: u32, expected: Option<u32>) -> Result<Asking, Error> {
    let routes = Routes::get()?;
    checked(client)?;
    let wanted = expected.unwrap_or(1) as usize;
    if wanted > routes.max_replies {
        return Err(Error::Other("more replies are expected than `max-replies` allows".into()));
    }
    let content = MESSAGES.borrow_mut().get(number).map(|message| {
        message.say();
        message.content.clone()
    });
    let content = content.unwrap_or_default();
    let Some(handler) = routes.most_specific(&topic, reach) else {
        return match routes.unrouted {
            Unrouted::Error => Err(no_handler(&topic)),
            Unrouted::Drop => Err(Error::Timeout),
            Unrouted::Host => Ok(Asking::Leaving(host::leaving(client, content))),
        };
    };
    let sink = next_sink();
    let is_failure = topic == FAILED;
    let kept = routes.most_specific(FAILED, reach).filter(|_| !is_failure).map(|_| content.clone());
    let kept_topic = if kept.is_some() { topic.clone() } else { String::new() };
    let (slot, reply) = (wanted == 1).then(give_empty).unzip();
    let frame = Frame { sink: Some(sink), wanted, slot, handler, reach, topic: kept_topic, kept, ..Frame::default() };
    let message = give(Message { content, topic: Some(topic), sink: Some(sink), unsaid: true });
    Ok(frame.push().asking(Delivery { handler, message }, reply))
}

impl Message {
    /// Adds the metadata of a request if they are not there yet. Called before metadata are read or changed.
    pub fn say(&mut self) {
        let Some(sink) = self.sink.filter(|_| core::mem::take(&mut self.unsaid)) else { return };
        let values = [correlation_id(sink), REPLIES.into(), id::from_bits(1, u64::from(sink.0))];
        for (key, value) in KEYS.into_iter().zip(values) {
            metadata::set(&mut self.content.metadata, key, value);
        }
    }
}

/// Ends a request whose handler has not failed. Returns whether the message that [`open`] gave has the reply.
pub fn done(call: Call) -> bool {
    call.end().is_filled
}

/// Ends a request. Replies are the result, even if the handler has failed after them.
///
/// Without replies, the handler's error is the result. If it has no error either, the result is `timeout`, because
/// nothing more can come.
pub fn close(call: Call, outcome: Result<(), Error>) -> Result<Closed, Error> {
    let mut frame = call.end();
    if frame.is_filled {
        let filled = frame.slot.and_then(|slot| MESSAGES.borrow_mut().get(slot).map(core::mem::take));
        frame.replies.extend(filled.map(|message| message.content));
    }
    let (handler, reach) = (frame.handler, frame.reach);
    let failure = match outcome {
        Err(error) if frame.replies.is_empty() => return Err(error),
        Err(error) => frame.kept.and_then(|kept| failure_of(&frame.topic, handler, &error, kept, reach)),
        Ok(()) if frame.replies.is_empty() && frame.wanted > 0 => return Err(Error::Timeout),
        Ok(()) => None,
    };
    let replies = frame.replies.into_iter().map(|content| give(content.into())).collect();
    Ok(Closed { replies, failure })
}
