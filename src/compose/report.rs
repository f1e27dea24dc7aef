//! What came of a composition, for people and for programs.

use crate::{
    adapters::{
        adapter::{Adapter, DutySpec},
        config::ConfigFrom,
        settings::Settings,
    },
    common::quote::quoted,
    compose::output::Output,
    plan::{Instance, Node, Open, Plan, Source},
    types::dialect::Form,
    uplift::LiftedFunction,
    wasm::outside::{Outside, outside},
};
use serde::Serialize;
use std::{borrow::Cow, collections::BTreeSet};
use wasmparser::BinaryReaderError;

/// What was composed, and what the host must do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The guest, as it was called.
    pub guest: String,
    /// The adapters, the innermost first.
    pub adapters: Vec<String>,
    /// Which handler has which topics, in the order of linking; nothing where nothing was linked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// Which component serves which other one.
    pub wires: Vec<Wire>,
    /// What the composed component still imports, sorted.
    pub imports: BTreeSet<String>,
    /// What it exports, sorted.
    pub exports: BTreeSet<String>,
    /// Each import that a component of the composition has from the host, and why nothing else serves it.
    pub open: Vec<Open>,
    /// What the host must do for it.
    pub host: Vec<Duty>,
    /// What the user may want to know.
    pub notes: Vec<String>,
    /// The form of messaging that the composed component has.
    #[serde(skip_serializing_if = "is_sync")]
    pub dialect: Form,
    /// The guest's functions that are async in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<LiftedFunction>,
    /// Sizes in bytes.
    pub size: Size,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_sync(form: &Form) -> bool {
    *form == Form::Sync
}

impl Report {
    /// What was composed, in a line.
    #[must_use]
    pub fn title(&self) -> String {
        if self.adapters.is_empty() {
            self.guest.clone()
        } else {
            format!("{} with {}", self.guest, self.adapters.join(", "))
        }
    }
}

/// A linked handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// The handler, as it was called.
    pub handler: String,
    /// Patterns of the topics that it is asked for.
    pub patterns: Vec<String>,
}

/// One interface that one component gives to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Wire {
    /// The import that is served.
    pub interface: String,
    /// The component that exports it.
    pub from: String,
    /// The component that imports it.
    pub to: String,
    /// On which side of the guest this happens.
    pub kind: WireKind,
}

/// On which side of the guest a wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WireKind {
    /// An import is provided from outside.
    Provided,
    /// An export is intercepted on its way to the host.
    Intercepted,
}

/// Something that the host must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Duty {
    /// What kind of thing.
    pub kind: String,
    /// What it is about.
    pub value: String,
    /// All of it in a sentence.
    pub text: String,
}

impl Duty {
    /// One more thing that the host must do, for whoever knows more of the host than composing does.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: value.into(), text: text.into() }
    }
}

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Size {
    /// The guest.
    pub guest: usize,
    /// The composed component.
    pub composed: usize,
    /// What was added.
    pub added: usize,
}

impl Report {
    /// Makes of the report of what is around linked guests that of the whole.
    pub fn around(&mut self, linked: Report) {
        let guests = linked.size.guest;
        // What is left of messaging is so by what is around.
        let left = left(&linked.open);
        self.guest = linked.guest;
        self.routes = linked.routes;
        self.wires.splice(0..0, linked.wires);
        self.notes.splice(0..0, linked.notes.into_iter().filter(|note| !left.contains(note)));
        self.size = Size { guest: guests, added: self.size.composed - guests, ..self.size };
    }
}

/// Describes a composition. `encoded` is the composed component or its skeleton.
pub(crate) fn report(
    plan: &Plan<'_>,
    adapters: &[Adapter],
    settings: &[Settings],
    config_from: ConfigFrom,
    encoded: &[u8],
    output: &Output<'_>,
) -> Result<Report, BinaryReaderError> {
    let Outside { imports, exports } = outside(encoded)?;
    let (guest, composed) = (output.guest_size(), output.size());
    let guest_name = plan.instances.iter().find_map(|instance| match instance.node {
        Node::Guest(guest) => Some(guest.name.clone()),
        _ => None,
    });
    Ok(Report {
        guest: guest_name.unwrap_or_default(),
        adapters: adapters.iter().map(|adapter| adapter.name.clone()).collect(),
        routes: Vec::new(),
        wires: wires(plan),
        imports: imports.into_iter().collect(),
        exports: exports.into_iter().collect(),
        open: plan.open.clone(),
        host: duties(plan, adapters, settings, config_from),
        notes: notes(plan, adapters, settings, config_from),
        dialect: Form::Sync,
        lifted: Vec::new(),
        size: Size { guest, composed, added: composed - guest },
    })
}

