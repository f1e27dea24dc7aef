//! What a manifest says once, or once for each value of an option.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that may depend on an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ByOption<T> {
    /// It is always this.
    Fixed(T),
    /// It depends on one option, a choice: the key is the option's name, and there is one `T` for each of its values.
    By(BTreeMap<String, BTreeMap<String, T>>),
}

impl<T> ByOption<T> {
    /// Returns what it is with these option values, or none if nothing is given for a value.
    pub(crate) fn with<'a>(&'a self, value: impl Fn(&'a str) -> &'a str) -> Option<&'a T> {
        match self {
            Self::Fixed(one) => Some(one),
            Self::By(by) => by.iter().find_map(|(option, all)| all.get(value(option))),
        }
    }

    /// Returns the option that it depends on.
    pub(crate) fn option(&self) -> Option<&str> {
        match self {
            Self::Fixed(_) => None,
            Self::By(by) => by.keys().next().map(String::as_str),
        }
    }

    /// Returns all that it can be.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        let (fixed, by) = match self {
            Self::Fixed(one) => (Some(one), None),
            Self::By(by) => (None, Some(by)),
        };
        fixed.into_iter().chain(by.into_iter().flatten().flat_map(|(_, all)| all.values()))
    }

    /// Returns whether there is one `T` for each value of one choice. `values` returns the values of a choice, and none
    /// for other options.
    pub(super) fn is_complete<'v>(&self, values: impl Fn(&str) -> Option<&'v [String]>) -> bool {
        let Self::By(by) = self else { return true };
        let is_one_each = |(option, all): (&String, &BTreeMap<String, T>)| {
            values(option)
                .is_some_and(|values| values.iter().all(|value| all.contains_key(value)) && values.len() == all.len())
        };
        by.len() == 1 && by.iter().all(is_one_each)
    }
}

impl<T: Default> Default for ByOption<T> {
    fn default() -> Self {
        Self::Fixed(T::default())
    }
}
