//! Settings as keys of a composition in a project file.

use super::flags::flag;
use crate::common::{quote::quoted, remedy::Setting};
use std::fmt::Display;
use toml::Value;

/// A request to make a setting.
pub fn request(setting: &Setting) -> String {
    let key = key(setting);
    match setting {
        Setting::Adapters(names) if names.is_empty() => format!("name the adapter in `{key}`"),
        Setting::AnyAdapter(what) => format!("name {what} in `{key}`"),
        Setting::Variable(_) => format!("pass `{key}`"),
        _ => match items(setting) {
            Some(items) => format!("add {items} to `{key}`"),
            None => format!("set `{key}`"),
        },
    }
}

/// What a setting adds to a list of a composition; none if it is no list.
fn items(setting: &Setting) -> Option<String> {
    match setting {
        Setting::Adapters(items) if !items.is_empty() => Some(quoted(items.iter().map(text), ", ")),
        Setting::Secret(item) | Setting::AllowedImport(item) => Some(quoted([text(item)], "")),
        _ => None,
    }
}

/// A setting as it stands in a composition.
pub fn entry(setting: &Setting) -> String {
    let key = key(setting);
    items(setting).map_or_else(|| format!("`{key}`"), |items| format!("{items} in `{key}`"))
}

/// The key of a setting, with its value as far as that is known and no item of a list. A variable is no key: it is given
/// to the command.
fn key(setting: &Setting) -> String {
    let handlers = |patterns: &[&str], file: &String| {
        format!("handlers = [{{ topics = {}, file = {} }}]", Value::from(patterns.to_vec()), text(file))
    };
    match setting {
        Setting::Adapters(_) | Setting::AnyAdapter(_) => "adapters".to_owned(),
        Setting::Option { adapter: None, name } => format!("options.{}", bare(name)),
        Setting::Option { adapter: Some(adapter), name } => format!("options.{}.{}", bare(adapter), bare(name)),
        Setting::Value { name, value } => format!("options.{} = {}", bare(name), text(value)),
        Setting::Secret(_) => "secrets".to_owned(),
        Setting::BakeSecrets => "bake-secrets = true".to_owned(),
        Setting::ConfigFrom(place) => format!("config-from = {}", text(place)),
        Setting::AllowedImport(_) => "no-imports-except".to_owned(),
        Setting::Host(host) => format!("host = {}", text(host)),
        Setting::Dialect(None) => "dialect".to_owned(),
        Setting::Dialect(Some(dialect)) => format!("dialect = {}", text(dialect)),
        Setting::UnroutedToHost => "unrouted = \"host\"".to_owned(),
        Setting::DeliverToApp => "deliver = \"app\"".to_owned(),
        Setting::Handler { file } => handlers(&["PATTERN"], file),
        Setting::Variable(_) => flag(setting),
    }
}

/// A text as TOML has it.
fn text(text: impl Display) -> String {
    Value::from(text.to_string()).to_string()
}

/// A key as TOML has it: in quotes where it has a dot.
fn bare(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { text(key) }
}
