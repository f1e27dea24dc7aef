//! Refuses a composition that imports what it must not.

use crate::common::quote::quoted;
use std::collections::BTreeSet;
use wildmatch::WildMatch;

/// The composed component imports what it must not.
#[derive(Debug, thiserror::Error)]
#[error("it still imports {}, which `--no-imports-except` does not allow", quoted(.0, ", "))]
pub struct ImportsLeft(pub Vec<String>);

impl ImportsLeft {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> String {
        let import = self.0.first().map_or("", String::as_str);
        format!("add an adapter that provides it, or allow it: `--no-imports-except {import}`")
    }
}

/// Fails if there are imports that none of these patterns allows. Without a pattern, all are allowed.
pub(super) fn check(imports: &BTreeSet<String>, allowed: &[String]) -> Result<(), ImportsLeft> {
    let allowed: Vec<_> = allowed.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let is_left = |import: &&String| !allowed.is_empty() && !allowed.iter().any(|pattern| pattern.matches(import));
    let left: Vec<String> = imports.iter().filter(is_left).cloned().collect();
    if left.is_empty() { Ok(()) } else { Err(ImportsLeft(left)) }
}
