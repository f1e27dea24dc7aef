//! What the host must do for a composed component, and what its user should look at.

use super::planned::{Planned, Used};
use crate::{
    adapters::{
        adapter::Adapter,
        config::ConfigFrom,
        duty::{Duty, DutySpec, INNER, INNER_IN_PATH, in_path},
        option::{OptionSpec, SECRET},
        settings::Settings,
    },
    plan::{Node, Plan},
    types::{
        component::{Arena, Component, ComponentError},
        dialect::{Dialect, Messaging},
    },
};

impl Planned<'_, '_> {
    /// Returns what the host must support, what must be set on it, what the manifests require, and what only the
    /// running guest knows. `outside` is the plan's.
    pub fn duties(self, outside: &Component, arena: &Arena<'_>) -> Result<Vec<Duty>, ComponentError> {
        let config_from = self.build.config_from;
        let mut duties = Vec::new();
        for used in self.used() {
            let words = Words { missing: used.settings.missing(used.adapter, &used.parts), used, config_from };
            duties = duties.into_iter().flat_map(|duty| words.translated(duty)).collect();
            duties.extend(words.own());
        }
        for (place, instance) in self.plan.instances.iter().enumerate() {
            let Node::Guest(guest) = instance.node else { continue };
            if Messaging::of(guest, arena)?.iter().any(|spoken| spoken.shape.has_configure()) {
                duties.push(configured_duty(&guest.name, self.is_exported(place)));
            }
        }
        // A guest may have been async before it came here, and an adapter may be async for a guest of another package.
        let dialect = match (Dialect::of(outside, arena)?.unwrap_or_default(), self.build.dialect) {
            (Dialect::Sync, Dialect::Sync) => None,
            (Dialect::Sync, within) => Some(Duty::new("dialect", within.to_string(), ASYNC)),
            (dialect, _) => Some(dialect_duty(dialect)),
        };
        Ok(dialect.into_iter().chain(duties).collect())
    }

    /// Returns whether the host can call all that an instance exports for it: it exports it itself, or behind others.
    fn is_exported(self, place: usize) -> bool {
        let Plan { exports, pieces, .. } = self.plan;
        exports.values().any(|exporter| *exporter == place)
            || pieces.values().flat_map(|pieces| &pieces.pieces).any(|piece| piece.instance == place)
    }
}

impl Planned<'_, '_> {
    /// Returns the warnings of the manifests that apply.
    pub fn warnings(self) -> impl Iterator<Item = String> {
        self.used().flat_map(|Used { adapter, settings, parts, .. }| {
            let specs = adapter.warnings.iter().filter(move |spec| {
                spec.with.iter().any(|part| parts.contains(part.as_str())) && settings.is_default(&spec.unless_set)
            });
            specs.map(move |spec| spec.text.fill(|name| shown(adapter, settings, name)))
        })
    }
}

/// Returns what is left to do for a guest that says by `configure` which topics it takes: only the running guest knows.
fn configured_duty(guest: &str, is_exported: bool) -> Duty {
    let whose =
        if is_exported { " of the composed component" } else { ", which the composed component does not export" };
    Duty::new("deliver-configured", guest, format!("deliver the topics that `{guest}` names in `configure`{whose}"))
}

/// What a host must support for linked guests that are async among themselves.
const ASYNC: &str = "support async of the component model";

/// Returns what the host must support for a dialect with async functions.
fn dialect_duty(dialect: Dialect) -> Duty {
    let which = match dialect {
        Dialect::Mixed => "`request` and `handle` are",
        _ => "`connect`, `send`, `request`, `reply` and `handle` are",
    };
    Duty::new(
        "dialect",
        dialect.to_string(),
        format!("{ASYNC}, and have messaging in the dialect `{dialect}`: {which} async"),
    )
}

/// What the manifest of an adapter says about duties, with the settings of a composition.
struct Words<'p> {
    used: Used<'p>,
    /// The options without a value.
    missing: Vec<&'p OptionSpec>,
    config_from: ConfigFrom,
}

impl Words<'_> {
    /// Returns what must be set on the host, and the adapter's own duties.
    fn own(&self) -> Vec<Duty> {
        let set = self.missing.iter().map(|option| self.config_from.duty(option));
        let own = self.due(None).flat_map(|spec| self.fill(spec, None));
        set.chain(own).collect()
    }

    /// Returns a duty of an adapter further inside as the host must do it: this adapter may stand between the two.
    fn translated(&self, duty: Duty) -> Vec<Duty> {
        let in_place: Vec<_> = self.due(Some(&duty.kind)).flat_map(|spec| self.fill(spec, Some(&duty))).collect();
        if in_place.is_empty() { vec![duty] } else { in_place }
    }

    /// Returns the duties that apply: the adapter's own, or those that stand in place of a duty of a kind.
    fn due(&self, in_place_of: Option<&str>) -> impl Iterator<Item = &DutySpec> {
        let Used { adapter, settings, parts, .. } = &self.used;
        let specs = adapter.duties.iter().filter(move |spec| spec.in_place_of.as_deref() == in_place_of);
        specs.filter(move |spec| {
            spec.with.iter().any(|part| parts.contains(part.as_str()))
                && settings.has_one_of(&spec.only_with)
                && settings.has_none_of(&spec.unless)
                && settings.begins_with(&spec.begins_with)
        })
    }

    /// Fills in values. An option family gives one duty for each option that was set.
    fn fill(&self, spec: &DutySpec, inner: Option<&Duty>) -> Vec<Duty> {
        let Used { adapter, settings, .. } = &self.used;
        let family = spec.placeholders().find_map(|name| adapter.option(name).filter(|option| option.is_family()));
        let keys = family.map_or_else(|| vec![""], |family| settings.members(family).collect());
        let value = |name: &str, key: &str| match (name, inner) {
            (INNER, Some(inner)) => inner.value.clone(),
            (INNER_IN_PATH, Some(inner)) => in_path(&inner.value),
            _ if family.is_some_and(|family| family.name == name) => shown(adapter, settings, key),
            _ if self.missing.iter().any(|option| option.name == name) => self.config_from.placeholder(name),
            _ => shown(adapter, settings, name),
        };
        keys.into_iter().map(|key| spec.fill(|name| value(name, key))).collect()
    }
}

/// Returns the value of an option, unless it is secret.
fn shown(adapter: &Adapter, settings: &Settings, key: &str) -> String {
    adapter.shown(key, settings.get(key)).unwrap_or_else(|| SECRET.to_owned())
}
