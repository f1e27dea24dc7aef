//! Refuses a composition with imports that are not allowed.

use crate::common::{
    quote::quoted,
    remedy::{Remedied, Remedy, Setting},
};
use std::collections::BTreeSet;
use wildmatch::WildMatch;

/// The composed component has imports that are not allowed.
#[derive(Debug, thiserror::Error)]
#[error("it still imports {}, which the allowed imports do not include", quoted(.0, ", "))]
#[non_exhaustive]
pub struct ImportsLeft(pub Vec<String>);

impl Remedied for ImportsLeft {
    fn remedy(&self) -> Option<Remedy> {
        let import = self.0.first()?.clone();
        Some(Remedy::from("add an adapter that provides it, or allow it: ").name(Setting::AllowedImport(import)))
    }
}

/// Fails if an import matches none of the allowed patterns. Without patterns, every import is allowed.
pub(super) fn check(imports: &BTreeSet<String>, allowed: &[String]) -> Result<(), ImportsLeft> {
    let allowed: Vec<_> = allowed.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let is_left = |import: &&String| !allowed.is_empty() && !allowed.iter().any(|pattern| pattern.matches(import));
    let left: Vec<String> = imports.iter().filter(is_left).cloned().collect();
    if left.is_empty() { Ok(()) } else { Err(ImportsLeft(left)) }
}
