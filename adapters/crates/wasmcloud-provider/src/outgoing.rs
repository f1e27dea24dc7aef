//! What the guest sends: messages, replies and requests, as messages of `wasi:messaging`.

use crate::{bindings::wasi::messaging::request_reply::reply, connection, in_hand};
use imports::messaging::{
    producer,
    types::{Error, Message},
};
use support::{Config, kind};
use trace::trace;
#[cfg(feature = "requester")]
use {crate::bindings::wasi::messaging::request_reply, alloc::vec::Vec, imports::messaging::types::Client};

/// Sends a message to a subject. If that is the token of a message in hand, it is a reply to that.
pub fn publish(subject: &str, body: &[u8], reply_to: Option<&str>) -> Result<(), Error> {
    let config = Config::get()?;
    let outcome = if in_hand::is_token(subject) {
        trace!("reply bytes=", body.len());
        let asked =
            in_hand::get(subject).ok_or_else(|| other("the message that it replies to is no longer in hand"))?;
        reply(&asked, addressed(config, body, reply_to)?)
    } else {
        trace!("publish topic=", subject, " bytes=", body.len());
        let message = addressed(config, body, reply_to)?;
        let client = connection::take(config)?;
        let sent = producer::send(&client, subject, message);
        connection::keep(client, &sent);
        sent
    };
    outcome.inspect_err(|error| trace!("not sent: ", kind(error)))
}

/// Sends a request, and returns the first reply.
#[cfg(all(feature = "requester", not(feature = "streams")))]
pub fn request(subject: &str, body: &[u8], timeout_ms: u32) -> Result<Message, Error> {
    let Asking { client, message, options } = Asking::new(subject, body, Some(timeout_ms))?;
    let replied = request_reply::request(&client, subject, &message, Some(options));
    first(client, replied)
}

/// The same with the async function of the host.
#[cfg(feature = "streams")]
pub async fn request(subject: &str, body: &[u8], timeout_ms: Option<u32>) -> Result<Message, Error> {
    let Asking { client, message, options } = Asking::new(subject, body, timeout_ms)?;
    let replied = request_reply::request(&client, subject.into(), &message, Some(options)).await;
    first(client, replied)
}

/// A request that is ready to be sent.
#[cfg(feature = "requester")]
struct Asking {
    client: Client,
    message: Message,
    options: request_reply::RequestOptions,
}

#[cfg(feature = "requester")]
impl Asking {
    fn new(subject: &str, body: &[u8], timeout_ms: Option<u32>) -> Result<Self, Error> {
        let config = Config::get()?;
        if in_hand::is_token(subject) {
            return Err(other("its subject is the `reply-to` of a message, which takes replies only"));
        }
        trace!("request topic=", subject, " bytes=", body.len(), " timeout-ms=", timeout_ms.map(u64::from));
        let options = request_reply::RequestOptions::new();
        if let Some(timeout_ms) = timeout_ms {
            options.set_timeout_ms(timeout_ms);
        }
        options.set_expected_replies(1);
        Ok(Self { client: connection::take(config)?, message: message(config, body), options })
    }
}

/// Keeps the client, and returns the first reply.
#[cfg(feature = "requester")]
fn first(client: Client, replied: Result<Vec<Message>, Error>) -> Result<Message, Error> {
    connection::keep(client, &replied);
    let replies = replied.inspect_err(|error| trace!("no reply: ", kind(error)))?;
    // A host that returns no reply has waited in vain.
    replies.into_iter().next().ok_or(Error::Timeout)
}

/// Makes a message with the content type and the metadata that the options set.
fn message(config: &Config, body: &[u8]) -> Message {
    let message = Message::new(body);
    let content_type = config.text("content-type");
    if !content_type.is_empty() {
        message.set_content_type(content_type);
    }
    for (key, value) in config.family("metadata.") {
        message.add_metadata(key, value);
    }
    message
}

/// The same, with the guest's `reply-to` in the metadata.
fn addressed(config: &Config, body: &[u8], reply_to: Option<&str>) -> Result<Message, Error> {
    let message = message(config, body);
    let Some(reply_to) = reply_to else { return Ok(message) };
    let key = config.text("reply-to-key");
    if in_hand::is_token(reply_to) {
        return Err(other("its `reply-to` is that of a message in hand, which nobody else can reply to"));
    }
    if key.is_empty() {
        return Err(other("it has a `reply-to`, and `reply-to-key` is empty"));
    }
    message.add_metadata(key, reply_to);
    Ok(message)
}

fn other(reason: &str) -> Error {
    Error::Other(reason.into())
}