/// All wires but those of the configurations and those within an adapter, which are nobody's concern.
fn wires(plan: &Plan<'_>) -> Vec<Wire> {
    let mut wires = Vec::new();
    for consumer in &plan.instances {
        for (import, source) in &consumer.arguments {
            let Source::Instance { instance, .. } = source else { continue };
            let provider = &plan.instances[*instance];
            let is_internal = match (provider.node, consumer.node) {
                (Node::Config { .. } | Node::ConfigLayer { .. }, _) => true,
                (Node::Part { layer: from, .. }, Node::Part { layer: to, .. }) => from == to,
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

/// What the host must set, and what it must do by the manifests.
fn duties(plan: &Plan<'_>, adapters: &[Adapter], settings: &[Settings], config_from: ConfigFrom) -> Vec<Duty> {
    let mut duties = Vec::new();
    for (layer, (adapter, settings)) in adapters.iter().zip(settings).enumerate() {
        let parts = plan.part_names(layer);
        let missing = settings.missing(adapter, &parts);
        duties.extend(missing.iter().map(|option| config_from.duty(option)));
        let value = |name| {
            let is_missing = missing.iter().any(|option| option.name == name);
            if is_missing { Cow::Owned(config_from.placeholder(name)) } else { Cow::Borrowed(settings.get(name)) }
        };
        let is_due = |duty: &&DutySpec| parts.contains(duty.with.as_str()) && settings.has_one_of(&duty.only_with);
        for duty in adapter.duties.iter().filter(is_due) {
            let mut names = duty.value.options().chain(duty.text.options());
            let family = names.find_map(|name| adapter.option(name).filter(|option| option.is_family()));
            // Of a family there is one for each that was set.
            let keys = family.map_or_else(|| vec![""], |family| settings.members(family).collect());
            for key in keys {
                let value = |name| match family {
                    Some(family) if family.name == name => Cow::Borrowed(settings.get(key)),
                    _ => value(name),
                };
                duties.push(Duty {
                    kind: duty.kind.clone(),
                    value: duty.value.fill(value),
                    text: duty.text.fill(value),
                });
            }
        }
    }
    duties
}

/// What of messaging is left to the host. Where a part has something like it, that is most likely a mistake, and is said
/// in full.
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

/// Messaging that is left to the host; and options that have no effect: set for parts that are not in the composition,
/// left without effect by others, or to be set in a place that nobody looks into.
fn notes(plan: &Plan<'_>, adapters: &[Adapter], settings: &[Settings], config_from: ConfigFrom) -> Vec<String> {
    let mut notes = left(&plan.open);
    let is_layer = |instance: &Instance<'_>| matches!(instance.node, Node::ConfigLayer { .. });
    if config_from != ConfigFrom::Baked && !plan.instances.iter().any(is_layer) {
        notes.push("no part reads options, so none can be set at run time".to_owned());
    }
    for (layer, (adapter, settings)) in adapters.iter().zip(settings).enumerate() {
        let parts = plan.part_names(layer);
        let unread: BTreeSet<&str> = adapter.unread(&parts).map(|option| option.name.as_str()).collect();
        for option in adapter.options.iter().filter(|option| settings.is_given(option)) {
            let reason = if !unread.contains(option.name.as_str()) {
                let Some((other, values)) = option.only_with.iter().next().filter(|_| !settings.is_effective(option))
                else {
                    continue;
                };
                format!("it is for `{other}` {}", quoted(values, " or "))
            } else if option.parts.is_empty() {
                "no part depends on it".to_owned()
            } else {
                format!("it is for {}", quoted(&option.parts, ", "))
            };
            notes.push(format!("option `{}` of `{}` has no effect here: {reason}", option.name, adapter.name));
        }
    }
    notes
}
