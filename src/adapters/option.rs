//! One option of an adapter: its name, its type, and what it is when nobody sets it.
//!
//! An option whose name has a `<name>` in it is a family: one option for every name that a user puts there.

mod built_in;
mod kind;

pub use kind::OptionType;
pub(crate) use kind::{Defined, TypeName};

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What is shown in place of the value of a secret option.
pub(crate) const SECRET: &str = "(secret)";

/// An option as the manifest declares it. Its types are found already, unless `T` is but their names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct OptionSpec<T = OptionType> {
    /// Unique in the adapter. A `<name>` in it stands for any name.
    pub name: String,
    /// What a name in place of `<name>` must look like; none when it may be anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_type: Option<T>,
    /// What a value must look like.
    #[serde(rename = "type")]
    pub kind: T,
    /// Its value when nobody sets it; none when it must be set, or is a family.
    pub default: Option<DefaultValue>,
    /// Options that must not have the same value.
    #[serde(default)]
    pub differs_from: Vec<String>,
    /// Values of other options, choices, with one of which it has an effect; none when it always has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub only_with: BTreeMap<String, Vec<String>>,
    /// The parts that read it from the configuration; none when it only chooses among builds.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Whether its value must not stand in a component, where everybody can read it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub secret: bool,
    /// One sentence or two.
    pub help: String,
}

/// What an option is when nobody sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum DefaultValue {
    /// Always this.
    Fixed(String),
    /// Depends on another option, a choice: by its name, one default for each of its values.
    By(BTreeMap<String, BTreeMap<String, String>>),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl<T> OptionSpec<T> {
    /// The same with other types.
    fn with_types<U, E>(self, mut of: impl FnMut(T) -> Result<U, E>) -> Result<OptionSpec<U>, E> {
        let Self { name, name_type, kind, default, differs_from, only_with, parts, secret, help } = self;
        let (name_type, kind) = (name_type.map(&mut of).transpose()?, of(kind)?);
        Ok(OptionSpec { name, name_type, kind, default, differs_from, only_with, parts, secret, help })
    }
}

impl OptionSpec {
    /// Whether it must be set.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.default.is_none() && !self.is_family()
    }

    /// Whether it stands for many, by their names.
    #[must_use]
    pub fn is_family(&self) -> bool {
        self.around_name().is_some()
    }

    /// The text before and behind `<name>`.
    fn around_name(&self) -> Option<(&str, &str)> {
        self.name.split_once("<name>")
    }

    /// The option that `key` means, if it means this one: its name in the one form that it has, or what is wrong with the
    /// name in it.
    pub(crate) fn key(&self, key: &str) -> Option<Result<String, String>> {
        let Some((before, behind)) = self.around_name() else {
            return (key == self.name).then(|| Ok(self.name.clone()));
        };
        let name = key.strip_prefix(before)?.strip_suffix(behind)?;
        if name.is_empty() || name.contains(['<', '>']) {
            return None;
        }
        let parsed = self.name_type.as_ref().map_or_else(|| Ok(name.to_owned()), |kind| kind.parse(name));
        Some(parsed.map(|name| format!("{before}{name}{behind}")))
    }

    /// Whether its default depends on the option `other`.
    #[must_use]
    pub fn follows(&self, other: &str) -> bool {
        matches!(&self.default, Some(DefaultValue::By(by)) if by.contains_key(other))
    }
}

impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefaultValue::Fixed(value) if value.is_empty() => f.write_str("empty"),
            DefaultValue::Fixed(value) => write!(f, "`{value}`"),
            DefaultValue::By(by) => by.iter().try_for_each(|(option, defaults)| {
                let values: Vec<_> = defaults.iter().map(|(value, default)| format!("{value}: `{default}`")).collect();
                write!(f, "by `{option}`: {}", values.join(", "))
            }),
        }
    }
}
