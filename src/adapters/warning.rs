//! Warnings of a manifest: what a default does that the user may not expect.

use crate::adapters::{one_or_several, template::Template};
use serde::{Deserialize, Serialize};

/// A warning in a manifest. It applies if a part is used and an option has its default.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WarningSpec {
    /// The parts that bring this warning. One of them must be used.
    #[serde(with = "one_or_several")]
    pub with: Vec<String>,
    /// The option that the warning is about. Whoever sets it, even to its default, is not warned.
    pub unless_set: String,
    /// The warning: a sentence without a full stop.
    pub text: Template,
}

impl WarningSpec {
    /// Returns the options that it names.
    pub(super) fn options(&self) -> impl Iterator<Item = &str> {
        self.text.options().chain([self.unless_set.as_str()])
    }
}
