//! Exchanges: an incoming request, while the guest handles its messages.

use crate::{
    bindings::exports::wasi::messaging::types::Error,
    incoming::Refusal,
    kind,
    message::{Message, Replies},
    outgoing::{self, Answer, Identity},
    settings::Settings,
};
use alloc::{
    borrow::ToOwned,
    rc::Rc,
    string::String,
    vec::{self, Vec},
};
use http_mapping::{
    event,
    form::{self, Form, Mode},
    percent,
    problem::Problem,
};
use message::Content;
use trace::trace;

/// The messages of a request that are still to be handled, and all that its response needs.
pub struct Exchange {
    settings: Settings,
    /// The topic of all messages; `None` if each names its own.
    topic: Option<String>,
    messages: vec::IntoIter<Content>,
    replies: Rc<Replies>,
    handled: u64,
}

impl Exchange {
    /// Begins with these messages, which are not handled yet.
    pub fn new((topic, messages): (Option<String>, Vec<Content>), settings: Settings) -> Self {
        Self {
            topic,
            messages: messages.into_iter(),
            replies: Rc::new(Replies::new(settings.max_body, settings.prefix())),
            handled: 0,
            settings,
        }
    }

    /// Returns the next message.
    pub fn next(&mut self) -> Option<Message> {
        let content = self.messages.next()?;
        let topic = self.topic.clone().or_else(|| event::subject(&content).map(str::to_owned)).unwrap_or_default();
        // Dapr ignores replies.
        let replies = (self.settings.mode != Mode::Dapr).then(|| Rc::clone(&self.replies));
        Some(Message::incoming(topic, content, replies))
    }

    /// Takes the outcome of a message. Returns the response if the message failed: those after it are not handled.
    pub fn handled(&mut self, outcome: Result<(), Error>) -> Option<Answer> {
        match outcome {
            Ok(()) => {
                trace!("the guest's handler: ok");
                self.handled += 1;
                None
            }
            Err(error) => {
                trace!("the guest's handler: ", kind(&error));
                let counts = [("handled", self.handled), ("replies-dropped", self.replies.close().len() as u64)];
                let failure = Refusal::of_handler(&error);
                Some(Answer::problem(&Problem { counts: &counts, ..failure.problem() }))
            }
        }
    }

    /// Returns the response after all messages were handled: the replies, or status 204.
    pub fn answer(self) -> Answer {
        let Self { settings, replies, .. } = self;
        let replies = replies.close();
        let form = match &*replies {
            [] => return Answer::no_reply(),
            [reply] => outgoing::form(reply, None, &settings),
            replies => Ok(batch(replies, &settings)),
        };
        match form {
            Ok(form) => {
                // The body shares the data of a reply, which may then be moved to the host.
                drop(replies);
                Answer::of(form, &settings)
            }
            Err(error) => Answer::problem(&Refusal::of_handler(&error).problem()),
        }
    }
}

fn batch(replies: &[Content], settings: &Settings) -> Form {
    let identities: Vec<Identity<'_>> =
        replies.iter().map(|reply| Identity::of(&reply.metadata, None, settings)).collect();
    form::batch(identities.iter().map(Identity::attributes).zip(replies))
}

/// Returns the response to a request while the options are invalid. Whoever sends a request must not learn how the
/// component is configured.
pub fn misconfigured() -> Answer {
    let title = "the configuration of the component is invalid";
    Answer::problem(&Problem { status: 500, title, ..Problem::default() })
}

/// Returns the response to Dapr's request for subscriptions: for each `PUBSUB/TOPIC`, the path to send messages to.
pub fn subscriptions(settings: &Settings) -> Answer {
    let mut body = Vec::from(*b"[");
    for subscription in settings.list("subscriptions") {
        let slash = subscription.bytes().position(|byte| byte == b'/').unwrap_or(0);
        let (pubsub, topic) = (subscription.get(..slash).unwrap_or(""), subscription.get(slash + 1..).unwrap_or(""));
        let route = [settings.text("path-prefix"), &percent::encode(topic)].concat();
        for (name, value) in [("{\"pubsubname\":", pubsub), (",\"topic\":", topic), (",\"route\":", &*route)] {
            if body.len() > 1 && name.starts_with('{') {
                body.push(b',');
            }
            body.extend_from_slice(name.as_bytes());
            json::write_string(value, &mut body);
        }
        body.push(b'}');
    }
    body.push(b']');
    let headers = Vec::from([("content-type".into(), b"application/json".to_vec())]);
    Answer::of(Form { headers, body: body.into() }, settings)
}
