//! The JSON Schema of values of options.

use schemars::JsonSchema;
use std::collections::BTreeMap;

/// What becomes a text.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "its schema is what it is for")]
pub enum Text {
    String(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Text>),
}

/// An option, or the options of one adapter.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "its schema is what it is for")]
pub enum Setting {
    Option(Text),
    Adapter(BTreeMap<String, Text>),
}
