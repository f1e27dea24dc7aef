//! One option of an adapter: its name, its type, and what it is when nobody sets it.

use crate::adapter::Adapter;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// An option as the manifest declares it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OptionSpec {
    /// Unique in the adapter.
    pub name: String,
    /// What a value must look like.
    #[serde(rename = "type")]
    pub kind: OptionType,
    /// Its value when nobody sets it; none when it must be set.
    pub default: Option<Default>,
    /// Options that must not have the same value.
    #[serde(default)]
    pub differs_from: Vec<String>,
    /// The parts that read it from the configuration; none when it only chooses among builds.
    #[serde(default)]
    pub parts: Vec<String>,
    /// One sentence or two.
    pub help: String,
}

/// What a value must look like. A value is text; each type brings it into one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptionType {
    /// Any text without control characters.
    Text,
    /// A topic: not empty, without wildcards and control characters.
    Topic,
    /// Patterns of topics, separated by commas.
    TopicPatterns,
    /// A metadata key.
    Key,
    /// A metadata key; empty for none.
    OptionalKey,
    /// Metadata keys, separated by commas.
    Keys,
    /// A part of a key in a key-value store.
    StoreKey,
    /// A decimal number in a range.
    Number {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// One of a few words.
    Choice {
        /// The words.
        values: Vec<String>,
    },
}

/// What an option is when nobody sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Default {
    /// Always this.
    Fixed(String),
    /// Depends on another option, a choice: by its name, one default for each of its values.
    By(BTreeMap<String, BTreeMap<String, String>>),
}

impl OptionSpec {
    /// Whether it must be set.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.default.is_none()
    }

    /// Whether its default depends on the option `other`.
    #[must_use]
    pub fn follows(&self, other: &str) -> bool {
        matches!(&self.default, Some(Default::By(by)) if by.contains_key(other))
    }

    pub(crate) fn contradiction(&self, adapter: &Adapter) -> Option<String> {
        let name = &self.name;
        if let Some(other) = self.differs_from.iter().find(|other| adapter.option(other).is_none()) {
            return Some(format!("option `{name}` differs from `{other}`, which does not exist"));
        }
        let unfit = |value: &String| {
            let reason = self.kind.parse(value).err()?;
            Some(format!("the default `{value}` of option `{name}` {reason}"))
        };
        match &self.default {
            None => None,
            Some(Default::Fixed(value)) => unfit(value),
            Some(Default::By(by)) => {
                let choice = by.iter().next().filter(|_| by.len() == 1);
                let values = choice.and_then(|(other, defaults)| match &adapter.option(other)?.kind {
                    OptionType::Choice { values } => values.iter().map(|value| defaults.get(value)).collect(),
                    _ => None,
                });
                let values: Option<Vec<&String>> = values;
                match values {
                    None => Some(format!("the default of option `{name}` does not follow all values of one choice")),
                    Some(values) => values.into_iter().find_map(unfit),
                }
            }
        }
    }
}

impl OptionType {
    /// Brings a value into its one form, or says what is wrong with it: a predicate, as in "is not a number".
    pub fn parse(&self, value: &str) -> Result<String, String> {
        let one_of = |values: &[String]| values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        match self {
            OptionType::Text => plain(value).map(str::to_owned),
            OptionType::Topic => topic(value).map(str::to_owned),
            OptionType::TopicPatterns => list(value, pattern),
            OptionType::Key if value.is_empty() => Err("is empty".into()),
            OptionType::Key | OptionType::OptionalKey => {
                if value.contains(',') || value.contains(char::is_whitespace) {
                    return Err("is not one metadata key".into());
                }
                plain(value).map(str::to_owned)
            }
            OptionType::Keys => list(value, plain),
            OptionType::StoreKey => {
                let known = |c: char| c.is_ascii_alphanumeric() || "/_.=-".contains(c);
                match value.chars().find(|c| !known(*c)) {
                    Some(c) => Err(format!("has a character {c:?}; a key holds only A-Z a-z 0-9 / _ . = -")),
                    None => Ok(value.to_owned()),
                }
            }
            OptionType::Number { min, max } => match value.parse::<u64>() {
                Ok(number) if (*min..=*max).contains(&number) => Ok(number.to_string()),
                _ => Err(format!("is not a number from {min} to {max}")),
            },
            OptionType::Choice { values } if values.iter().any(|known| known == value) => Ok(value.to_owned()),
            OptionType::Choice { values } => Err(format!("is none of {}", one_of(values))),
        }
    }
}

