//! Settings as the user gives them, one by one and in files. They are not checked yet.

use super::SettingsError;
use crate::common::unquoted::unquoted;
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{fmt, str::FromStr};

/// A setting as the user gave it, not checked yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The adapter, if it was given separately from the key.
    pub adapter: Option<String>,
    /// The option's name, or `adapter.option`.
    pub key: String,
    /// The value, as text.
    pub value: String,
    /// The configuration file that sets the option, if one does.
    pub file: Option<String>,
}

impl Assignment {
    /// Returns an error about this assignment, with the file that it stands in.
    pub(super) fn in_file(&self, error: SettingsError) -> SettingsError {
        match self.file.clone() {
            Some(file) => SettingsError::InFile { file, source: error.into() },
            None => error,
        }
    }
}

/// Without the value, which may be a secret.
impl fmt::Debug for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { adapter, key, value: _, file } = self;
        let mut shown = f.debug_struct("Assignment");
        shown.field("adapter", adapter).field("key", key).field("file", file).finish_non_exhaustive()
    }
}

/// Parses `KEY=VALUE`.
impl FromStr for Assignment {
    type Err = ParseAssignmentError;

    fn from_str(text: &str) -> Result<Self, ParseAssignmentError> {
        let (key, value) = text.split_once('=').ok_or(ParseAssignmentError)?;
        Ok(Self { adapter: None, key: key.trim().to_owned(), value: value.to_owned(), file: None })
    }
}

/// The text is not `KEY=VALUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an option is set by KEY=VALUE")]
#[non_exhaustive]
pub struct ParseAssignmentError;

/// Reads options from a project file. A nested table holds the options of the adapter that it is named after.
pub(crate) fn assignments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Assignment>, D::Error> {
    let mut assignments = Vec::new();
    let mut add = |adapter: Option<&str>, key: String, value| {
        let not_a_value = |found| D::Error::custom(format!("option `{key}` is {found}, which no option can be"));
        let value = text_of(value).map_err(not_a_value)?;
        assignments.push(Assignment { adapter: adapter.map(str::to_owned), key, value, file: None });
        Ok(())
    };
    let toml::Value::Table(options) = toml::Value::deserialize(deserializer)? else {
        return Err(D::Error::custom("expected a table of options"));
    };
    for (key, value) in options {
        let toml::Value::Table(table) = value else {
            add(None, key, value)?;
            continue;
        };
        table.into_iter().try_for_each(|(option, value)| add(Some(&key), option, value))?;
    }
    Ok(assignments)
}

/// A file of options, with a table for each adapter and an entry for each option.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigFile {
    /// The options, sorted by adapter.
    pub options: Vec<Assignment>,
}

impl ConfigFile {
    /// Gives the file its name, for errors about what it sets.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.options.iter_mut().for_each(|option| option.file = Some(name.to_owned()));
        self
    }
}

impl FromStr for ConfigFile {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        parse_config(text).map(|options| Self { options })
    }
}

fn parse_config(text: &str) -> Result<Vec<Assignment>, SettingsError> {
    let not_toml = |error: toml::de::Error| SettingsError::NotToml(unquoted(text, &error));
    let tables: toml::Table = text.parse().map_err(not_toml)?;
    let mut assignments = Vec::new();
    for (adapter, table) in tables {
        let toml::Value::Table(table) = table else {
            return Err(SettingsError::NoTable { key: adapter });
        };
        for (option, value) in table {
            let not_a_value = |found| SettingsError::NotAValue { adapter: adapter.clone(), key: option.clone(), found };
            let value = text_of(value).map_err(not_a_value)?;
            assignments.push(Assignment { adapter: Some(adapter.clone()), key: option, value, file: None });
        }
    }
    Ok(assignments)
}

/// Turns a TOML value into the text of an option. If no option can have such a value, the error says what the value is.
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
