//! Who handles what, as it was baked while composing.

use crate::{bindings::exports::wasi::messaging::types::Error, local::Local};
use alloc::{string::String, vec::Vec};
use core::cell::OnceCell;
use imports::config::store;
use message::parse_decimal;

/// What becomes of a topic that nobody handles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unrouted {
    /// An error.
    Error,
    /// Nothing.
    Drop,
    /// The host has it.
    Host,
}

/// A pattern, and the handler that it is of.
struct Route {
    pattern: String,
    handler: u32,
}

/// All of it.
pub struct Routes {
    /// The most specific first.
    routes: Vec<Route>,
    /// Names, by number.
    names: Vec<String>,
    pub unrouted: Unrouted,
    /// The most replies to one message.
    pub max_replies: usize,
    /// The most bytes of them.
    pub max_bytes: usize,
}

static ROUTES: Local<OnceCell<Routes>> = Local(OnceCell::new());

impl Routes {
    /// Read once an instance.
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

    /// The handlers of a topic among those that are reached: that of the most specific pattern first.
    fn of_topic(&self, topic: &str, reach: u32) -> impl Iterator<Item = u32> {
        // As on brokers, the topics of the system are nobody's who does not name them.
        let admits = move |pattern: &str| {
            !(topic.starts_with('$') && pattern.starts_with(['*', '>'])) && subject::matches(pattern, topic)
        };
        let reached = self.routes.iter().filter(move |route| route.handler < reach);
        reached.filter(move |route| admits(&route.pattern)).map(|route| route.handler)
    }

    /// Who is asked.
    pub fn most_specific(&self, topic: &str, reach: u32) -> Option<u32> {
        self.of_topic(topic, reach).next()
    }

    /// Who receives, in the order of the handlers, each once.
    pub fn all(&self, topic: &str, reach: u32) -> Vec<u32> {
        let mut all: Vec<u32> = self.of_topic(topic, reach).collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        all.dedup();
        all
    }

    /// The name of a handler.
    pub fn name(&self, handler: u32) -> &str {
        self.names.get(handler as usize).map_or("", String::as_str)
    }
}
