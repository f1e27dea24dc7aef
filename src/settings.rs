//! What the user set becomes one checked value for every option of every adapter in the stack.

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

/// Why what was set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A configuration file is not TOML.
    #[error("the configuration is not TOML")]
    NotToml(#[source] toml::de::Error),
    /// A configuration file sets an option outside of a table.
    #[error("the configuration sets `{key}` outside of an adapter's table")]
    NoTable {
        /// The option.
        key: String,
    },
    /// A configuration file sets an option to something that no option can be.
    #[error("the configuration sets `{key}` of `{adapter}` to {found}, which no option can be")]
    NotAValue {
        /// The adapter.
        adapter: String,
        /// The option.
        key: String,
        /// What it is set to.
        found: &'static str,
    },
    /// A configuration file has a table for an adapter that is not used.
    #[error("the configuration has a table for `{adapter}`, which is not among the adapters")]
    UnknownTable {
        /// The table.
        adapter: String,
    },
    /// No adapter of the stack has the option.
    #[error("{} no option `{key}`", have(.adapters))]
    Unknown {
        /// What was set.
        key: String,
        /// The adapters that could have had it.
        adapters: Vec<String>,
        /// An option of similar spelling.
        closest: Option<String>,
    },
    /// Several adapters of the stack have it.
    #[error("option `{key}` could be that of {}", quoted(.adapters))]
    Ambiguous {
        /// What was set.
        key: String,
        /// The adapters.
        adapters: Vec<String>,
    },
    /// The value is not one of its type.
    #[error("option `{option}` of `{adapter}`: {} {reason}", shown(.value))]
    BadValue {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
        /// What it was set to.
        value: String,
        /// A predicate.
        reason: String,
    },
    /// An option that has no default was not set.
    #[error("`{adapter}` needs option `{option}`: {help}")]
    Missing {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
        /// What it is for.
        help: String,
    },
}

impl SettingsError {
    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            SettingsError::Unknown { closest: Some(closest), .. } => format!("did you mean `{closest}`?"),
            SettingsError::Unknown { adapters, .. } => {
                let commands: Vec<_> = adapters.iter().map(|name| format!("`msgcompose adapters {name}`")).collect();
                format!("{} lists the options", commands.join(" or "))
            }
            SettingsError::Ambiguous { key, adapters } => {
                let first = adapters.first()?;
                format!("say which: `--set {first}.{key}=…`")
            }
            SettingsError::Missing { adapter, option, .. } => {
                format!("pass `--set {option}=…`; `msgcompose adapters {adapter}` describes the options")
            }
            SettingsError::BadValue { adapter, .. } => {
                format!("`msgcompose adapters {adapter}` describes the options")
            }
            SettingsError::UnknownTable { adapter } => format!("add `--adapter {adapter}`, or remove the table"),
            SettingsError::NoTable { .. } => "put it in a table that has the name of its adapter".to_owned(),
            SettingsError::NotAValue { .. } => {
                "an option is a string, a whole number, a boolean, or a list of these".to_owned()
            }
            SettingsError::NotToml(_) => return None,
        })
    }
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

fn text_of(value: toml::Value) -> Result<String, &'static str> {
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

fn have(adapters: &[String]) -> String {
    format!("{} {}", quoted(adapters), if adapters.len() == 1 { "has" } else { "have" })
}

fn shown(value: &str) -> String {
    // It may be a control character that is wrong with it.
    let visible = value.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] });
    if value.is_empty() { "the value".to_owned() } else { format!("`{}`", visible.collect::<String>()) }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
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
