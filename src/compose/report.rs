//! The report on a composition, for people and for programs.

use super::{
    bridged::{Bridged, BridgedGuest},
    guests::Lifted,
    output::Output,
    planned::{Planned, Used},
};
use crate::{
    adapters::{config::ConfigFrom, duty::Duty, settings::Assignment},
    common::quote::quoted,
    hosts::check::Check,
    link::{Linked, Route},
    plan::{Instance, Node, Open, Plan, Source},
    types::dialect::Dialect,
    uplift::LiftedFunction,
    wasm::outside::Outside,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// What composing did, and what the host must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The guest's name.
    pub guest: String,
    /// The adapters, innermost first.
    pub adapters: Vec<String>,
    /// The routes of the linked handlers, in the order of linking; empty if nothing was linked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// The linked guests that speak another messaging package, with the adapter that each was composed with first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bridged: Vec<BridgedGuest>,
    /// Which component serves which other component.
    pub wires: Vec<Wire>,
    /// The imports of the composed component, sorted.
    pub imports: BTreeSet<String>,
    /// The exports of the composed component, sorted.
    pub exports: BTreeSet<String>,
    /// The open imports of each component, with the reason why nothing else serves them.
    pub open: Vec<Open>,
    /// What the host must do for the composed component.
    pub host: Vec<Duty>,
    /// What the user should look at: defaults that do more than one may expect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Other facts that the user may want to know.
    pub notes: Vec<String>,
    /// The dialect of the composed component.
    #[serde(skip_serializing_if = "is_sync")]
    pub dialect: Dialect,
    /// The guest's functions that are async in this dialect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<LiftedFunction>,
    /// Sizes in bytes.
    pub size: Size,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_sync(dialect: &Dialect) -> bool {
    *dialect == Dialect::Sync
}

impl Report {
    /// Returns a title of one line: the guest and what was composed with it.
    #[must_use]
    pub fn title(&self) -> String {
        let linked = if self.routes.is_empty() { "" } else { " (linked)" };
        let around =
            if self.adapters.is_empty() { String::new() } else { format!(" with {}", self.adapters.join(", ")) };
        format!("{}{linked}{around}", self.guest)
    }
}

/// A wire: one component serves an interface to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Wire {
    /// The import that is served.
    pub interface: String,
    /// The component that exports it.
    pub from: String,
    /// The component that imports it.
    pub to: String,
    /// On which side of the guest the wire is.
    pub kind: WireKind,
}

/// On which side of the guest a wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WireKind {
    /// Below the guest: a component serves an import of another one.
    Provided,
    /// Between the guest and the host: an interceptor wraps an export.
    Intercepted,
}

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Size {
    /// The guest.
    pub guest: usize,
    /// The composed component.
    pub composed: usize,
    /// The difference: everything that composing added.
    pub added: usize,
}

/// The input of a report: everything known about a finished composition.
pub(super) struct Made<'r, 'p> {
    /// The guest's name.
    pub guest: &'r str,
    pub planned: Planned<'r, 'p>,
    pub lifted: Lifted,
    /// The linked guests that were composed with an adapter first.
    pub bridged: &'r Bridged,
    /// What the host must do, without flags.
    pub duties: &'r [Duty],
    /// The check against the host's profile, if a host was given.
    pub checked: Option<Check>,
    /// The options that msgcompose chose with the adapters for that host. None if the user chose the adapters.
    pub chosen: Option<&'r [Assignment]>,
    /// The imports and exports of the composed component.
    pub outside: Outside,
}

impl Made<'_, '_> {
    /// Returns the report.
    pub fn report(self, output: &Output<'_>) -> Report {
        let (guest, composed) = (output.guest_size(), output.size());
        let (host, notes) = (self.duties(), self.notes());
        let Planned { plan, linked, adapters, build, .. } = self.planned;
        Report {
            guest: self.guest.to_owned(),
            adapters: adapters.iter().map(|adapter| adapter.name.clone()).collect(),
            routes: linked.map(Linked::routes).unwrap_or_default(),
            bridged: self.bridged.guests.clone(),
            wires: wires(plan),
            imports: self.outside.imports.into_iter().collect(),
            exports: self.outside.exports.into_iter().collect(),
            open: plan.open.clone(),
            host,
            warnings: self.planned.warnings().collect(),
            notes,
            dialect: build.dialect,
            lifted: self.lifted.functions,
            size: Size { guest, composed, added: composed - guest },
        }
    }

    /// Returns the duties, and how to start the host.
    fn duties(&self) -> Vec<Duty> {
        let flags = self.checked.iter().flat_map(|check| &check.flags);
        let start = flags.map(|flag| Duty::new("start-with", flag, format!("be started with `{flag}`")));
        self.duties.iter().cloned().chain(start).collect()
    }

