//! Checks what the user set, and gives every option of every adapter in the stack one value.

mod asked;
mod dialect;
mod error;
mod file;
#[cfg(test)]
pub mod schema;
mod secret;

pub(crate) use dialect::{dialect, follow, refuse_without_adapters};
pub use error::SettingsError;
pub use file::{Assignment, ConfigFile, ParseAssignmentError};
pub(crate) use file::{assignments, text_of};
#[cfg(feature = "cli")]
pub(crate) use secret::is_public;

use crate::{
    adapters::{
        adapter::Adapter,
        option::{DefaultValue, OptionSpec},
        part::DIALECT,
    },
    common::suggest::closest,
};
use secret::{Left, shown_key};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// How to set options whose values must not be readable in the component.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// The options that are set only at run time: `name` or `adapter.name`. They need not be secrets.
    pub at_run_time: Vec<String>,
    /// Whether secrets may be baked nevertheless.
    pub baked: bool,
}

/// The values of one adapter's options.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// The options that the user set.
    given: BTreeSet<String>,
    /// The options that are set only at run time. A member of an option family has an entry of its own.
    at_run_time: BTreeMap<String, OptionSpec>,
}

/// Without the values, which may be secrets.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { values: _, given, at_run_time } = self;
        let at_run_time: Vec<_> = at_run_time.keys().collect();
        f.debug_struct("Settings").field("given", given).field("at_run_time", &at_run_time).finish_non_exhaustive()
    }
}

/// Returns the settings of each adapter. Later assignments override earlier ones, and defaults fill the rest.
///
/// Options without a default may still be missing. [`Settings::require`] finds them, when the parts that are used are
/// known.
pub fn resolve(
    adapters: &[Adapter],
    assignments: &[Assignment],
    secrets: &Secrets,
) -> Result<Vec<Settings>, SettingsError> {
    if let (true, Some(option)) = (adapters.is_empty(), assignments.first()) {
        return Err(option.in_file(SettingsError::NoAdapter { key: shown_key(&option.key) }));
    }
    let left = Left::of(adapters, secrets)?;
    let mut settings = vec![Settings::default(); adapters.len()];
    for assignment in assignments {
        let (name, key, value) =
            value(adapters, assignment, &left, secrets.baked).map_err(|error| assignment.in_file(error))?;
        for (settings, _) in settings.iter_mut().zip(adapters).filter(|(_, adapter)| adapter.name == name) {
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
        settings.check_differences(adapter, &left)?;
    }
    Ok(settings)
}

/// Checks an assignment. Returns the adapter, the option's full name and the value.
fn value<'a>(
    adapters: &'a [Adapter],
    Assignment { adapter, key: assigned, value, .. }: &Assignment,
    left: &Left<'_>,
    bake_secrets: bool,
) -> Result<(&'a str, String, String), SettingsError> {
    let found = match adapter {
        Some(adapter) => find_in(adapters, adapter, assigned)?,
        None => find(adapters, assigned)?,
    };
    let key = found.own_key(assigned)?;
    let Found { adapter: name, option, .. } = &found;
    let is_secret = option.secret && !bake_secrets;
    // Another error says that an option without parts cannot be left.
    if left.has(name, &key) && !option.parts.is_empty() {
        return Err(SettingsError::HereAndAtRunTime { adapter: (*name).to_owned(), option: key, is_secret });
    }
    if is_secret {
        return Err(SettingsError::Secret { adapter: (*name).to_owned(), option: key });
    }
    let is_hidden = left.makes_secret(name, option, &key);
    let value = option.kind.parse(value).map_err(|reason| found.bad_value(value, reason, is_hidden))?;
    Ok((found.adapter, key, value))
}

/// An option that a key names.
struct Found<'a> {
    adapter: &'a str,
    option: &'a OptionSpec,
    /// The option's full name. For an option family, an error if the free part of the name is bad.
    key: Result<String, String>,
}

