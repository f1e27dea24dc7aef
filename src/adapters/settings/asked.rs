//! Answers what the settings of an adapter are, when the parts that are used are known.

use super::{Settings, SettingsError};
use crate::adapters::{adapter::Adapter, option::OptionSpec};
use std::collections::{BTreeMap, BTreeSet};

impl Settings {
    /// Returns the value of an option, or an empty text if it has none.
    #[must_use]
    pub fn get(&self, option: &str) -> &str {
        self.values.get(option).map_or("", String::as_str)
    }

    /// Returns the names of an option family's members that have values, sorted.
    pub fn members<'a>(&'a self, family: &OptionSpec) -> impl Iterator<Item = &'a str> {
        self.values.keys().map(String::as_str).filter(|key| family.key(key).is_some())
    }

    /// Returns whether the user set the option.
    #[must_use]
    pub fn is_given(&self, option: &OptionSpec) -> bool {
        self.given.iter().any(|key| option.key(key).is_some())
    }

    /// Returns whether the option has its default: the user neither set it nor left it to run time.
    #[must_use]
    pub fn is_default(&self, option: &str) -> bool {
        !self.given.contains(option) && !self.at_run_time.contains_key(option)
    }

    /// Returns what the user set, sorted by name.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().map(|key| (key.as_str(), self.get(key)))
    }

    /// Fails if a part named in `parts` reads an option without a value.
    pub fn require(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> Result<(), SettingsError> {
        if let Some(option) = self.at_run_time.keys().next() {
            return Err(SettingsError::NothingAtRunTime { adapter: adapter.name.clone(), option: option.clone() });
        }
        self.require_baked(adapter, parts)
    }

    /// Fails if a part named in `parts` reads an option without a value. The parts read none at run time.
    pub fn require_baked(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> Result<(), SettingsError> {
        let Some(option) = self.missing(adapter, parts).into_iter().next() else { return Ok(()) };
        let OptionSpec { name, help, .. } = option;
        let (adapter, option) = (adapter.name.clone(), name.clone());
        Err(if self.at_run_time.contains_key(name) {
            SettingsError::OnlyBaked { adapter, option }
        } else {
            SettingsError::Missing { adapter, option, help: help.clone() }
        })
    }

    /// Returns the options without a value that the parts named in `parts` read.
    #[must_use]
    pub fn missing<'a>(&'a self, adapter: &'a Adapter, parts: &BTreeSet<&str>) -> Vec<&'a OptionSpec> {
        let has_value = |option: &OptionSpec| self.values.contains_key(&option.name);
        let is_left = |option: &OptionSpec| self.at_run_time.contains_key(&option.name);
        let required = adapter.read_by(parts).filter(|option| option.is_required());
        let required = required.filter(|option| !has_value(option) && !is_left(option));
        let is_read = |key: &str| adapter.read_by(parts).any(|option| option.key(key).is_some());
        required.chain(self.at_run_time.values().filter(|option| is_read(&option.name))).collect()
    }

    /// Returns the options that the parts named in `parts` read, with their values, sorted by name.
    #[must_use]
    pub fn baked(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> BTreeMap<String, String> {
        let is_read = |key: &str| adapter.read_by(parts).any(|option| option.key(key).is_some());
        self.values.iter().filter(|(key, _)| is_read(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Returns whether an option has an effect, given the values of the options that it depends on.
    #[must_use]
    pub fn is_effective(&self, option: &OptionSpec) -> bool {
        self.has_one_of(&option.only_with)
    }

    /// Returns whether each option in `wanted` has one of the listed values, or may get one at run time.
    #[must_use]
    pub fn has_one_of(&self, wanted: &BTreeMap<String, Vec<String>>) -> bool {
        let is_left = |option: &str| self.at_run_time.contains_key(option);
        let is_one = |other: &str, values: &[String]| values.iter().any(|value| value == self.get(other));
        wanted.iter().all(|(other, values)| is_left(other) || is_one(other, values))
    }

    /// Returns whether no option in `unwanted` has one of the listed values, or it may get another one at run time.
    #[must_use]
    pub fn has_none_of(&self, unwanted: &BTreeMap<String, Vec<String>>) -> bool {
        let is_left = |option: &str| self.at_run_time.contains_key(option);
        let is_one = |other: &str, values: &[String]| values.iter().any(|value| value == self.get(other));
        unwanted.iter().all(|(other, values)| is_left(other) || !is_one(other, values))
    }

    /// Returns whether the value of each option in `starts` begins with one of its texts, or may be set at run time.
    #[must_use]
    pub fn begins_with(&self, starts: &BTreeMap<String, Vec<String>>) -> bool {
        let is_left = |option: &str| self.at_run_time.contains_key(option);
        let begins = |option: &str, starts: &[String]| starts.iter().any(|start| self.get(option).starts_with(start));
        starts.iter().all(|(option, starts)| is_left(option) || begins(option, starts))
    }
}
