//! What the user set becomes one checked value for every option of every adapter in the stack.

mod error;

pub use error::SettingsError;

use crate::{
    adapter::Adapter,
    option::{Default, OptionSpec},
    suggest::closest,
};
use std::collections::{BTreeMap, BTreeSet};

/// One option given a value, before anybody looked at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The adapter, if it was named apart from the option.
    pub adapter: Option<String>,
    /// The option's name, or `adapter.option`.
    pub key: String,
    /// The value, as text.
    pub value: String,
}

/// The values of one adapter's options.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    given: BTreeSet<String>,
}

/// Reads a configuration file: one table an adapter, one entry an option.
pub fn parse_config(text: &str) -> Result<Vec<Assignment>, SettingsError> {
    let tables: toml::Table = text.parse().map_err(SettingsError::NotToml)?;
    let mut assignments = Vec::new();
    for (adapter, table) in tables {
        let toml::Value::Table(table) = table else {
            return Err(SettingsError::NoTable { key: adapter });
        };
        for (option, value) in table {
            let not_a_value = |found| SettingsError::NotAValue { adapter: adapter.clone(), key: option.clone(), found };
            let value = text_of(value).map_err(not_a_value)?;
            assignments.push(Assignment { adapter: Some(adapter.clone()), key: option, value });
        }
    }
    Ok(assignments)
}

/// A value as an option takes it, or what it is instead.
pub(crate) fn text_of(value: toml::Value) -> Result<String, &'static str> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Array(items) => {
            let items = items.into_iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
            Ok(items.join(","))
        }
        toml::Value::Float(_) => Err("a fraction"),
        toml::Value::Datetime(_) => Err("a date"),
        toml::Value::Table(_) => Err("a table"),
    }
}

/// The settings of each adapter: what was assigned, later assignments over earlier ones, and the defaults of the rest.
/// Options without a default may still be missing; [`Settings::require`] finds them, once it is known which parts are
/// used.
pub fn resolve(adapters: &[Adapter], assignments: &[Assignment]) -> Result<Vec<Settings>, SettingsError> {
    let mut settings = vec![Settings::default(); adapters.len()];
    for Assignment { adapter, key: assigned, value } in assignments {
        let Found { adapter: name, option, key } = match adapter {
            Some(adapter) => find_in(adapters, adapter, assigned)?,
            None => find(adapters, assigned)?,
        };
        let bad = |value: &str, reason| SettingsError::BadValue {
            adapter: name.to_owned(),
            option: option.name.clone(),
            value: value.to_owned(),
            reason,
        };
        let key = key.map_err(|reason| bad(assigned, reason))?;
        let value = option.kind.parse(value).map_err(|reason| bad(value, reason))?;
        for (settings, _) in settings.iter_mut().zip(adapters).filter(|(_, adapter)| adapter.name == name) {
            settings.given.insert(option.name.clone());
            settings.values.insert(key.clone(), value.clone());
        }
    }
    for (settings, adapter) in settings.iter_mut().zip(adapters) {
        settings.fill_defaults(adapter);
        settings.check_differences(adapter)?;
    }
    Ok(settings)
}

/// An option that was found.
struct Found<'a> {
    adapter: &'a str,
    option: &'a OptionSpec,
    /// Its name, or what is wrong with the name that a user put into a family's.
    key: Result<String, String>,
}

fn option_of<'a>(adapter: &'a Adapter, key: &str) -> Option<Found<'a>> {
    let mut found = adapter.options.iter().filter_map(|option| Some((option, option.key(key)?)));
    found.next().map(|(option, key)| Found { adapter: &adapter.name, option, key })
}

/// The option of a named adapter.
fn find_in<'a>(adapters: &'a [Adapter], name: &str, key: &str) -> Result<Found<'a>, SettingsError> {
    let adapter = adapters.iter().find(|adapter| adapter.name == name);
    let adapter = adapter.ok_or_else(|| SettingsError::UnknownTable { adapter: name.to_owned() })?;
    option_of(adapter, key).ok_or_else(|| unknown(&[adapter], key))
}

