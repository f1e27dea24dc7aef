//! What a section of the page is made of.

use super::{setting::Setting, table::Table};
use anyhow::Result;

/// What a section measures and says.
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// What is measured, and the reference.
    pub text: &'static str,
    /// Where we lose, and why.
    pub why: &'static str,
    /// The tables. Each is made when the last one is measured, so that nothing else runs.
    pub tables: &'static [fn(&Setting) -> Result<Table>],
}
