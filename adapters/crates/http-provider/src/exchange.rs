//! One request that came in, while the guest handles what is in it.

use crate::{
    Provider,
    bindings::exports::{
        msgcompose::http::exchange::{Arrival, Exchange as Handle, Guest, GuestExchange},
        wasi::messaging::types::{Error, Message as MessageHandle},
    },
    incoming::{self, Refusal, Request},
    message::{Message, Replies},
    outgoing::{self, Identity},
    settings::Settings,
    stream::Deadline,
};
use alloc::{
    borrow::{Cow, ToOwned},
    rc::Rc,
    string::String,
    vec::{self, Vec},
};
use core::cell::{Cell, RefCell};
use http_mapping::{
    event,
    form::{self, Form, Mode},
    json, percent,
    problem::Problem,
};
use imports::http::types::{IncomingRequest, ResponseOutparam};
use message::Content;

/// The messages of a request, and where its response goes.
pub struct Exchange {
    out: ResponseOutparam,
    settings: Settings,
    /// Of all messages; none where each has its own.
    topic: Option<String>,
    messages: RefCell<vec::IntoIter<Content>>,
    replies: Rc<Replies>,
    handled: Cell<u64>,
    failure: RefCell<Option<Refusal>>,
}

impl Guest for Provider {
    type Exchange = Exchange;

    fn accept(request: IncomingRequest, out: ResponseOutparam, others: bool) -> Arrival {
        let settings = match Settings::get() {
            Ok(settings) => settings,
            Err(error) => {
                outgoing::problem(out, &incoming::status_of(&error).problem());
                return Arrival::Answered;
            }
        };
        match incoming::read(&request, others, &settings) {
            Request::Other => return Arrival::Other((request, out)),
            Request::Messages(topic, messages) => {
                return Arrival::Messages(Handle::new(Exchange::of(topic, messages, out, settings)));
            }
            Request::Subscriptions => {
                let form = subscriptions(&settings);
                outgoing::respond(out, 200, form, &Deadline::after(settings.timeout_ms()));
            }
            Request::Refused(refusal) => outgoing::problem(out, &refusal.problem()),
        }
        Arrival::Answered
    }
}

impl Exchange {
    fn of(topic: Option<String>, messages: Vec<Content>, out: ResponseOutparam, settings: Settings) -> Self {
        Self {
            out,
            topic,
            messages: messages.into_iter().into(),
            replies: Rc::new(Replies::new(settings.max_body, settings.prefix())),
            handled: Cell::new(0),
            failure: RefCell::new(None),
            settings,
        }
    }
}

impl GuestExchange for Exchange {
    fn next(&self) -> Option<MessageHandle> {
        if self.failure.borrow().is_some() {
            return None;
        }
        let content = self.messages.borrow_mut().next()?;
        let topic = self.topic.clone().or_else(|| event::subject(&content).map(str::to_owned)).unwrap_or_default();
        // Dapr takes no replies.
        let replies = (self.settings.mode != Mode::Dapr).then(|| Rc::clone(&self.replies));
        Some(MessageHandle::new(Message::incoming(topic, content, replies)))
    }

    fn handled(&self, outcome: Result<(), Error>) {
        match outcome {
            Ok(()) => self.handled.set(self.handled.get() + 1),
            Err(error) => *self.failure.borrow_mut() = Some(incoming::status_of(&error)),
        }
    }

    fn respond(this: Handle) {
        let Exchange { out, settings, replies, handled, failure, .. } = this.into_inner();
        let replies = replies.close();
        if let Some(failure) = failure.into_inner() {
            let counts = [("handled", handled.get()), ("replies-dropped", replies.len() as u64)];
            return outgoing::problem(out, &Problem { counts: &counts, ..failure.problem() });
        }
        let form = match &*replies {
            [] => return outgoing::respond_empty(out, 204),
            [reply] => outgoing::form(reply, None, &settings),
            replies => Ok(batch(replies, &settings)),
        };
        match form {
            Ok(form) => outgoing::respond(out, 200, form, &Deadline::after(settings.timeout_ms())),
            Err(error) => outgoing::problem(out, &incoming::status_of(&error).problem()),
        }
    }
}

fn batch(replies: &[Content], settings: &Settings) -> Form<'static> {
    let identities: Vec<Identity<'_>> =
        replies.iter().map(|reply| Identity::of(&reply.metadata, None, settings)).collect();
    form::batch(identities.iter().map(Identity::attributes).zip(replies))
}

/// What Dapr is to subscribe for this component: for each `PUBSUB/TOPIC`, the path that its messages come on.
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
