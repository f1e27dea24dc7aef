//! What the guest calls: `send`, `request` and `reply`.

use super::{
    clock::{after, now},
    connection::{Connection, Woken},
    state::State,
};
use crate::{
    Provider,
    bindings::exports::wasi::messaging::{
        producer, request_reply,
        types::{self, Error, Message as Handle},
    },
    client::Client,
    message::Message,
    options,
    settings::Settings,
};
use alloc::{string::String, vec::Vec};
use broker::Session;
use message::Content;
use trace::trace;

impl producer::Guest for Provider {
    fn send(client: types::ClientBorrow<'_>, topic: String, message: Handle) -> Result<(), Error> {
        let number = client.get::<Client>().connection()?;
        let content = message.into_inner::<Message>();
        trace!("send topic=", topic, " bytes=", content.content().data.len());
        let start = now();
        let until = after(start, Settings::get()?.limit("default-timeout-ms"));
        let mut state = State::get()?;
        let connection = state.connection(number)?;
        connection.open(start, until)?;
        let ticket = connection.session.publish(&topic, &content.content())?;
        connection.flush(until)?;
        loop {
            match connection.session.confirmed(ticket) {
                Some(confirmed) => return Ok(confirmed?),
                None if connection.pump(None, until)? == Woken::Late => return Err(Error::Timeout),
                None => {}
            }
        }
    }
}

impl request_reply::Guest for Provider {
    type RequestOptions = ::message::RequestOptions;

    fn request(
        client: types::ClientBorrow<'_>,
        topic: String,
        message: types::MessageBorrow<'_>,
        options: Option<request_reply::RequestOptions>,
    ) -> Result<Vec<Handle>, Error> {
        let number = client.get::<Client>().connection()?;
        let (settings, limits, start) = (Settings::get()?, options::limits(options), now());
        let until = after(start, limits.timeout_ms.map(u64::from).or(settings.limit("default-timeout-ms")));
        let most = usize::try_from(settings.number("max-replies")).unwrap_or(usize::MAX);
        let expected = (limits.expected_replies.unwrap_or(1) as usize).min(most);
        trace!("request topic=", topic, " expected=", expected);
        let mut state = State::get()?;
        let connection = state.connection(number)?;
        connection.open(start, until)?;
        let ticket = connection.session.ask(&topic, &message.get::<Message>().content())?;
        let replies = connection.replies(ticket, expected, until);
        connection.session.forget(ticket);
        Ok(replies?.into_iter().map(|content| Handle::new(Message::answering(content))).collect())
    }

    fn reply(reply_to: types::MessageBorrow<'_>, message: Handle) -> Result<(), Error> {
        let message = message.into_inner::<Message>();
        let Some(to) = reply_to.get::<Message>().reply_to() else {
            trace!("reply dropped: nobody takes one");
            return Ok(());
        };
        let (settings, start) = (Settings::get()?, now());
        if !settings.list("reply-to-allow").any(|pattern| allows(pattern, to)) {
            let text = ["`reply-to-allow` does not allow replies to `", to, "`"].concat();
            return Err(Error::PermissionDenied(text));
        }
        trace!("reply topic=", to);
        let until = after(start, settings.limit("default-timeout-ms"));
        let mut state = State::get()?;
        let connection = state.connection(0)?;
        connection.open(start, until)?;
        connection.session.reply(to, &message.content())?;
        Ok(connection.flush(until)?)
    }
}

impl Connection {
    /// Waits for the replies to a request, or the end of its time. A request that has some replies by then has succeeded.
    fn replies(&mut self, ticket: u64, expected: usize, until: u64) -> Result<Vec<Content>, broker::Error> {
        let mut replies = Vec::new();
        let mut ended = None;
        self.flush(until)?;
        loop {
            while replies.len() < expected
                && let Some(answer) = self.session.answer(ticket)
            {
                match answer {
                    Ok(content) => replies.push(content),
                    Err(error) => ended = Some(error),
                }
            }
            if replies.len() >= expected {
                return Ok(replies);
            }
            if let Some(error) = ended {
                return if replies.is_empty() { Err(error) } else { Ok(replies) };
            }
            match self.pump(None, until) {
                Ok(Woken::Late) => ended = Some(broker::Error::Timeout),
                Ok(_) => {}
                Err(error) => ended = Some(error),
            }
        }
    }
}

/// Returns whether a pattern allows a topic. A leading `$` must be in the pattern: brokers serve themselves there.
fn allows(pattern: &str, topic: &str) -> bool {
    (pattern.starts_with('$') || !topic.starts_with('$')) && subject::matches(pattern, topic)
}
