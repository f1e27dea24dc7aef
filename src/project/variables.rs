//! Variables of a project file. `${name}` in a text is replaced by the variable's value, and `$${` by `${`.

use super::ProjectError;
use crate::{adapters::settings, common::suggest::closest};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};
use toml::Value;

/// The variables, and which of them were used.
#[derive(Debug)]
pub(super) struct Variables {
    values: BTreeMap<String, String>,
    given: BTreeSet<String>,
    used: RefCell<BTreeSet<String>>,
}

/// Why the variables in a text cannot be replaced.
enum Wrong<'a> {
    /// A `${` is not followed by a name and `}`.
    Unclosed,
    /// The variable has no value.
    Undefined(&'a str),
}

/// Reads the variables of a file. Those in `given` override them.
pub(super) fn read(table: Option<Value>, given: &BTreeMap<String, String>) -> Result<Variables, ProjectError> {
    let table = match table {
        None => toml::Table::new(),
        Some(Value::Table(table)) => table,
        Some(_) => return Err(ProjectError::NoTable { key: "variables".to_owned() }),
    };
    let mut values = BTreeMap::new();
    for (name, value) in table {
        let not_a_value = |found| ProjectError::NotAValue { variable: name.clone(), found };
        let value = settings::text_of(value).map_err(not_a_value)?;
        let nested = |_| ProjectError::Nested { variable: name.clone() };
        let value = expand(&value, |_| None).map_err(nested)?;
        values.insert(name, value);
    }
    values.extend(given.clone());
    if let Some(name) = values.keys().find(|name| !is_name(name)) {
        return Err(ProjectError::BadName { name: name.clone() });
    }
    Ok(Variables { values, given: given.keys().cloned().collect(), used: RefCell::default() })
}

impl Variables {
    /// Replaces variables in all texts of a composition.
    pub(super) fn expand_all(&self, composition: &str, value: Value) -> Result<Value, ProjectError> {
        self.expand_at(composition, "", value)
    }

    /// Replaces variables in all texts of `value`. `at` is the key that has it.
    fn expand_at(&self, composition: &str, at: &str, value: Value) -> Result<Value, ProjectError> {
        Ok(match value {
            Value::String(text) => {
                let lookup = |name: &str| {
                    self.used.borrow_mut().insert(name.to_owned());
                    self.values.get(name).map(String::as_str)
                };
                let expanded = expand(&text, lookup).map_err(|wrong| self.error(composition, at, &wrong))?;
                Value::String(expanded)
            }
            Value::Array(items) => Value::Array(
                items.into_iter().map(|item| self.expand_at(composition, at, item)).collect::<Result<_, _>>()?,
            ),
            Value::Table(table) => {
                let dot = if at.is_empty() { "" } else { "." };
                let entries = table.into_iter().map(|(key, value)| {
                    let value = self.expand_at(composition, &[at, dot, &key].concat(), value)?;
                    Ok((key, value))
                });
                Value::Table(entries.collect::<Result<_, ProjectError>>()?)
            }
            other => other,
        })
    }

    /// Fails if a variable was given but never used.
    pub(super) fn unused(&self) -> Result<(), ProjectError> {
        let used = self.used.borrow();
        match self.given.difference(&used).next() {
            None => Ok(()),
            Some(variable) => Err(ProjectError::Unused {
                variable: variable.clone(),
                closest: closest(variable, used.iter().map(String::as_str)).map(str::to_owned),
            }),
        }
    }

    /// Says what is wrong without quoting the text, which may be a secret.
    fn error(&self, composition: &str, at: &str, wrong: &Wrong<'_>) -> ProjectError {
        let composition = composition.to_owned();
        match wrong {
            Wrong::Unclosed => ProjectError::Unclosed { composition, key: at.to_owned() },
            Wrong::Undefined(variable) => ProjectError::Undefined {
                composition,
                variable: (*variable).to_owned(),
                closest: closest(variable, self.values.keys().map(String::as_str)).map(str::to_owned),
            },
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Returns the text with variables replaced by their values.
fn expand<'a, 'v>(text: &'a str, lookup: impl Fn(&str) -> Option<&'v str>) -> Result<String, Wrong<'a>> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            expanded.extend([before, "${"]);
            rest = after;
            continue;
        }
        let (name, after) = after.split_once('}').filter(|(name, _)| is_name(name)).ok_or(Wrong::Unclosed)?;
        expanded.extend([before, lookup(name).ok_or(Wrong::Undefined(name))?]);
        rest = after;
    }
    Ok(expanded + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_values_once_and_keeps_what_is_no_variable() {
        let expand = |text| expand(text, |name| (name == "a").then_some("${b}"));
        let good = [
            ("", ""),
            ("$ {a} $a {a}", "$ {a} $a {a}"),
            ("-${a}${a}-", "-${b}${b}-"),
            ("$${a} ${a} $${", "${a} ${b} ${"),
        ];
        for (text, expected) in good {
            assert_eq!(expand(text).ok().as_deref(), Some(expected));
        }
        assert!(matches!(expand("${c}"), Err(Wrong::Undefined("c"))));
        for text in ["${", "${}", "${a", "${a b}", "x ${a}${"] {
            assert!(matches!(expand(text), Err(Wrong::Unclosed)), "{text}");
        }
    }
}
