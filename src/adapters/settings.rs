//! What the user set becomes one checked value for every option of every adapter in the stack.

mod error;
#[cfg(test)]
pub mod schema;

pub use error::SettingsError;

use crate::{
    adapters::{
        adapter::{Adapter, DIALECT},
        config::ConfigFrom,
        option::{Default, OptionSpec},
        template::Template,
    },
    common::suggest::closest,
    types::dialect::Form,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

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

/// How options are set whose values must not stand in the component.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// Options, secret ones or others, that are set at run time only: `name` or `adapter.name`.
    pub at_run_time: Vec<String>,
    /// Whether values of secret options may be set here all the same.
    pub baked: bool,
}

/// The values of one adapter's options.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// Those that the user set.
    given: BTreeSet<String>,
    /// Those that are set at run time only, each as an option of its own.
    at_run_time: BTreeMap<String, OptionSpec>,
}

/// Reads `KEY=VALUE`.
impl FromStr for Assignment {
    type Err = NotAnAssignment;

    fn from_str(text: &str) -> Result<Self, NotAnAssignment> {
        let (key, value) = text.split_once('=').ok_or(NotAnAssignment)?;
        Ok(Self { adapter: None, key: key.trim().to_owned(), value: value.to_owned() })
    }
}

/// A text that sets no option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an option is set by KEY=VALUE")]
pub struct NotAnAssignment;

/// Reads options as a project file has them. A table in them has the name of an adapter.
pub(crate) fn assignments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Assignment>, D::Error> {
    let mut assignments = Vec::new();
    let mut add = |adapter: Option<&str>, key: String, value| {
        let not_a_value = |found| D::Error::custom(format!("option `{key}` is {found}, which no option can be"));
        let value = text_of(value).map_err(not_a_value)?;
        assignments.push(Assignment { adapter: adapter.map(str::to_owned), key, value });
        Ok(())
    };
    for (key, value) in toml::Table::deserialize(deserializer)? {
        let toml::Value::Table(table) = value else {
            add(None, key, value)?;
            continue;
        };
        table.into_iter().try_for_each(|(option, value)| add(Some(&key), option, value))?;
    }
    Ok(assignments)
}

/// A file of options: one table for each adapter, one entry for each option.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigFile {
    /// The options, in the order of the adapters' names.
    pub options: Vec<Assignment>,
}

impl FromStr for ConfigFile {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        parse_config(text).map(|options| Self { options })
    }
}

fn parse_config(text: &str) -> Result<Vec<Assignment>, SettingsError> {
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
pub fn resolve(
    adapters: &[Adapter],
    assignments: &[Assignment],
    secrets: &Secrets,
) -> Result<Vec<Settings>, SettingsError> {
    if let (true, Some(option)) = (adapters.is_empty(), assignments.first()) {
        return Err(SettingsError::NoAdapter { key: option.key.clone() });
    }
    let mut settings = vec![Settings::default(); adapters.len()];
    for Assignment { adapter, key: assigned, value } in assignments {
        let found = match adapter {
            Some(adapter) => find_in(adapters, adapter, assigned)?,
            None => find(adapters, assigned)?,
        };
        let key = found.own_key(assigned)?;
        let Found { adapter: name, option, .. } = &found;
        if option.secret && !secrets.baked {
            return Err(SettingsError::Secret { adapter: (*name).to_owned(), option: key });
        }
        let value = option.kind.parse(value).map_err(|reason| found.bad(value, reason))?;
        for (settings, _) in settings.iter_mut().zip(adapters).filter(|(_, adapter)| adapter.name == *name) {
            settings.given.insert(key.clone());
            settings.values.insert(key.clone(), value.clone());
        }
    }
    for (settings, adapter) in settings.iter_mut().zip(adapters) {
        settings.fill_defaults(adapter);
    }
    for key in &secrets.at_run_time {
        let found = find(adapters, key)?;
        let own = found.own_key(key)?;
        let Found { adapter: name, option, .. } = found;
        for (settings, _) in settings.iter_mut().zip(adapters).filter(|(_, adapter)| adapter.name == name) {
            settings.leave(name, option, own.clone())?;
        }
    }
    for (settings, adapter) in settings.iter().zip(adapters) {
        settings.check_differences(adapter)?;
    }
    Ok(settings)
}

/// Fails for what is asked of adapters, where there are none.
pub(crate) fn refuse_without_adapters(
    secrets: &Secrets,
    config_from: ConfigFrom,
    dialect: Option<Form>,
) -> Result<(), SettingsError> {
    if !secrets.at_run_time.is_empty() || secrets.baked || config_from != ConfigFrom::Baked {
        return Err(SettingsError::NothingToSet);
    }
    if dialect.is_some() { Err(SettingsError::NothingInDialect) } else { Ok(()) }
}

/// The form of messaging that the composition has: the one that was asked for, or that of the guest, or more if its
/// adapters have no builds for less. From then on it is known to their settings.
pub(crate) fn dialect(
    adapters: &[Adapter],
    settings: &mut [Settings],
    asked: Option<Form>,
    guest: Form,
) -> Result<Form, SettingsError> {
    let depends = |(adapter, settings): (&Adapter, &Settings)| {
        let files = adapter.parts.iter().filter_map(|part| part.file.template(|option| settings.get(option)));
        files.flat_map(Template::options).any(|option| option == DIALECT)
    };
    let depends = adapters.iter().zip(&*settings).any(depends);
    let form = asked.unwrap_or(if depends { guest.max(Form::Mixed) } else { guest });
    for (settings, adapter) in settings.iter_mut().zip(adapters) {
        let mut in_form = |form: Form| {
            settings.values.insert(DIALECT.to_owned(), form.to_string());
            adapter.parts.iter().find(|part| adapter.file(part, |option| settings.get(option)).is_err())
        };
        let has: Vec<_> = Form::ALL.into_iter().filter(|form| in_form(*form).is_none()).collect();
        if let Some(part) = in_form(form).filter(|_| !has.is_empty()) {
            let part = adapter.part_name(part);
            return Err(SettingsError::NoDialect { part, asked: form, has });
        }
    }
    Ok(form)
}

/// An option that was found.
struct Found<'a> {
    adapter: &'a str,
    option: &'a OptionSpec,
    /// Its name, or what is wrong with the name that a user put into a family's.
    key: Result<String, String>,
}

