//! The linked guests in order, and the checks of who can reach whom.

use super::{
    Deliver, LinkError,
    pattern::Pattern,
    wasi::{INCOMING_HANDLER, PRODUCER, REQUEST_REPLY, messaging},
};
use crate::types::{
    component::{Arena, Component},
    dialect::Messaging,
};
use std::collections::BTreeSet;

/// A linked guest.
#[derive(Debug)]
pub(super) struct Member {
    /// The guest's imports and exports.
    pub component: Component,
    /// The patterns of the topics that it handles. Empty for the application.
    pub patterns: Vec<Pattern>,
    /// Whether the guest can send messages.
    pub sends: bool,
    /// Whether the guest can make requests.
    pub requests: bool,
    /// Whether the guest can reply.
    pub replies: bool,
}

impl Member {
    /// Returns a member that handles the topics of `patterns`.
    pub fn new(component: Component, patterns: Vec<Pattern>, arena: &Arena<'_>) -> Result<Self, LinkError> {
        let sends = component.import(&messaging(PRODUCER)).is_some();
        let can = |function| match component.import(&messaging(REQUEST_REPLY)) {
            Some(import) => arena.has_function(import, function),
            None => Ok(false),
        };
        let (requests, replies) = (can("request")?, can("reply")?);
        Ok(Self { component, patterns, sends, requests, replies })
    }

    /// Returns whether the guest sends or requests, so that handlers to its right may be called.
    pub fn sends_or_requests(&self) -> bool {
        self.sends || self.requests
    }

    /// Returns whether the guest can be called with messages.
    pub fn is_handler(&self) -> bool {
        let handler = messaging(INCOMING_HANDLER);
        self.component.exports.iter().any(|export| export.name == handler)
    }

    fn name(&self) -> String {
        self.component.name.clone()
    }
}

/// Parses the patterns that a handler is given.
pub(super) fn patterns(texts: &[String], handler: &str) -> Result<Vec<Pattern>, LinkError> {
    if texts.is_empty() {
        return Err(LinkError::NoPattern { handler: handler.to_owned() });
    }
    let parse = |text: &String| {
        text.parse().map_err(|source| LinkError::BadPattern { text: text.clone(), handler: handler.to_owned(), source })
    };
    texts.iter().map(parse).collect()
}

/// Checks members and their order before anything is wired. The application is the first of `members`.
pub(super) fn check(members: &[Member], arena: &Arena<'_>, deliver: Option<Deliver>) -> Result<(), LinkError> {
    check_patterns(members)?;
    let interface = || messaging(INCOMING_HANDLER).to_string();
    let (app, handlers) = members.split_first().expect("the application is a member");
    if let Some(member) = handlers.iter().find(|member| !member.is_handler()) {
        return Err(LinkError::NotAHandler {
            handler: member.name(),
            interface: interface(),
            dialects: Messaging::of(&member.component, arena)?,
        });
    }
    match deliver {
        Some(Deliver::App) if !app.is_handler() => {
            let dialects = Messaging::of(&app.component, arena)?;
            Err(LinkError::AppHandlesNothing { app: app.name(), interface: interface(), dialects })
        }
        Some(Deliver::None) if app.is_handler() && app.component.exports.len() == 1 => {
            Err(LinkError::NobodyDelivers { app: app.name(), interface: interface() })
        }
        _ => check_reach(members),
    }
}

fn check_patterns(members: &[Member]) -> Result<(), LinkError> {
    let mut seen: Vec<(&Pattern, &Member)> = Vec::new();
    for member in members {
        for pattern in &member.patterns {
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == pattern) {
                return Err(LinkError::PatternTwice {
                    pattern: pattern.to_string(),
                    first: first.name(),
                    second: member.name(),
                });
            }
            seen.push((pattern, member));
        }
    }
    Ok(())
}

/// Refuses handlers that no guest to their left can reach.
fn check_reach(members: &[Member]) -> Result<(), LinkError> {
    for (place, member) in members.iter().enumerate().skip(1) {
        let left = &members[..place];
        if !left.iter().any(Member::sends_or_requests) {
            return Err(LinkError::NobodyAsks {
                handler: member.name(),
                left: left.iter().map(Member::name).collect(),
            });
        }
        if left.iter().any(|member| member.sends) {
            continue;
        }
        // A request goes to the most specific matching pattern to the right of the requester.
        let others = |from: usize| members[from + 1..].iter().enumerate().filter(move |(at, _)| from + 1 + at != place);
        let is_reached = left.iter().enumerate().filter(|(_, member)| member.requests).any(|(from, _)| {
            member.patterns.iter().any(|pattern| {
                let patterns = others(from).flat_map(|(_, other)| &other.patterns);
                !pattern.is_covered(patterns.filter(|other| other.specificity(pattern).is_lt()))
            })
        });
        if !is_reached {
            let requester = left.iter().position(|member| member.requests).unwrap_or(0);
            let more_specific = others(requester).filter(|(_, other)| {
                let mut patterns = other.patterns.iter();
                patterns.any(|other| member.patterns.iter().any(|own| own != other && other.is_covered([own])))
            });
            let names: BTreeSet<_> = more_specific.map(|(_, other)| other.name()).collect();
            return Err(LinkError::Shadowed {
                handler: member.name(),
                patterns: member.patterns.iter().map(ToString::to_string).collect(),
                others: names.into_iter().collect(),
            });
        }
    }
    Ok(())
}
