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
pub(super) struct Role {
    /// What it imports and exports.
    pub component: Component,
    /// What it handles; nothing for the application.
    pub patterns: Vec<Pattern>,
    /// Whether it may send.
    pub sends: bool,
    /// Whether it may request.
    pub requests: bool,
}

impl Role {
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

/// Checks what can be known of the order before anything is wired. The application is the first of `roles`.
pub(super) fn check(roles: &[Role], arena: &Arena<'_>, is_delivered_to: bool) -> Result<(), LinkError> {
    check_patterns(roles)?;
    check_cycles(roles)?;
    let handler = messaging(INCOMING_HANDLER);
    for role in &roles[1..] {
        if role.component.exports.iter().all(|export| export.name != handler) {
            return Err(LinkError::NotAHandler {
                handler: role.name(),
                interface: handler.to_string(),
                dialects: Dialect::spoken(&role.component, arena)?,
            });
        }
    }
    if !is_delivered_to && roles[0].component.exports.iter().any(|export| export.name == handler) {
        return Err(LinkError::NobodyDelivers { app: roles[0].name(), interface: handler.to_string() });
    }
    check_reach(roles)
}

fn check_patterns(roles: &[Role]) -> Result<(), LinkError> {
    let mut seen: Vec<(&Pattern, &Role)> = Vec::new();
    for role in roles {
        for pattern in &role.patterns {
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == pattern) {
                return Err(LinkError::PatternTwice {
                    pattern: pattern.to_string(),
                    first: first.name(),
                    second: role.name(),
                });
            }
            seen.push((pattern, role));
        }
    }
    Ok(())
}

/// The same component in two places is one that is to be asked by what it asks, unless it asks nobody.
fn check_cycles(roles: &[Role]) -> Result<(), LinkError> {
    for (first, role) in roles.iter().enumerate().filter(|(_, role)| role.asks()) {
        let Some(second) = roles[first + 1..].iter().position(|other| other.component.place == role.component.place)
        else {
            continue;
        };
        let between = roles[first + 1..first + 1 + second].iter().filter(|other| other.asks());
        let path = [role].into_iter().chain(between).chain([role]).map(Role::name).collect();
        return Err(LinkError::Cycle { path });
    }
    Ok(())
}

/// Every handler must be asked by somebody who is asked himself, or is the application.
fn check_reach(roles: &[Role]) -> Result<(), LinkError> {
    for (place, role) in roles.iter().enumerate().skip(1) {
        let left = &roles[..place];
        if !left.iter().any(Role::asks) {
            return Err(LinkError::NobodyAsks { handler: role.name(), left: left.iter().map(Role::name).collect() });
        }
        if left.iter().any(|role| role.sends) {
            continue;
        }
        // Who requests is answered by the most specific of those to his right.
        let others = |from: usize| roles[from + 1..].iter().enumerate().filter(move |(at, _)| from + 1 + at != place);
        let is_asked = left.iter().enumerate().filter(|(_, role)| role.requests).any(|(from, _)| {
            role.patterns.iter().any(|pattern| {
                let patterns = others(from).flat_map(|(_, other)| &other.patterns);
                !pattern.is_covered(patterns.filter(|other| other.specificity(pattern).is_lt()))
            })
        });
        if !is_asked {
            let asking = left.iter().position(|role| role.requests).unwrap_or(0);
            let more_specific = others(asking).filter(|(_, other)| {
                let mut patterns = other.patterns.iter();
                patterns.any(|other| role.patterns.iter().any(|own| own != other && other.is_covered([own])))
            });
            let names: BTreeSet<_> = more_specific.map(|(_, other)| other.name()).collect();
            return Err(LinkError::Shadowed {
                handler: role.name(),
                patterns: role.patterns.iter().map(ToString::to_string).collect(),
                others: names.into_iter().collect(),
            });
        }
    }
    Ok(())
}
