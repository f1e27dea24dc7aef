//! Quotes names in messages.

use std::fmt::Display;

/// Returns the names, each in backticks, with `separator` between them.
pub fn quoted<T: Display>(names: impl IntoIterator<Item = T>, separator: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(separator)
}
