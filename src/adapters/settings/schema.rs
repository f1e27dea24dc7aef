//! The JSON Schema of values of options.

use schemars::JsonSchema;
use std::collections::BTreeMap;

/// What becomes a text.
#[derive(JsonSchema)]
#[serde(untagged)]
pub enum Text {
    /// As it is.
    String(String),
    /// In decimal digits.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// With commas between the items.
    List(Vec<Text>),
}

/// An option, or the options of one adapter.
#[derive(JsonSchema)]
#[serde(untagged)]
pub enum Setting {
    /// The value of an option.
    Option(Text),
    /// Options of the adapter of this name.
    Adapter(BTreeMap<String, Text>),
}
