//! Links guests: what one sends or requests reaches the handlers to its right, inside one component, without a broker.
//!
//! Linked guests are a [`Core`] that adapters can go around. What becomes of messages is in `docs/link.md`.

mod error;
mod members;
mod parts;
pub mod pattern;
mod wasi;
mod wiring;

pub use error::LinkError;

use crate::{
    plan::Core,
    provenance::AdapterRecord,
    types::component::{Arena, Component},
};
use members::Member;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wasi::{INCOMING_HANDLER, messaging};

/// The most handlers: each stands on the stack of those that ask it, and a host's stack is bounded.
pub const MAX_HANDLERS: usize = 64;

/// The most replies that a request may gather, unless another number is set.
pub const MAX_REPLIES: u32 = 1024;

/// The most bytes of them, unless another number is set.
pub const MAX_REPLY_BYTES: u32 = 10 << 20;

/// What becomes of a topic that no handler takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unrouted {
    /// Sending and requesting fail.
    #[default]
    Error,
    /// What is sent is dropped, and a request times out.
    Drop,
    /// The host's messaging gets it, and may deliver to the application.
    Host,
}

/// What can be set of linking.
#[derive(Debug, Clone, Copy)]
pub struct Linking {
    /// What becomes of a topic that no handler takes.
    pub unrouted: Unrouted,
    /// The most replies that a request may gather.
    pub max_replies: u32,
    /// The most bytes of them.
    pub max_reply_bytes: u32,
    /// Whether the debug builds of what stands between the guests are taken.
    pub debug: bool,
}

/// A linked handler, as the report has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// What the handler is called.
    pub handler: String,
    /// Patterns of the topics that it is asked for.
    pub patterns: Vec<String>,
}

/// Guests in their order, and the parts that stand between them.
#[derive(Debug)]
pub struct Linked {
    members: Vec<Member>,
    parts: wiring::Parts,
    linking: Linking,
}

impl Linked {
    /// Links guests that are in the arena: an application, and the handlers with the patterns of their topics.
    pub fn new(
        app: Component,
        handlers: Vec<(Component, Vec<String>)>,
        linking: Linking,
        arena: &mut Arena<'_>,
    ) -> Result<Self, LinkError> {
        if handlers.len() > MAX_HANDLERS {
            return Err(LinkError::TooManyHandlers { count: handlers.len() });
        }
        let mut members = vec![Member::new(app, Vec::new(), arena)?];
        for (component, topics) in handlers {
            let patterns = members::patterns(&topics, &component.name)?;
            members.push(Member::new(component, patterns, arena)?);
        }
        members::check(&members, arena, linking.unrouted == Unrouted::Host)?;
        let parts = wiring::Parts::of(&members, linking.unrouted, linking.debug, arena)?;
        Ok(Self { members, parts, linking })
    }

    /// The linked guests as adapters see them.
    pub fn core<'a>(&'a self, arena: &Arena<'_>) -> Result<Core<'a>, LinkError> {
        wiring::wire(&self.members, &self.parts, arena)
    }

    /// What the bus reads: its options, and who handles what. Handlers are numbered from the last one, which is 0.
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

    /// What a composition says of the parts between the guests.
    #[must_use]
    pub fn record(&self) -> AdapterRecord {
        AdapterRecord {
            name: wiring::LINK.to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            parts: self.parts.hashes.clone(),
            options: self.options().map(|(key, value)| (key.to_owned(), Some(value))).into(),
        }
    }

    /// The options of the bus that follow from what was set.
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

    /// Which handler has which patterns, in the order of the handlers.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        let route = |member: &Member| Route {
            handler: member.component.name.clone(),
            patterns: member.patterns.iter().map(ToString::to_string).collect(),
        };
        self.members[1..].iter().map(route).collect()
    }

    /// What the user may want to know.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(last) = self.members.last().filter(|last| last.asks() && self.linking.unrouted == Unrouted::Error) {
            let name = &last.component.name;
            notes.push(format!("no handler stands to the right of `{name}`: what that sends or requests fails"));
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
