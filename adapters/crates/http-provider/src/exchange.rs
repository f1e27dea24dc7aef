//! Exchanges: an incoming request, while the guest handles its messages.

use crate::{
    Provider,
    bindings::exports::{
        msgcompose::http::exchange::{Arrival, Exchange as Handle, Guest, GuestExchange, Pending},
        wasi::messaging::types::{Error, Message as MessageHandle},
    },
    incoming::{self, Request},
    kind,
    message::{Message, Replies},
    outgoing::{self, Identity},
    settings::Settings,
};
use alloc::{
    borrow::{Cow, ToOwned},
    rc::Rc,
    string::String,
    vec::{self, Vec},
};
use http_mapping::{
    event,
    form::{self, Form, Mode},
    json, percent,
    problem::Problem,
};
use imports::http::types::{IncomingRequest, ResponseOutparam};
use message::Content;
use trace::trace;

/// The messages of a request that are still to be handled, and all that its response needs.
pub struct Exchange {
    out: ResponseOutparam,
    settings: Settings,
    /// The topic of all messages; `None` if each names its own.
    topic: Option<String>,
    messages: vec::IntoIter<Content>,
    replies: Rc<Replies>,
    handled: u64,
}

impl Guest for Provider {
    type Exchange = Exchange;

    fn accept(request: IncomingRequest, out: ResponseOutparam, others: bool) -> Arrival {
        let settings = match Settings::get() {
            Ok(settings) => settings,
            Err(_) => {
                // Whoever sends a request must not learn how the component is configured.
                let title = "the configuration of the component is invalid";
                outgoing::problem(out, &Problem { status: 500, title, ..Problem::default() });
                return Arrival::Answered;
            }
        };
        match incoming::read(&request, others, &settings) {
            Request::Other => return Arrival::Other((request, out)),
            Request::Messages(topic, messages) => match Exchange::of(topic, messages, out, settings).next() {
                Some(first) => return Arrival::Messages(first),
                None => return Arrival::Answered,
            },
            Request::Subscriptions => {
                outgoing::respond(out, subscriptions(&settings), &settings);
            }
            Request::Refused(refusal) => outgoing::problem(out, &refusal.problem()),
        }
        Arrival::Answered
    }

    fn handled(request: Handle, outcome: Result<(), Error>) -> Option<Pending> {
        let mut exchange = request.into_inner::<Exchange>();
        match outcome {
            Ok(()) => {
                trace!("the guest's handler: ok");
                exchange.handled += 1;
                exchange.next()
            }
            Err(error) => {
                trace!("the guest's handler: ", kind(&error));
                exchange.fail(&error);
                None
            }
        }
    }
}

impl GuestExchange for Exchange {}

impl Exchange {
    fn of(topic: Option<String>, messages: Vec<Content>, out: ResponseOutparam, settings: Settings) -> Self {
        Self {
            out,
            topic,
            messages: messages.into_iter(),
            replies: Rc::new(Replies::new(settings.max_body, settings.prefix())),
            handled: 0,
            settings,
        }
    }

    /// Returns the next message. After the last one, sends the response.
    fn next(mut self) -> Option<Pending> {
        let Some(content) = self.messages.next() else {
            self.respond();
            return None;
        };
        let topic = self.topic.clone().or_else(|| event::subject(&content).map(str::to_owned)).unwrap_or_default();
        // Dapr ignores replies.
        let replies = (self.settings.mode != Mode::Dapr).then(|| Rc::clone(&self.replies));
        Some((Handle::new(self), MessageHandle::new(Message::incoming(topic, content, replies))))
    }

    /// Sends the response after all messages were handled: the replies, or status 204.
    fn respond(self) {
        let Self { out, settings, replies, .. } = self;
        let replies = replies.close();
        let form = match &*replies {
            [] => return outgoing::respond_empty(out, 204),
            [reply] => outgoing::form(reply, None, &settings),
            replies => Ok(batch(replies, &settings)),
        };
        match form {
            Ok(form) => outgoing::respond(out, form, &settings),
            Err(error) => outgoing::problem(out, &incoming::status_of(&error).problem()),
        }
    }

    /// Sends the response after a message failed. The messages after it are not handled.
    fn fail(self, error: &Error) {
        let counts = [("handled", self.handled), ("replies-dropped", self.replies.close().len() as u64)];
        let failure = incoming::status_of(error);
        outgoing::problem(self.out, &Problem { counts: &counts, ..failure.problem() });
    }
}

fn batch(replies: &[Content], settings: &Settings) -> Form<'static> {
    let identities: Vec<Identity<'_>> =
        replies.iter().map(|reply| Identity::of(&reply.metadata, None, settings)).collect();
    form::batch(identities.iter().map(Identity::attributes).zip(replies))
}

/// Returns the response to Dapr's request for subscriptions: for each `PUBSUB/TOPIC`, the path to send messages to.
fn subscriptions(settings: &Settings) -> Form<'static> {
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
    Form { headers: Vec::from([("content-type".into(), b"application/json".to_vec())]), body: Cow::Owned(body.into()) }
}
