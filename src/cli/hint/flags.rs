//! Settings as flags of a command.

use crate::common::remedy::Setting;

/// A request to make a setting.
pub fn request(setting: &Setting) -> String {
    match setting {
        Setting::Adapters(names) if names.is_empty() => "pass the adapter by `--adapter`".to_owned(),
        Setting::Adapters(_) => format!("add `{}`", flag(setting)),
        Setting::AnyAdapter(what) => format!("pass `--adapter` {what}"),
        _ => format!("pass `{}`", flag(setting)),
    }
}

/// A setting as a flag.
pub fn flag(setting: &Setting) -> String {
    match setting {
        Setting::Adapters(names) if names.is_empty() => "--adapter".to_owned(),
        Setting::Adapters(names) => names.iter().map(|name| format!("--adapter {name}")).collect::<Vec<_>>().join(" "),
        Setting::AnyAdapter(_) => "--adapter PATH".to_owned(),
        Setting::Option { adapter: None, name } => format!("--set {name}=…"),
        Setting::Option { adapter: Some(adapter), name } => format!("--set {adapter}.{name}=…"),
        Setting::Value { name, value } => format!("--set {name}={value}"),
        Setting::Secret(option) => format!("--secret {option}"),
        Setting::BakeSecrets => "--bake-secrets".to_owned(),
        Setting::ConfigFrom(place) => format!("--config-from {place}"),
        Setting::AllowedImport(import) => format!("--no-imports-except {import}"),
        Setting::Host(host) => format!("--host {host}"),
        Setting::Dialect(None) => "--dialect".to_owned(),
        Setting::Dialect(Some(dialect)) => format!("--dialect {dialect}"),
        Setting::UnroutedToHost => "--unrouted host".to_owned(),
        Setting::DeliverToApp => "--deliver app".to_owned(),
        Setting::Handler { file } => format!("--handler 'PATTERN={file}'"),
        Setting::Variable(name) => format!("--var {name}=…"),
    }
}

/// Settings as the flags of one command.
pub fn flags(settings: &[Setting]) -> String {
    settings.iter().map(flag).collect::<Vec<_>>().join(" ")
}