impl Found<'_> {
    /// Returns the option's full name, or an error that quotes the key `called`.
    fn own_key(&self, called: &str) -> Result<String, SettingsError> {
        // A secret may have got into the name by mistake: `header.authorization: TOKEN`.
        let shown = || if self.option.secret { shown_key(called) } else { called.to_owned() };
        self.key.clone().map_err(|reason| self.bad(Some(shown()), reason))
    }

    fn bad_value(&self, value: &str, reason: String, is_secret: bool) -> SettingsError {
        if is_secret {
            return self.bad(None, secret::reason(&self.option.kind, value));
        }
        self.bad(Some(value.to_owned()), reason)
    }

    fn bad(&self, value: Option<String>, reason: String) -> SettingsError {
        let (adapter, option) = (self.adapter.to_owned(), self.option.name.clone());
        SettingsError::BadValue { adapter, option, value, reason }
    }
}

/// Returns whether an assignment is for an option of this adapter. The value may be a bad one.
pub(crate) fn sets(adapter: &Adapter, assignment: &Assignment) -> bool {
    match &assignment.adapter {
        Some(name) => *name == adapter.name && option_of(adapter, &assignment.key).is_some(),
        None => names(adapter, &assignment.key),
    }
}

/// Returns whether a key names an option of this adapter.
pub(crate) fn names(adapter: &Adapter, key: &str) -> bool {
    find(std::slice::from_ref(adapter), key).is_ok()
}

fn option_of<'a>(adapter: &'a Adapter, key: &str) -> Option<Found<'a>> {
    let mut found = adapter.options.iter().filter_map(|option| Some((option, option.key(key)?)));
    found.next().map(|(option, key)| Found { adapter: &adapter.name, option, key })
}

/// Finds an option of the adapter with this name.
fn find_in<'a>(adapters: &'a [Adapter], name: &str, key: &str) -> Result<Found<'a>, SettingsError> {
    let adapter = adapters.iter().find(|adapter| adapter.name == name);
    let adapter = adapter.ok_or_else(|| SettingsError::UnknownTable {
        adapter: name.to_owned(),
        adapters: adapters.iter().map(|adapter| adapter.name.clone()).collect(),
    })?;
    option_of(adapter, key).ok_or_else(|| unknown(&[adapter], key))
}

/// Finds the option that `key` names. The key may begin with the adapter's name; otherwise only one adapter may have
/// the option.
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
        key: shown_key(key),
        adapters: adapters.iter().map(|adapter| adapter.name.clone()).collect(),
        closest: closest(key, names).map(str::to_owned),
    }
}

impl Settings {
    /// Leaves an option to run time. `key` is the option's full name.
    fn leave(&mut self, adapter: &str, option: &OptionSpec, key: String) -> Result<(), SettingsError> {
        let adapter = adapter.to_owned();
        if option.parts.is_empty() {
            return Err(SettingsError::NotAtRunTime { adapter, option: key });
        }
        self.values.remove(&key);
        self.at_run_time
            .insert(key.clone(), OptionSpec { name: key, name_type: None, default: None, ..option.clone() });
        Ok(())
    }

    fn fill_defaults(&mut self, adapter: &Adapter) {
        // Defaults that depend on other options come last.
        for option in &adapter.options {
            if let Some(DefaultValue::Fixed(value)) = &option.default {
                self.fill(option, value);
            }
        }
        for option in &adapter.options {
            if let Some(DefaultValue::By(by)) = &option.default {
                // The dialect is decided later.
                if let Some((other, defaults)) = by.iter().find(|(other, _)| *other != DIALECT) {
                    let value = defaults.get(self.get(other));
                    self.fill(option, value.map_or("", String::as_str));
                }
            }
        }
    }

    fn check_differences(&self, adapter: &Adapter, left: &Left<'_>) -> Result<(), SettingsError> {
        let is_secret = |name: &String| {
            let option = adapter.option(name);
            option.is_some_and(|option| left.makes_secret(&adapter.name, option, name))
        };
        for option in &adapter.options {
            let value = self.get(&option.name);
            let same = option.differs_from.iter().find(|other| !value.is_empty() && self.get(other) == value);
            if let Some(other) = same {
                return Err(SettingsError::BadValue {
                    adapter: adapter.name.clone(),
                    option: option.name.clone(),
                    value: Some(value.to_owned()).filter(|_| !is_secret(&option.name) && !is_secret(other)),
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
