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
    /// A configuration file sets an option to something that no option can be.
    #[error("the configuration sets `{key}` to {found}, which no option can be")]
    NotAValue {
        /// The option, with its adapter.
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
    #[error("no option `{key}`: {known}")]
    Unknown {
        /// What was set.
        key: String,
        /// The options that there are, in a sentence.
        known: String,
        /// One of similar spelling.
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
    #[error("option `{option}` of `{adapter}`: `{value}` {reason}")]
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
            _ => return None,
        })
    }
}

/// Reads a configuration file: one table an adapter, one entry an option.
pub fn parse_config(text: &str) -> Result<Vec<Assignment>, SettingsError> {
    let tables: toml::Table = text.parse().map_err(SettingsError::NotToml)?;
    let mut assignments = Vec::new();
    for (adapter, table) in tables {
        let toml::Value::Table(table) = table else {
            return Err(SettingsError::NotAValue { key: adapter, found: "a value; it must be an adapter's table" });
        };
        for (option, value) in table {
            let key = format!("{adapter}.{option}");
            let value = text_of(value).map_err(|found| SettingsError::NotAValue { key: key.clone(), found })?;
            assignments.push(Assignment { key, value });
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

/// The settings of each adapter: what was assigned, later assignments over earlier ones, and the defaults of the rest. Options without a default may
/// still be missing; [`Settings::require`] finds them, once it is known which parts are used.
pub fn resolve(adapters: &[Adapter], assignments: &[Assignment]) -> Result<Vec<Settings>, SettingsError> {
    let mut settings = vec![Settings::default(); adapters.len()];
    for Assignment { key, value } in assignments {
        let (index, option) = find(adapters, key)?;
        let value = option.kind.parse(value).map_err(|reason| SettingsError::BadValue {
            adapter: adapters[index].name.clone(),
            option: option.name.clone(),
            value: value.clone(),
            reason,
        })?;
        settings[index].given.insert(option.name.clone());
        settings[index].values.insert(option.name.clone(), value);
    }
    for (settings, adapter) in settings.iter_mut().zip(adapters) {
        settings.fill_defaults(adapter);
        settings.check_differences(adapter)?;
    }
    Ok(settings)
}

/// The adapter, by its place in the stack, and the option that `key` means.
fn find<'a>(adapters: &'a [Adapter], key: &str) -> Result<(usize, &'a OptionSpec), SettingsError> {
    for (index, adapter) in adapters.iter().enumerate() {
        let own = key.strip_prefix(&adapter.name).and_then(|rest| rest.strip_prefix('.'));
        if let Some(own) = own {
            return adapter.option(own).map(|option| (index, option)).ok_or_else(|| unknown(&[adapter], own));
        }
    }
    let mut found = adapters.iter().enumerate().filter_map(|(index, adapter)| Some((index, adapter.option(key)?)));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(unknown(&adapters.iter().collect::<Vec<_>>(), key)),
        (Some(_), Some(_)) => {
            let owners = adapters.iter().filter(|adapter| adapter.option(key).is_some());
            Err(SettingsError::Ambiguous {
                key: key.to_owned(),
                adapters: owners.map(|adapter| adapter.name.clone()).collect(),
            })
        }
    }
}

fn unknown(adapters: &[&Adapter], key: &str) -> SettingsError {
    let names = adapters.iter().flat_map(|adapter| adapter.options.iter().map(|option| option.name.as_str()));
    let describe = |adapter: &&Adapter| {
        let options: Vec<String> = adapter.options.iter().map(|option| option.name.clone()).collect();
        if options.is_empty() {
            format!("`{}` has no options", adapter.name)
        } else {
            format!("`{}` has {}", adapter.name, quoted(&options))
        }
    };
    SettingsError::Unknown {
        key: key.to_owned(),
        known: adapters.iter().map(describe).collect::<Vec<_>>().join("; "),
        closest: closest(key, names).map(str::to_owned),
    }
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

    /// Whether the user set the option.
    #[must_use]
    pub fn is_given(&self, option: &str) -> bool {
        self.given.contains(option)
    }

    /// Fails for the first option that a part called one of `parts` reads, but that has no value.
    pub fn require(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> Result<(), SettingsError> {
        match adapter.read_by(parts).find(|option| !self.values.contains_key(&option.name)) {
            None => Ok(()),
            Some(OptionSpec { name, help, .. }) => {
                Err(SettingsError::Missing { adapter: adapter.name.clone(), option: name.clone(), help: help.clone() })
            }
        }
    }

    /// The options that parts called one of `parts` read, with their values, in the order of their names.
    #[must_use]
    pub fn baked(&self, adapter: &Adapter, parts: &BTreeSet<&str>) -> BTreeMap<String, String> {
        adapter.read_by(parts).map(|option| (option.name.clone(), self.get(&option.name).to_owned())).collect()
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
