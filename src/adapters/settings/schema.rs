//! The JSON Schema of values of options. Nothing but the schema is made of these types.

use schemars::JsonSchema;
use std::collections::BTreeMap;

/// What becomes a text.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
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
#[expect(dead_code, reason = "its schema is what it is for")]
#[serde(untagged)]
#[schemars(rename = "Setting")]
pub enum OptionOrTable {
    /// The value of an option.
    Option(Text),
    /// Options of the adapter of this name.
    Adapter(BTreeMap<String, Text>),
}