impl fmt::Display for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Default::Fixed(value) if value.is_empty() => f.write_str("empty"),
            Default::Fixed(value) => write!(f, "`{value}`"),
            Default::By(by) => by.iter().try_for_each(|(option, defaults)| {
                let values: Vec<_> = defaults.iter().map(|(value, default)| format!("{value}: `{default}`")).collect();
                write!(f, "by `{option}`: {}", values.join(", "))
            }),
        }
    }
}

impl fmt::Display for OptionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionType::Text => f.write_str("text"),
            OptionType::Topic => f.write_str("topic"),
            OptionType::TopicPatterns => f.write_str("topic patterns"),
            OptionType::Key => f.write_str("metadata key"),
            OptionType::OptionalKey => f.write_str("metadata key, or empty"),
            OptionType::Keys => f.write_str("metadata keys"),
            OptionType::StoreKey => f.write_str("text of A-Z a-z 0-9 / _ . = -"),
            OptionType::Number { min, max } => write!(f, "number, {min} to {max}"),
            OptionType::Choice { values } => f.write_str(&values.join(" | ")),
        }
    }
}

fn plain(value: &str) -> Result<&str, String> {
    if value.chars().any(char::is_control) {
        return Err("has a control character".into());
    }
    Ok(value)
}

fn topic(value: &str) -> Result<&str, String> {
    if value.is_empty() {
        return Err("is empty".into());
    }
    if let Some(c) = value.chars().find(|c| "*>#+".contains(*c) || c.is_whitespace()) {
        return Err(format!("has a character {c:?}, which a single topic cannot have"));
    }
    plain(value)
}

fn pattern(value: &str) -> Result<&str, String> {
    let inner = value.strip_suffix('>').unwrap_or(value);
    if let Some(c) = inner.chars().find(|c| ">#+".contains(*c) || c.is_whitespace()) {
        return Err(format!("has a {c:?}; `*` stands for a part of a token, a last `>` for the rest of the topic"));
    }
    plain(value)
}

fn list(value: &str, item: impl Fn(&str) -> Result<&str, String>) -> Result<String, String> {
    let items = value.split(',').map(str::trim).filter(|text| !text.is_empty());
    Ok(items.map(item).collect::<Result<Vec<_>, _>>()?.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_and_brought_into_one_form() {
        let number = OptionType::Number { min: 1, max: 10 };
        assert_eq!(number.parse("007"), Ok("7".into()));
        assert_eq!(number.parse("11"), Err("is not a number from 1 to 10".into()));
        assert_eq!(number.parse("-1"), Err("is not a number from 1 to 10".into()));
        assert_eq!(OptionType::Keys.parse(" a , b ,"), Ok("a,b".into()));
        assert_eq!(OptionType::Topic.parse("a.b/c"), Ok("a.b/c".into()));
        assert_eq!(OptionType::Key.parse(""), Err("is empty".into()));
        assert_eq!(OptionType::OptionalKey.parse(""), Ok(String::new()));
        assert!(OptionType::OptionalKey.parse("a b").is_err());
        assert!(OptionType::Topic.parse("").is_err());
        assert!(OptionType::Topic.parse("a.*").is_err());
        assert!(OptionType::Topic.parse("a\nb").is_err());
        assert_eq!(OptionType::TopicPatterns.parse("a.*.c, b.>"), Ok("a.*.c,b.>".into()));
        assert!(OptionType::TopicPatterns.parse("a.>.b").is_err());
        assert!(OptionType::StoreKey.parse("a b").is_err());
        assert!(OptionType::Text.parse("a\0").is_err());
        let choice = OptionType::Choice { values: vec!["x".into(), "y".into()] };
        assert_eq!(choice.parse("z"), Err("is none of `x`, `y`".into()));
    }
}
