//! `reply`: sends to the reply topic of the incoming message.

use crate::random_id;
use alloc::{borrow::ToOwned, string::String};
use imports::messaging::{
    producer,
    types::{Client, Error, Message},
};
use reqreply::{metadata, topic};
use support::{Config, kind};
use trace::trace;

/// Replies to `reply_to` with `message`. Sends nothing and returns `ok` if it names no reply topic.
#[cfg(not(feature = "memory-async"))]
pub fn reply(reply_to: &Message, message: Message) -> Result<(), Error> {
    let config = Config::get()?;
    let Some(topic) = address(config, reply_to, &message)? else { return Ok(()) };
    let client = Client::connect(config.text("client"))?;
    producer::send(&client, &topic, message).inspect_err(|error| trace!("reply not sent: ", kind(error)))
}

/// The same with async functions of the host.
#[cfg(feature = "memory-async")]
pub async fn reply(reply_to: &Message, message: Message) -> Result<(), Error> {
    let config = Config::get()?;
    let Some(topic) = address(config, reply_to, &message)? else { return Ok(()) };
    let client = Client::connect(config.text("client").to_owned()).await?;
    producer::send(&client, topic, message).await.inspect_err(|error| trace!("reply not sent: ", kind(error)))
}

/// Makes `message` a reply to `reply_to`, and returns the reply topic; `None` if `reply_to` names none.
fn address(config: &Config, reply_to: &Message, message: &Message) -> Result<Option<String>, Error> {
    let asked = reply_to.metadata().unwrap_or_default();
    let Some(topic) = metadata::get(&asked, config.text("reply-to-key")).filter(|topic| !topic.is_empty()) else {
        trace!("no reply: the message names no topic for it");
        return Ok(None);
    };
    admit(config, topic)?;

    let mut meta = message.metadata().unwrap_or_default();
    // A guest that copies the request's metadata does not ask for a reply to its reply.
    if metadata::get(&meta, config.text("reply-to-key")) == Some(topic) {
        metadata::remove(&mut meta, config.text("reply-to-key"));
    }
    let echoed = config.list("echo-keys").chain([config.text("correlation-id-key")]);
    for key in echoed {
        if let Some(id) = metadata::get(&asked, key) {
            metadata::set(&mut meta, key, id.to_owned());
        }
    }
    metadata::set(&mut meta, config.text("message-id-key"), random_id());
    message.set_metadata(&meta);
    trace!("reply topic=", topic);
    Ok(Some(topic.to_owned()))
}

/// Checks a reply topic, which comes from outside. It must name a single topic, and one that the options allow.
fn admit(config: &Config, topic: &str) -> Result<(), Error> {
    let refused = if !topic::is_single(topic) {
        ": a reply topic has no wildcard, space, control character or empty token"
    } else if !config.list("reply-to-allow").any(|pattern| topic::matches(pattern, topic)) {
        ": `reply-to-allow` does not admit it"
    } else {
        return Ok(());
    };
    let mut reason = String::from("no reply to `");
    reason.push_str(topic);
    reason.push('`');
    reason.push_str(refused);
    trace!(reason);
    Err(Error::PermissionDenied(reason))
}