/// The option that `key` means: of the adapter that is named in it, or of the only one that has it.
fn find<'a>(adapters: &'a [Adapter], key: &str) -> Result<Found<'a>, SettingsError> {
    for adapter in adapters {
        if let Some(own) = key.strip_prefix(&adapter.name).and_then(|rest| rest.strip_prefix('.')) {
            return find_in(adapters, &adapter.name, own);
        }
    }
    let found = adapters.iter().filter_map(|adapter| Some((adapter.name.as_str(), option_of(adapter, key)?)));
    let mut found: BTreeMap<&str, Found<'_>> = found.collect();
    match found.len() {
        0 => Err(unknown(&adapters.iter().collect::<Vec<_>>(), key)),
        1 => Ok(found.pop_first().expect("there is one").1),
        _ => Err(SettingsError::Ambiguous {
            key: key.to_owned(),
            adapters: found.into_keys().map(str::to_owned).collect(),
        }),
    }
}

fn unknown(adapters: &[&Adapter], key: &str) -> SettingsError {
    let names = adapters.iter().flat_map(|adapter| adapter.options.iter().map(|option| option.name.as_str()));
    SettingsError::Unknown {
        key: key.to_owned(),
        adapters: adapters.iter().map(|adapter| adapter.name.clone()).collect(),
        closest: closest(key, names).map(str::to_owned),
    }
}

impl Settings {
    /// The value of an option; empty when it has none.
    #[must_use]
    pub fn get(&self, option: &str) -> &str {
        self.values.get(option).map_or("", String::as_str)
    }

    /// The options of a family that have a value, sorted.
    pub fn members<'a>(&'a self, family: &OptionSpec) -> impl Iterator<Item = &'a str> {
        self.values.keys().map(String::as_str).filter(|key| family.key(key).is_some())
    }

    /// Whether the user set the option.
    #[must_use]
    pub fn is_given(&self, option: &str) -> bool {
        self.given.contains(option)
    }

    /// Fails for the first option that a part called one of `parts` reads, but that has no value.
    pub fn require(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> Result<(), SettingsError> {
        match self.missing(adapter, parts).first() {
            None => Ok(()),
            Some(OptionSpec { name, help, .. }) => {
                Err(SettingsError::Missing { adapter: adapter.name.clone(), option: name.clone(), help: help.clone() })
            }
        }
    }

    /// The options that parts called one of `parts` read, but that have no value.
    #[must_use]
    pub fn missing<'a>(&self, adapter: &'a Adapter, parts: &BTreeSet<&str>) -> Vec<&'a OptionSpec> {
        let required = adapter.read_by(parts).filter(|option| option.is_required());
        required.filter(|option| !self.values.contains_key(&option.name)).collect()
    }

    /// The options that parts called one of `parts` read, with their values, in the order of their names.
    #[must_use]
    pub fn baked(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> BTreeMap<String, String> {
        let is_read = |key: &str| adapter.read_by(parts).any(|option| option.key(key).is_some());
        self.values.iter().filter(|(key, _)| is_read(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Whether an option has an effect with what the others are.
    #[must_use]
    pub fn is_effective(&self, option: &OptionSpec) -> bool {
        option.only_with.iter().all(|(other, values)| values.iter().any(|value| value == self.get(other)))
    }

    fn fill_defaults(&mut self, adapter: &Adapter) {
        // Those that depend on others come last.
        for option in &adapter.options {
            if let Some(Default::Fixed(value)) = &option.default {
                self.fill(option, value);
            }
        }
        for option in &adapter.options {
            if let Some(Default::By(by)) = &option.default {
                let value = by.iter().find_map(|(other, defaults)| defaults.get(self.get(other)));
                self.fill(option, value.map_or("", String::as_str));
            }
        }
    }

    fn check_differences(&self, adapter: &Adapter) -> Result<(), SettingsError> {
        for option in &adapter.options {
            let value = self.get(&option.name);
            let same = option.differs_from.iter().find(|other| !value.is_empty() && self.get(other) == value);
            if let Some(other) = same {
                return Err(SettingsError::BadValue {
                    adapter: adapter.name.clone(),
                    option: option.name.clone(),
                    value: value.to_owned(),
                    reason: format!("is the value of `{other}` too"),
                });
            }
        }
        Ok(())
    }

    fn fill(&mut self, option: &OptionSpec, default: &str) {
        let default = option.kind.parse(default).unwrap_or_default();
        self.values.entry(option.name.clone()).or_insert(default);
    }
}