impl Found<'_> {
    /// What the option that was called `called` is really called.
    fn own_key(&self, called: &str) -> Result<String, SettingsError> {
        self.key.clone().map_err(|reason| self.bad(called, reason))
    }

    fn bad(&self, value: &str, reason: String) -> SettingsError {
        SettingsError::BadValue {
            adapter: self.adapter.to_owned(),
            option: self.option.name.clone(),
            value: value.to_owned(),
            reason,
        }
    }
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
    pub fn is_given(&self, option: &OptionSpec) -> bool {
        self.given.iter().any(|key| option.key(key).is_some())
    }

    /// What the user set, in the order of the names.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().map(|key| (key.as_str(), self.get(key)))
    }

    /// Fails for the first option that a part called one of `parts` reads, but that has no value.
    pub fn require(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> Result<(), SettingsError> {
        if let Some(option) = self.at_run_time.keys().next() {
            return Err(SettingsError::NothingAtRunTime { adapter: adapter.name.clone(), option: option.clone() });
        }
        match self.missing(adapter, parts).first() {
            None => Ok(()),
            Some(OptionSpec { name, help, .. }) => {
                Err(SettingsError::Missing { adapter: adapter.name.clone(), option: name.clone(), help: help.clone() })
            }
        }
    }

    /// The options that parts called one of `parts` read, but that have no value.
    #[must_use]
    pub fn missing<'a>(&'a self, adapter: &'a Adapter, parts: &BTreeSet<&str>) -> Vec<&'a OptionSpec> {
        let has_value = |option: &OptionSpec| self.values.contains_key(&option.name);
        let is_left = |option: &OptionSpec| self.at_run_time.contains_key(&option.name);
        let required = adapter.read_by(parts).filter(|option| option.is_required());
        let required = required.filter(|option| !has_value(option) && !is_left(option));
        let is_read = |key: &str| adapter.read_by(parts).any(|option| option.key(key).is_some());
        required.chain(self.at_run_time.values().filter(|option| is_read(&option.name))).collect()
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
        self.has_one_of(&option.only_with)
    }

    /// Whether each of these options has one of its values, or may have it at run time.
    #[must_use]
    pub fn has_one_of(&self, wanted: &BTreeMap<String, Vec<String>>) -> bool {
        let is_left = |option: &str| self.at_run_time.contains_key(option);
        let is_one = |other: &str, values: &[String]| values.iter().any(|value| value == self.get(other));
        wanted.iter().all(|(other, values)| is_left(other) || is_one(other, values))
    }

    /// Leaves an option to run time. `key` is what it is called.
    fn leave(&mut self, adapter: &str, option: &OptionSpec, key: String) -> Result<(), SettingsError> {
        let adapter = adapter.to_owned();
        if option.parts.is_empty() {
            return Err(SettingsError::NotAtRunTime { adapter, option: key });
        }
        if self.given.contains(&key) {
            return Err(SettingsError::HereAndAtRunTime { adapter, option: key });
        }
        self.values.remove(&key);
        self.at_run_time
            .insert(key.clone(), OptionSpec { name: key, name_type: None, default: None, ..option.clone() });
        Ok(())
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
