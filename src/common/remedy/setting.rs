//! Settings of a composition, as remedies name them.

use crate::common::quote::quoted;
use std::fmt;

/// Something that a composition can be given. It is a name, and not always a value: a remedy cannot know which topic an
/// option is to be set to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// Adapters by their names, the innermost first; none where the reader knows which.
    Adapters(Vec<String>),
    /// Any adapter of this description: "a component that provides 0.2.0".
    AnyAdapter(String),
    /// An option of an adapter.
    Option {
        /// The adapter, where several have the option.
        adapter: Option<String>,
        /// The option.
        name: String,
    },
    /// An option of an adapter with a value.
    Value {
        /// The option.
        name: String,
        /// Its value.
        value: String,
    },
    /// An option that is set when the component runs, and is not in it.
    Secret(String),
    /// That values of secret options may be in the component.
    BakeSecrets,
    /// Where options come from when the component runs: `env` or `host`.
    ConfigFrom(String),
    /// An import that the result may have.
    AllowedImport(String),
    /// The host.
    Host(String),
    /// The dialect of messaging; none where any is meant.
    Dialect(Option<String>),
    /// That topics which no handler takes go to the host.
    UnroutedToHost,
    /// That the application gets the messages that the host delivers.
    DeliverToApp,
    /// A handler that is linked.
    Handler {
        /// Its file.
        file: String,
    },
    /// A variable of a project file.
    Variable(String),
}

impl Setting {
    /// An option that only one adapter has.
    pub(crate) fn option(name: &str) -> Self {
        Self::Option { adapter: None, name: name.to_owned() }
    }

    /// An option with a value.
    pub(crate) fn value(name: &str, value: &str) -> Self {
        Self::Value { name: name.to_owned(), value: value.to_owned() }
    }

    /// An adapter.
    pub(crate) fn adapter(name: &str) -> Self {
        Self::Adapters(vec![name.to_owned()])
    }

    /// A place where options come from when the component runs.
    pub(crate) fn config_from(place: &str) -> Self {
        Self::ConfigFrom(place.to_owned())
    }

    /// A dialect.
    pub(crate) fn dialect(dialect: impl fmt::Display) -> Self {
        Self::Dialect(Some(dialect.to_string()))
    }

    /// Returns a request to make the setting, in the library's terms.
    pub(crate) fn request(&self) -> String {
        match self {
            Self::Adapters(names) if names.is_empty() => "add the adapter".to_owned(),
            Self::Adapters(_) | Self::Handler { .. } => format!("add {self}"),
            Self::AnyAdapter(what) => format!("add {what} as an adapter"),
            Self::Option { .. } | Self::Value { .. } | Self::Variable(_) => format!("set {self}"),
            Self::Secret(name) => format!("leave option `{name}` to run time"),
            Self::BakeSecrets => "let secrets be baked".to_owned(),
            Self::ConfigFrom(_) => format!("take {self}"),
            Self::AllowedImport(import) => format!("allow import `{import}`"),
            Self::Dialect(_) | Self::Host(_) => format!("choose {self}"),
            Self::UnroutedToHost => "leave unrouted topics to the host".to_owned(),
            Self::DeliverToApp => "deliver messages to the application".to_owned(),
        }
    }
}

/// Its name in the library's terms.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adapters(names) => match &names[..] {
                [] => f.write_str("an adapter"),
                [name] => write!(f, "adapter `{name}`"),
                names => write!(f, "adapters {}", quoted(names, ", ")),
            },
            Self::AnyAdapter(what) => write!(f, "{what} as an adapter"),
            Self::Option { adapter: None, name } => write!(f, "option `{name}`"),
            Self::Option { adapter: Some(adapter), name } => write!(f, "option `{name}` of `{adapter}`"),
            Self::Value { name, value } => write!(f, "option `{name}={value}`"),
            Self::Secret(name) => write!(f, "secret `{name}`"),
            Self::BakeSecrets => f.write_str("baked secrets"),
            Self::ConfigFrom(place) => write!(f, "options from `{place}`"),
            Self::AllowedImport(import) => write!(f, "`{import}` among the allowed imports"),
            Self::Host(host) => write!(f, "host `{host}`"),
            Self::Dialect(None) => f.write_str("a dialect"),
            Self::Dialect(Some(dialect)) => write!(f, "dialect `{dialect}`"),
            Self::UnroutedToHost => f.write_str("unrouted topics left to the host"),
            Self::DeliverToApp => f.write_str("messages delivered to the application"),
            Self::Handler { file } => write!(f, "handler `{file}` with its pattern"),
            Self::Variable(name) => write!(f, "variable `{name}`"),
        }
    }
}

/// The name of settings that belong together.
pub(super) fn names(settings: &[Setting]) -> String {
    settings.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::Setting;

    #[test]
    fn settings_have_the_terms_of_the_library() {
        let text = str::to_owned;
        let cases: [(Setting, &str, &str); 18] = [
            (Setting::Adapters(Vec::new()), "add the adapter", "an adapter"),
            (Setting::adapter("a"), "add adapter `a`", "adapter `a`"),
            (Setting::Adapters(vec![text("a"), text("b")]), "add adapters `a`, `b`", "adapters `a`, `b`"),
            (Setting::AnyAdapter(text("a component")), "add a component as an adapter", "a component as an adapter"),
            (Setting::option("o"), "set option `o`", "option `o`"),
            (
                Setting::Option { adapter: Some(text("a")), name: text("o") },
                "set option `o` of `a`",
                "option `o` of `a`",
            ),
            (Setting::value("o", "v"), "set option `o=v`", "option `o=v`"),
            (Setting::Secret(text("o")), "leave option `o` to run time", "secret `o`"),
            (Setting::BakeSecrets, "let secrets be baked", "baked secrets"),
            (Setting::config_from("env"), "take options from `env`", "options from `env`"),
            (Setting::AllowedImport(text("i")), "allow import `i`", "`i` among the allowed imports"),
            (Setting::Host(text("h")), "choose host `h`", "host `h`"),
            (Setting::dialect("mixed"), "choose dialect `mixed`", "dialect `mixed`"),
            (Setting::Dialect(None), "choose a dialect", "a dialect"),
            (Setting::UnroutedToHost, "leave unrouted topics to the host", "unrouted topics left to the host"),
            (Setting::DeliverToApp, "deliver messages to the application", "messages delivered to the application"),
            (Setting::Handler { file: text("h") }, "add handler `h` with its pattern", "handler `h` with its pattern"),
            (Setting::Variable(text("v")), "set variable `v`", "variable `v`"),
        ];
        for (setting, request, name) in cases {
            assert_eq!((&*setting.request(), &*setting.to_string()), (request, name));
        }
    }
}
