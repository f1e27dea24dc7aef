//! Who may be asked by whom: the guests in their order, and what speaks against it.

use super::{
    LinkError,
    pattern::Pattern,
    wasi::{INCOMING_HANDLER, PRODUCER, REQUEST_REPLY, messaging},
};
use crate::types::{
    component::{Arena, Component},
    dialect::Dialect,
};
use std::collections::BTreeSet;

/// A guest in its place.
#[derive(Debug)]
pub(super) struct Member {
    /// What it imports and exports.
    pub component: Component,
    /// What it handles; nothing for the application.
    pub patterns: Vec<Pattern>,
    /// Whether it may send.
    pub sends: bool,
    /// Whether it may request.
    pub requests: bool,
}

impl Member {
    /// A guest with what it handles.
    pub fn new(component: Component, patterns: Vec<Pattern>, arena: &Arena<'_>) -> Result<Self, LinkError> {
        let sends = component.import(&messaging(PRODUCER)).is_some();
        let requests = match component.import(&messaging(REQUEST_REPLY)) {
            Some(import) => arena.has_function(import, "request")?,
            None => false,
        };
        Ok(Self { component, patterns, sends, requests })
    }

    /// Whether anything goes out from it that a handler may get.
    pub fn asks(&self) -> bool {
        self.sends || self.requests
    }

    fn name(&self) -> String {
        self.component.name.clone()
    }
}

/// The patterns that a handler is given.
pub(super) fn patterns(texts: &[String], handler: &str) -> Result<Vec<Pattern>, LinkError> {
    if texts.is_empty() {
        return Err(LinkError::NoPattern { handler: handler.to_owned() });
    }
    let parse = |text: &String| {
        text.parse().map_err(|source| LinkError::BadPattern { text: text.clone(), handler: handler.to_owned(), source })
    };
    texts.iter().map(parse).collect()
}

/// Checks what can be known of the order before anything is wired. The application is the first of `members`.
pub(super) fn check(members: &[Member], arena: &Arena<'_>, is_delivered_to: bool) -> Result<(), LinkError> {
    check_patterns(members)?;
    check_cycles(members)?;
    let handler = messaging(INCOMING_HANDLER);
    for member in &members[1..] {
        if member.component.exports.iter().all(|export| export.name != handler) {
            return Err(LinkError::NotAHandler {
                handler: member.name(),
                interface: handler.to_string(),
                dialects: Dialect::spoken(&member.component, arena)?,
            });
        }
    }
    if !is_delivered_to && members[0].component.exports.iter().any(|export| export.name == handler) {
        return Err(LinkError::NobodyDelivers { app: members[0].name(), interface: handler.to_string() });
    }
    check_reach(members)
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

/// The same component in two places is one that is to be asked by what it asks, unless it asks nobody.
fn check_cycles(members: &[Member]) -> Result<(), LinkError> {
    for (first, member) in members.iter().enumerate().filter(|(_, member)| member.asks()) {
        let Some(second) =
            members[first + 1..].iter().position(|other| other.component.place == member.component.place)
        else {
            continue;
        };
        let between = members[first + 1..first + 1 + second].iter().filter(|other| other.asks());
        let path = [member].into_iter().chain(between).chain([member]).map(Member::name).collect();
        return Err(LinkError::Cycle { path });
    }
    Ok(())
}

/// Every handler must be asked by somebody who is asked himself, or is the application.
fn check_reach(members: &[Member]) -> Result<(), LinkError> {
    for (place, member) in members.iter().enumerate().skip(1) {
        let left = &members[..place];
        if !left.iter().any(Member::asks) {
            return Err(LinkError::NobodyAsks {
                handler: member.name(),
                left: left.iter().map(Member::name).collect(),
            });
        }
        if left.iter().any(|member| member.sends) {
            continue;
        }
        // Who requests is answered by the most specific of those to his right.
        let others = |from: usize| members[from + 1..].iter().enumerate().filter(move |(at, _)| from + 1 + at != place);
        let is_asked = left.iter().enumerate().filter(|(_, member)| member.requests).any(|(from, _)| {
            member.patterns.iter().any(|pattern| {
                let patterns = others(from).flat_map(|(_, other)| &other.patterns);
                !pattern.is_covered(patterns.filter(|other| other.specificity(pattern).is_lt()))
            })
        });
        if !is_asked {
            let asking = left.iter().position(|member| member.requests).unwrap_or(0);
            let more_specific = others(asking).filter(|(_, other)| {
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
