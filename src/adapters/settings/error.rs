//! What is wrong with what was set, and the way out.

use crate::{
    adapters::catalogue,
    common::{
        DynError, ErrorKind,
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
        suggest::closest,
    },
    types::dialect::Dialect,
};

/// Why what was set cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A configuration file is not TOML.
    #[error("the configuration is not TOML")]
    NotToml(#[source] DynError),
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
        /// The adapters of the stack.
        adapters: Vec<String>,
    },
    /// Something is wrong with what a configuration file sets.
    #[error("in `{file}`")]
    InFile {
        /// The file.
        file: String,
        /// What is wrong.
        #[source]
        source: Box<SettingsError>,
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
        asked: Dialect,
        /// The dialects that it has builds for.
        has: Vec<Dialect>,
    },
    /// The value is not one of its type.
    #[error("option `{option}` of `{adapter}`: {} {reason}{}", shown(.value.as_deref()), not_shown(.value.as_deref()))]
    BadValue {
        /// The adapter.
        adapter: String,
        /// The option.
        option: String,
        /// What it was set to. None if that is a secret.
        value: Option<String>,
        /// A predicate. It does not quote a secret.
        reason: String,
    },
    /// An option that is left to run time is given with a value.
    #[error("option `{option}` is left to run time, and has a value here")]
    SecretHasValue {
        /// The option.
        option: String,
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
    /// An option is left to run time that a part reads from its own data.
    #[error("option `{option}` of `{adapter}` is left to run time, but a part reads it only as it was baked")]
    OnlyBaked {
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
        /// Whether it may be set only at run time, because it is secret.
        is_secret: bool,
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

impl Remedied for SettingsError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    fn remedy(&self) -> Option<Remedy> {
        let pass = |setting| Remedy::new().pass(setting);
        let the_adapter = || pass(Setting::Adapters(Vec::new()));
        Some(match self {
            SettingsError::Unknown { closest: Some(closest), .. } => Remedy::did_you_mean(closest),
            SettingsError::Unknown { adapters, .. } => {
                let commands = adapters.iter().enumerate().fold(Remedy::new(), |remedy, (number, adapter)| {
                    let remedy = if number > 0 { remedy.text(" or ") } else { remedy };
                    remedy.run(description(adapter))
                });
                commands.text(" lists the options")
            }
            SettingsError::Ambiguous { key, adapters } => {
                let setting = Setting::Option { adapter: Some(adapters.first()?.clone()), name: key.clone() };
                Remedy::from("say which: ").name(setting)
            }
            SettingsError::Missing { adapter, option, .. } => {
                let remedy = pass(Setting::option(option)).text("; ");
                remedy.run(description(adapter)).text(" describes the options")
            }
            SettingsError::BadValue { adapter, .. } => {
                Remedy::new().run(description(adapter)).text(" describes the options")
            }
            SettingsError::NoDialect { has, .. } => pass(Setting::dialect(has.first()?)).text(", or leave that out"),
            SettingsError::NoAdapter { .. } => the_adapter().text(", or leave the option out"),
            SettingsError::NothingToSet => the_adapter().text(", or leave them out"),
            SettingsError::NothingInDialect => the_adapter().text(", or leave it out"),
            SettingsError::UnknownTable { adapter, adapters } => unknown_table(adapter, adapters),
            SettingsError::InFile { source, .. } => match &**source {
                SettingsError::HereAndAtRunTime { is_secret: true, .. } => "remove it from the file".into(),
                SettingsError::HereAndAtRunTime { option, .. } => {
                    Remedy::from("remove it from the file, or leave out ").name(Setting::Secret(option.clone()))
                }
                other => return other.remedy(),
            },
            SettingsError::NoTable { .. } => "put it in a table that has the name of its adapter".into(),
            SettingsError::NotAValue { .. } => {
                "an option is a string, a whole number, a boolean, or a list of these".into()
            }
            SettingsError::Secret { option, .. } => Remedy::from("give no value here, and set it at run time with ")
                .names([Setting::Secret(option.clone()), Setting::config_from("env")])
                .text(" (or `host`), or ")
                .pass(Setting::BakeSecrets),
            SettingsError::NothingAtRunTime { .. } => {
                pass(Setting::config_from("env")).text(" or ").name(Setting::config_from("host"))
            }
            SettingsError::NotAtRunTime { option, .. } | SettingsError::OnlyBaked { option, .. } => {
                Remedy::from("set it here: ").name(Setting::option(option))
            }
            SettingsError::HereAndAtRunTime { option, is_secret: true, .. } => {
                Remedy::from("leave out ").name(Setting::option(option)).text("; the value is set at run time")
            }
            SettingsError::HereAndAtRunTime { option, .. } => {
                Remedy::new().either(Setting::option(option), Setting::Secret(option.clone()))
            }
            SettingsError::SecretHasValue { option } => {
                Remedy::from("give its name alone, ").name(Setting::Secret(option.clone())).text(", and set it there")
            }
            SettingsError::NotToml(_) => return None,
        })
    }
}

/// What to do about a table that no adapter of the stack has.
fn unknown_table(table: &str, adapters: &[String]) -> Remedy {
    if catalogue::names().any(|name| name == table) {
        return Remedy::new().pass(Setting::adapter(table)).text(", or remove the table");
    }
    let given = closest(table, adapters.iter().map(String::as_str));
    match given.or_else(|| closest(table, catalogue::names())) {
        Some(name) => Remedy::did_you_mean(name),
        None => format!("a table has the name of its adapter: {}", quoted(adapters, " or ")).into(),
    }
}

fn have(adapters: &[String]) -> String {
    format!("{} {}", quoted(adapters, ", "), if adapters.len() == 1 { "has" } else { "have" })
}

fn shown(value: Option<&str>) -> String {
    let value = value.unwrap_or_default();
    // It may be a control character that is wrong with it.
    let visible = value.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] });
    if value.is_empty() { "the value".to_owned() } else { format!("`{}`", visible.collect::<String>()) }
}

fn not_shown(value: Option<&str>) -> &'static str {
    if value.is_none() { "; the value is not shown, because the option is secret" } else { "" }
}

/// What describes the options of an adapter.
fn description(adapter: &str) -> Command {
    Command::Adapters { adapter: adapter.to_owned(), is_own: !catalogue::names().any(|name| name == adapter) }
}
