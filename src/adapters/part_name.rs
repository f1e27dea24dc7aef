//! Names of parts in messages and pictures.

use serde::{Serialize, Serializer};
use std::fmt;

/// The name of a part or config in messages: `adapter/part`. An adapter of a single component has only the adapter's
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartName {
    adapter: String,
    part: Option<String>,
}

impl PartName {
    /// Returns the name of a part of an adapter, or of linking.
    pub(crate) fn new(adapter: &str, part: &str) -> Self {
        Self { adapter: adapter.to_owned(), part: Some(part.to_owned()) }
    }

    /// Returns the name of the only part of an adapter.
    pub(crate) fn single(adapter: &str) -> Self {
        Self { adapter: adapter.to_owned(), part: None }
    }

    /// Reads the name that an instance has in a component. Without a `/` it names a single component: an adapter, or a
    /// guest.
    pub(crate) fn parse(instance: &str) -> Self {
        instance.split_once('/').map_or_else(|| Self::single(instance), |(adapter, part)| Self::new(adapter, part))
    }

    /// Returns the adapter's name.
    #[must_use]
    pub fn adapter(&self) -> &str {
        &self.adapter
    }

    /// Returns the part's name in its adapter, if the adapter has named parts.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.part.as_deref()
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { adapter, part } = self;
        f.write_str(adapter)?;
        part.iter().try_for_each(|part| write!(f, "/{part}"))
    }
}

impl Serialize for PartName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
