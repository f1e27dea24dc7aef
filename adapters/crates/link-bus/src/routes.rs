//! The routes, read from the options that were baked while linking.

use crate::{bindings::exports::wasi::messaging::types::Error, local::Local};
use alloc::{string::String, vec::Vec};
use core::cell::OnceCell;
use imports::config::store;
use message::parse_decimal;

/// What happens to a message whose topic has no handler: the option `--unrouted`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unrouted {
    /// `send` and `request` fail.
    Error,
    /// The message is dropped.
    Drop,
    /// The message goes to the host.
    Host,
}

/// A pattern and its handler.
struct Route {
    pattern: String,
    handler: u32,
}

/// All options of the bus.
pub struct Routes {
    /// The routes, most specific pattern first.
    routes: Vec<Route>,
    /// Names of handlers, by number.
    names: Vec<String>,
    pub unrouted: Unrouted,
    /// The maximum number of replies to one message.
    pub max_replies: usize,
    /// The maximum number of bytes of all replies to one message.
    pub max_bytes: usize,
}

static ROUTES: Local<OnceCell<Routes>> = Local(OnceCell::new());

impl Routes {
    /// Returns the routes, which are read once per instance.
    pub fn get() -> Result<&'static Self, Error> {
        if let Some(routes) = ROUTES.get() {
            return Ok(routes);
        }
        match store::get_all() {
            Ok(options) => Ok(ROUTES.get_or_init(|| Self::of(&options))),
            Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => Err(Error::Other(reason)),
        }
    }

    fn of(options: &[(String, String)]) -> Self {
        let text = |key| options.iter().find_map(|(name, value)| (name == key).then_some(value.as_str())).unwrap_or("");
        let number = |text| parse_decimal(text).and_then(|number| usize::try_from(number).ok());
        let routes = text("routes").split('\n').filter_map(|line| {
            let (handler, pattern) = line.split_once(' ')?;
            Some(Route { pattern: pattern.into(), handler: number(handler)? as u32 })
        });
        Self {
            routes: routes.collect(),
            names: text("handlers").split('\n').map(String::from).collect(),
            unrouted: match text("unrouted") {
                "drop" => Unrouted::Drop,
                "host" => Unrouted::Host,
                _ => Unrouted::Error,
            },
            max_replies: number(text("max-replies")).unwrap_or(0),
            max_bytes: number(text("max-reply-bytes")).unwrap_or(0),
        }
    }

    /// Returns the handlers of a topic among the `reach` reached ones, most specific pattern first.
    fn of_topic(&self, topic: &str, reach: u32) -> impl Iterator<Item = u32> {
        // As on brokers, a pattern that begins with a wildcard does not match topics of the system (`$…`).
        let admits = move |pattern: &str| {
            !(topic.starts_with('$') && pattern.starts_with(['*', '>'])) && subject::matches(pattern, topic)
        };
        let reached = self.routes.iter().filter(move |route| route.handler < reach);
        reached.filter(move |route| admits(&route.pattern)).map(|route| route.handler)
    }

    /// Returns the handler for a request: the one with the most specific pattern.
    pub fn most_specific(&self, topic: &str, reach: u32) -> Option<u32> {
        self.of_topic(topic, reach).next()
    }

    /// Returns the handlers for a sent message, each once and in their order from left to right.
    pub fn all(&self, topic: &str, reach: u32) -> Vec<u32> {
        let mut all: Vec<u32> = self.of_topic(topic, reach).collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        all.dedup();
        all
    }

    /// Returns the name of a handler.
    pub fn name(&self, handler: u32) -> &str {
        self.names.get(handler as usize).map_or("", String::as_str)
    }
}