    /// Returns notes on open imports of messaging, on linking and options without effect, on debug builds, and on how
    /// the adapters were chosen.
    fn notes(&self) -> Vec<String> {
        let Planned { plan, linked, adapters, build, .. } = self.planned;
        let mut notes = left(&plan.open);
        notes.extend(self.bridged.guests.iter().map(|BridgedGuest { guest, package, adapter }| {
            format!("`{guest}` speaks `{package}`, so it is linked with `{adapter}` around it")
        }));
        notes.extend(linked.into_iter().flat_map(Linked::notes));
        let one_at_a_time = |guest: &String| format!("`{guest}` is lifted to async: it handles one message at a time");
        notes.extend(self.lifted.guests.iter().map(one_at_a_time));
        let is_layer = |instance: &Instance<'_>| matches!(instance.node, Node::ConfigLayer { .. });
        if build.config_from != ConfigFrom::Baked {
            let only_baked: Vec<_> = self.planned.used().flat_map(only_baked).collect();
            if only_baked.is_empty() && !plan.instances.iter().any(is_layer) && self.bridged.guests.is_empty() {
                notes.push("no part reads options, so none can be set at run time".to_owned());
            }
            notes.extend(only_baked);
        }
        notes.extend(self.planned.used().flat_map(|used| without_effect(&used)));
        if build.debug {
            notes.push("debug builds: the adapters say on standard error what they do".to_owned());
            notes.extend(self.planned.used().flat_map(without_debug_build));
        }
        if let (Some(Check { host, .. }), Some(options)) = (&self.checked, self.chosen) {
            let adapters = quoted(adapters.iter().map(|adapter| &adapter.name), ", ");
            let does = if self.planned.adapters.len() == 1 { "makes" } else { "make" };
            notes.push(match options {
                _ if adapters.is_empty() => format!("no adapter is needed for `{}` to run on `{host}`", self.guest),
                [] => format!("{adapters} {does} `{}` run on `{host}`", self.guest),
                options => {
                    let options =
                        quoted(options.iter().map(|Assignment { key, value, .. }| format!("{key}={value}")), ", ");
                    format!("{adapters} {does} `{}` run on `{host}`, with {options}", self.guest)
                }
            });
        }
        notes
    }
}

/// Notes the parts that read options only as they were baked.
fn only_baked(Used { adapter, with_slot, .. }: Used<'_>) -> impl Iterator<Item = String> + use<'_> {
    let parts = adapter.parts.iter().filter(move |part| with_slot.contains(part.name.as_str()));
    parts.map(|part| {
        let name = adapter.part_name(part);
        format!("`{name}` reads options only as they were baked: none of them can be set at run time")
    })
}

/// Notes the parts that have no debug build.
fn without_debug_build(Used { adapter, parts, .. }: Used<'_>) -> impl Iterator<Item = String> + use<'_> {
    let without =
        adapter.parts.iter().filter(move |part| part.debug_file.is_none() && parts.contains(part.name.as_str()));
    without.map(|part| format!("`{}` has no debug build, and is as it is", adapter.part_name(part)))
}

/// Returns all wires except those from config components and those within one adapter.
fn wires(plan: &Plan<'_>) -> Vec<Wire> {
    let mut wires = Vec::new();
    for consumer in &plan.instances {
        for (import, source) in &consumer.arguments {
            let Source::Instance { instance, .. } = source else { continue };
            let provider = &plan.instances[*instance];
            let is_internal = match (provider.node, consumer.node) {
                (Node::Config { .. } | Node::ConfigLayer { .. }, _) => true,
                (Node::Part { owner: from, .. }, Node::Part { owner: to, .. }) => from == to,
                _ => false,
            };
            if is_internal {
                continue;
            }
            wires.push(Wire {
                interface: import.to_string(),
                from: provider.node.name(),
                to: consumer.node.name(),
                kind: if provider.is_under_guest() { WireKind::Provided } else { WireKind::Intercepted },
            });
        }
    }
    wires
}

/// Notes the imports of messaging that are left to the host. If a part nearly serves one, the note says why it does
/// not, because that is probably a mistake.
fn left(open: &[Open]) -> Vec<String> {
    let messaging: Vec<_> = open.iter().filter(|open| open.is_messaging()).collect();
    let is_plain = |open: &&&Open| open.misses().next().is_none();
    let plain: BTreeSet<_> = messaging.iter().filter(is_plain).map(|open| &open.import).collect();
    let near = messaging.iter().flat_map(|open| open.misses().map(move |candidate| (open, candidate)));
    let mut notes: Vec<_> = near
        .map(|(open, candidate)| {
            let (import, importers) = (&open.import, quoted(&open.importers, ", "));
            format!("{importers} has `{import}` from the host: `{}` {}", candidate.component, candidate.reason)
        })
        .collect();
    if !plain.is_empty() {
        notes.push(format!("left to the host, because no part exports it: {}", quoted(plain, ", ")));
    }
    notes
}

/// Notes the options without effect: their parts are not used, or another option rules them out.
fn without_effect(Used { adapter, settings, parts, .. }: &Used<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let unread: BTreeSet<&str> = adapter.unread(parts).map(|option| option.name.as_str()).collect();
    for option in adapter.options.iter().filter(|option| settings.is_given(option)) {
        let reason = if !unread.contains(option.name.as_str()) {
            let ruled_out = option.only_with.iter().next().filter(|_| !settings.is_effective(option));
            let Some((other, values)) = ruled_out else { continue };
            format!("it is for `{other}` {}", quoted(values, " or "))
        } else if option.parts.is_empty() {
            "no part depends on it".to_owned()
        } else {
            format!("it is for {}", quoted(&option.parts, ", "))
        };
        notes.push(format!("option `{}` of `{}` has no effect here: {reason}", option.name, adapter.name));
    }
    notes
}
