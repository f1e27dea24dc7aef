//! What is wrong with what was set, and the way out.

use crate::{adapters::catalogue, common::quote::quoted, types::dialect::Form};

/// Why what was set cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A configuration file is not TOML.
    #[error("the configuration is not TOML")]
    NotToml(#[source] toml::de::Error),
    /// A configuration file sets an option outside of a table.
    #[error("the configuration sets `{key}` outside of an adapter's table")]
    NoTable {
        /// The option.
        key: String,
    },
    /// A configuration file sets an option to something that no option can be.
    #[error("the configuration sets `{key}` of `{adapter}` to {found}, which no option can be")]
    NotAValue {
        /// The adapter.
        adapter: String,
        /// The option.
        key: String,
        /// What it is set to.
        found: &'static str,
    },
    /// A configuration file has a table for an adapter that is not used.
    #[error("the configuration has a table for `{adapter}`, which is not among the adapters")]
    UnknownTable {
        /// The table.
        adapter: String,
    },
    /// An option is set, and there is no adapter that could have it.
    #[error("option `{key}` is of an adapter, and none is given")]
    NoAdapter {
        /// The option.
        key: String,
    },
    /// Options are to be set at run time or to be secret, and there is no adapter that could have any.
    #[error("secrets, and where options come from at run time, are for options of adapters, and none is given")]
    NothingToSet,
    /// A dialect is asked for, and there is no adapter that it would be for.
    #[error("a dialect is for what adapters go around, and none is given")]
    NothingInDialect,
    /// No adapter of the stack has the option.
    #[error("{} no option `{key}`", have(.adapters))]
    Unknown {
        /// What was set.
        key: String,
        /// The adapters that could have had it.
        adapters: Vec<String>,
        /// An option of similar spelling.
        closest: Option<String>,
    },
    /// Several adapters of the stack have it.
    #[error("option `{key}` could be that of {}", quoted(.adapters, ", "))]
    Ambiguous {
        /// What was set.
        key: String,
        /// The adapters.
        adapters: Vec<String>,
    },
    /// A part has no build for the dialect.
    #[error("`{part}` has no build for the dialect `{asked}` of messaging: it has {}", quoted(.has, ", "))]
    NoDialect {
        /// The part.
        part: String,
        /// The dialect.
        asked: Form,
        /// The dialects that it has builds for.
        has: Vec<Form>,
    },
    /// The value is not one of its type.
    #[error("option `{option}` of `{adapter}`: {} {reason}", shown(.value))]
    BadValue {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
        /// What it was set to.
        value: String,
        /// A predicate.
        reason: String,
    },
    /// The value of a secret option would stand in the component.
    #[error("option `{option}` of `{adapter}` is secret, and what is set here can be read in the component")]
    Secret {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
    },
    /// An option is left to run time, when nothing is read.
    #[error("option `{option}` of `{adapter}` is left to run time, but no option is read then")]
    NothingAtRunTime {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
    },
    /// An option is left to run time that decides what is composed.
    #[error("option `{option}` of `{adapter}` decides what is composed, and cannot be left to run time")]
    NotAtRunTime {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
    },
    /// An option is set and left to run time.
    #[error("option `{option}` of `{adapter}` is set, and left to run time too")]
    HereAndAtRunTime {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
    },
    /// An option that has no default was not set.
    #[error("`{adapter}` needs option `{option}`: {help}")]
    Missing {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
        /// What it is for.
        help: String,
    },
}

impl SettingsError {
    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            SettingsError::Unknown { closest: Some(closest), .. } => format!("did you mean `{closest}`?"),
            SettingsError::Unknown { adapters, .. } => {
                let commands: Vec<_> = adapters.iter().map(|name| format!("`msgcompose adapters {name}`")).collect();
                format!("{} lists the options", commands.join(" or "))
            }
            SettingsError::Ambiguous { key, adapters } => {
                let first = adapters.first()?;
                format!("say which: `--set {first}.{key}=…`")
            }
            SettingsError::Missing { adapter, option, .. } => {
                format!("pass `--set {option}=…`; {}", description(adapter))
            }
            SettingsError::BadValue { adapter, .. } => description(adapter),
            SettingsError::NoDialect { has, .. } => {
                format!("pass `--dialect {}`, or leave that out", has.first()?)
            }
            SettingsError::NoAdapter { .. } => "pass the adapter by `--adapter`, or leave the option out".to_owned(),
            SettingsError::NothingToSet => "pass the adapter by `--adapter`, or leave them out".to_owned(),
            SettingsError::NothingInDialect => "pass the adapter by `--adapter`, or leave it out".to_owned(),
            SettingsError::UnknownTable { adapter } => format!("add `--adapter {adapter}`, or remove the table"),
            SettingsError::NoTable { .. } => "put it in a table that has the name of its adapter".to_owned(),
            SettingsError::NotAValue { .. } => {
                "an option is a string, a whole number, a boolean, or a list of these".to_owned()
            }
            SettingsError::Secret { option, .. } => format!(
                "leave it to run time with `--secret {option} --config-from env` (or `host`), or pass `--bake-secrets`"
            ),
            SettingsError::NothingAtRunTime { .. } => "pass `--config-from env` or `--config-from host`".to_owned(),
            SettingsError::NotAtRunTime { option, .. } => format!("set it here: `--set {option}=…`"),
            SettingsError::HereAndAtRunTime { option, .. } => {
                format!("pass either `--set {option}=…` or `--secret {option}`")
            }
            SettingsError::NotToml(_) => return None,
        })
    }
}

fn have(adapters: &[String]) -> String {
    format!("{} {}", quoted(adapters, ", "), if adapters.len() == 1 { "has" } else { "have" })
}

fn shown(value: &str) -> String {
    // It may be a control character that is wrong with it.
    let visible = value.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] });
    if value.is_empty() { "the value".to_owned() } else { format!("`{}`", visible.collect::<String>()) }
}

/// Where the options of an adapter are described.
fn description(adapter: &str) -> String {
    if catalogue::names().any(|name| name == adapter) {
        format!("`msgcompose adapters {adapter}` describes the options")
    } else {
        format!("`msgcompose adapters`, with the path of `{adapter}`, describes the options")
    }
}
