//! Names as messages have them.

use std::fmt::Display;

/// The names, each in backticks, with `separator` between them.
pub fn quoted<T: Display>(names: impl IntoIterator<Item = T>, separator: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(separator)
}
