//! What the host must do for a composed component.

use super::{
    layers::Build,
    planned::{Planned, Used},
};
use crate::{
    adapters::{adapter::DutySpec, config::ConfigFrom, duty::Duty, option::SECRET},
    types::dialect::Dialect,
};

impl Planned<'_, '_> {
    /// Returns what the host must support, what must be set on it, and what the manifests require.
    pub fn duties(self) -> Vec<Duty> {
        let Build { dialect, config_from, .. } = self.build;
        let dialect = (dialect != Dialect::Sync).then(|| dialect_duty(dialect));
        dialect.into_iter().chain(self.used().flat_map(|used| adapter_duties(&used, config_from))).collect()
    }
}

/// Returns what the host must support for a dialect with async functions.
fn dialect_duty(dialect: Dialect) -> Duty {
    let which = match dialect {
        Dialect::Mixed => "`request` and `handle` are",
        _ => "`connect`, `send`, `request`, `reply` and `handle` are",
    };
    let text =
        format!("support async of the component model, and have messaging in the dialect `{dialect}`: {which} async");
    Duty::new("dialect", dialect.to_string(), text)
}

/// Returns what the host must set for an adapter, and the duties that its manifest names.
fn adapter_duties(Used { adapter, settings, parts }: &Used<'_>, config_from: ConfigFrom) -> Vec<Duty> {
    let missing = settings.missing(adapter, parts);
    let mut duties: Vec<_> = missing.iter().map(|option| config_from.duty(option)).collect();
    let shown = |key: &str, value: &str| adapter.shown(key, value).unwrap_or_else(|| SECRET.to_owned());
    let value = |name: &str| {
        let is_missing = missing.iter().any(|option| option.name == name);
        if is_missing { config_from.placeholder(name) } else { shown(name, settings.get(name)) }
    };
    let is_due = |duty: &&DutySpec| {
        parts.contains(duty.with.as_str())
            && settings.has_one_of(&duty.only_with)
            && settings.begins_with(&duty.begins_with)
    };
    for duty in adapter.duties.iter().filter(is_due) {
        let mut names = duty.value.options().chain(duty.text.options());
        let family = names.find_map(|name| adapter.option(name).filter(|option| option.is_family()));
        // An option family gives one duty for each option that was set.
        let keys = family.map_or_else(|| vec![""], |family| settings.members(family).collect());
        for key in keys {
            let value = |name: &str| match family {
                Some(family) if family.name == name => shown(key, settings.get(key)),
                _ => value(name),
            };
            duties.push(Duty::new(&duty.kind, duty.value.fill(value), duty.text.fill(value)));
        }
    }
    duties
}
