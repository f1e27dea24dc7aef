//! Links guests: what a guest sends or requests reaches the handlers to its right, inside one component and without a
//! broker.
//!
//! Linked guests are a `Core` that adapters can go around. `docs/link.md` describes how messages are routed.

mod error;
mod members;
mod parts;
pub(crate) mod pattern;
mod wasi;
mod wiring;

pub use error::LinkError;
pub use pattern::ParsePatternError;

use crate::{
    plan::Core,
    provenance::AdapterRecord,
    types::{
        component::{Arena, Component},
        dialect::{Dialect, refuse_labelled},
    },
};
use members::Member;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wasi::{INCOMING_HANDLER, messaging};

/// The most handlers. Requests nest as deep as there are handlers, and a host's call stack is bounded.
pub const MAX_HANDLERS: usize = 64;

/// The default limit for the number of replies to one request.
pub const MAX_REPLIES: u32 = 1024;

/// The default limit for the size of the replies to one request, in bytes of data and metadata.
pub const MAX_REPLY_BYTES: u32 = 10 << 20;

/// What happens to a message if no handler takes its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unrouted {
    /// Sending and requesting fail.
    #[default]
    Error,
    /// A sent message is dropped, and a request times out.
    Drop,
    /// The host's messaging takes the message.
    Host,
}

/// Who gets the messages that the host delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Deliver {
    /// The application gets all of them. It must export `incoming-handler`, and so does the linked component.
    App,
    /// Nobody: the linked component does not export `incoming-handler`.
    None,
}

/// The settings of linking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linking {
    /// What happens to a message if no handler takes its topic.
    pub unrouted: Unrouted,
    /// Who gets the messages that the host delivers. By default it is the application, if that is a handler.
    pub deliver: Option<Deliver>,
    /// The limit for the number of replies to one request.
    pub max_replies: u32,
    /// The limit for the size of the replies to one request, in bytes of data and metadata.
    pub max_reply_bytes: u32,
    /// Whether to use the debug builds of the parts between the guests.
    pub debug: bool,
    /// The dialect of the host's messaging. If it is not sync, the guests have been lifted to `async`.
    pub dialect: Dialect,
}

/// A linked handler and its patterns, as in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// The handler's name in messages.
    pub handler: String,
    /// The patterns of the topics that the handler takes.
    pub patterns: Vec<String>,
}

/// Linked guests in order, with the parts between them.
#[derive(Debug)]
pub(crate) struct Linked {
    members: Vec<Member>,
    parts: wiring::Parts,
    linking: Linking,
}

impl Linked {
    /// Links guests of the arena: an application, and handlers with the patterns of their topics.
    pub fn new(
        app: Component,
        handlers: Vec<(Component, Vec<String>)>,
        linking: Linking,
        arena: &mut Arena<'_>,
    ) -> Result<Self, LinkError> {
        if handlers.len() > MAX_HANDLERS {
            return Err(LinkError::TooManyHandlers { count: handlers.len() });
        }
        for component in [&app].into_iter().chain(handlers.iter().map(|(component, _)| component)) {
            refuse_labelled(component, arena)?;
        }
        let mut members = vec![Member::new(app, Vec::new(), arena)?];
        for (component, topics) in handlers {
            let patterns = members::patterns(&topics, &component.name)?;
            members.push(Member::new(component, patterns, arena)?);
        }
        members::check(&members, arena, linking.deliver)?;
        let parts = wiring::Parts::of(&members, linking, arena)?;
        Ok(Self { members, parts, linking })
    }

    /// Returns the linked guests as a core for adapters.
    pub fn core<'a>(&'a self, arena: &Arena<'_>) -> Result<Core<'a>, LinkError> {
        wiring::wire(&self.members, &self.parts, arena)
    }

    /// Returns the options that the bus reads, and the routes. Handlers are numbered from the right, and the last
    /// handler is 0.
    #[must_use]
    pub fn baked(&self) -> BTreeMap<String, String> {
        let numbered = || self.members[1..].iter().rev().enumerate();
        let patterns =
            numbered().flat_map(|(number, member)| member.patterns.iter().map(move |pattern| (pattern, number)));
        let mut patterns: Vec<_> = patterns.collect();
        patterns.sort_by(|(one, _), (other, _)| one.specificity(other));
        let routes: Vec<_> = patterns.iter().map(|(pattern, number)| format!("{number} {pattern}")).collect();
        let names: Vec<_> = numbered().map(|(_, member)| member.component.name.replace('\n', " ")).collect();
        let known = [("routes", routes.join("\n")), ("handlers", names.join("\n"))];
        known.into_iter().chain(self.options()).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Returns the record of the parts between the guests, for the provenance.
    #[must_use]
    pub fn record(&self) -> AdapterRecord {
        AdapterRecord {
            name: wiring::LINK.to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            parts: self.parts.hashes.clone(),
            options: self
                .options()
                .into_iter()
                .chain([("deliver", if self.parts.is_delivered_to() { "app" } else { "none" }.to_owned())])
                .map(|(key, value)| (key.to_owned(), Some(value)))
                .collect(),
        }
    }

    /// Returns the bus's options that the settings determine.
    fn options(&self) -> [(&'static str, String); 3] {
        let Linking { unrouted, max_replies, max_reply_bytes, .. } = self.linking;
        let unrouted = match unrouted {
            Unrouted::Error => "error",
            Unrouted::Drop => "drop",
            Unrouted::Host => "host",
        };
        [
            ("unrouted", unrouted.to_owned()),
            ("max-replies", max_replies.to_string()),
            ("max-reply-bytes", max_reply_bytes.to_string()),
        ]
    }

    /// Returns the patterns of each handler, in the order of the handlers.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        let route = |member: &Member| Route {
            handler: member.component.name.clone(),
            patterns: member.patterns.iter().map(ToString::to_string).collect(),
        };
        self.members[1..].iter().map(route).collect()
    }

    /// Returns notes for the user.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(last) =
            self.members.last().filter(|last| last.sends_or_requests() && self.linking.unrouted == Unrouted::Error)
        {
            let name = &last.component.name;
            notes.push(format!("no handler stands to the right of `{name}`: what that sends or requests fails"));
        }
        let app = &self.members[0];
        if app.is_handler() && !self.parts.is_delivered_to() {
            let (export, app) = (messaging(INCOMING_HANDLER), &app.component.name);
            notes.push(format!("`{export}` of `{app}` is not exported: nothing is delivered to it"));
        }
        let places = || self.members.iter().map(|member| member.component.place);
        for (at, Member { component, .. }) in self.members.iter().enumerate() {
            let times = places().filter(|place| *place == component.place).count();
            if times > 1 && !places().take(at).any(|place| place == component.place) {
                let name = &component.name;
                notes.push(format!("`{name}` is linked {times} times: these are instances, which share no state"));
            }
        }
        for Member { component, .. } in &self.members[1..] {
            let others = component.exports.iter().filter(|export| export.name != messaging(INCOMING_HANDLER));
            for export in others.filter(|export| export.name.interface().is_some()) {
                let (export, handler) = (&export.name, &component.name);
                notes.push(format!("`{export}` of handler `{handler}` is not exported: that is only asked"));
            }
        }
        notes
    }
}
