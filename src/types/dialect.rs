//! The messaging interfaces in the wild that share names but not types, told apart so that a message can say which one
//! a guest speaks.

use crate::types::{
    component::{Arena, Component, ComponentError},
    interface::InterfaceId,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

/// A form of `wasi:messaging@0.2.0-draft`: which of its functions are async. All forms have the same functions with the
/// same parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// None is.
    #[default]
    Sync,
    /// Those that wait for somebody else: `request` and `handle`.
    Mixed,
    /// All that may wait: `connect`, `send` and `reply`, too.
    Async,
}

/// A text that is not the name of a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a dialect: sync, mixed or async")]
pub struct NotAForm(String);

impl Form {
    /// All, from that with the fewest async functions to that with the most.
    pub const ALL: [Self; 3] = [Self::Sync, Self::Mixed, Self::Async];

    /// Whether an interface is one that has these forms.
    #[must_use]
    pub fn is_of(interface: &InterfaceId) -> bool {
        static ONE: LazyLock<InterfaceId> =
            LazyLock::new(|| "wasi:messaging/types@0.2.0-draft".parse().expect("a valid name"));
        interface.is_same_package(&ONE) && interface.version() == ONE.version()
    }

    /// Whether a function of an interface is async in this form. Functions of other packages are in none.
    #[must_use]
    pub fn lifts(self, interface: &InterfaceId, function: &str) -> bool {
        let least = match (interface.interface(), function) {
            ("request-reply", "request") | ("incoming-handler", "handle") => Self::Mixed,
            ("types", "[static]client.connect") | ("producer", "send") | ("request-reply", "reply") => Self::Async,
            _ => return false,
        };
        Self::is_of(interface) && self >= least
    }

    /// The form that a component is in; none where it has no messaging that has forms, or has it in none of these.
    pub fn of(component: &Component, arena: &Arena<'_>) -> Result<Option<Self>, ComponentError> {
        let mut forms = Dialect::spoken(component, arena)?.into_iter().filter_map(|dialect| dialect.form);
        Ok(forms.find_map(|fit| if let Fit::Form(form) = fit { Some(form) } else { None }))
    }
}

impl FromStr for Form {
    type Err = NotAForm;

    fn from_str(text: &str) -> Result<Self, NotAForm> {
        Self::ALL.into_iter().find(|form| form.to_string() == text).ok_or_else(|| NotAForm(text.to_owned()))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sync => "sync",
            Self::Mixed => "mixed",
            Self::Async => "async",
        })
    }
}

/// What the functions of a component are of `wasi:messaging@0.2.0-draft`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// Functions of none of its forms.
    Other,
    /// Functions of a form; of several that they are of, that with the fewest async functions.
    #[serde(untagged)]
    Form(Form),
}

/// A function: its interface, its name, and whether it is async.
type Function<'a> = (&'a InterfaceId, String, bool);

impl Fit {
    fn of(functions: &[Function<'_>]) -> Self {
        let fits = |form: &Form| functions.iter().all(|(id, name, is_async)| form.lifts(id, name) == *is_async);
        Form::ALL.into_iter().find(fits).map_or(Self::Other, Self::Form)
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(form) => form.fmt(f),
            Self::Other => f.write_str("other"),
        }
    }
}

/// One messaging interface, in one form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Dialect {
    /// The package, with its version.
    pub package: String,
    /// Whether any of its functions is async.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// The form, of a package that has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Fit>,
    /// Whose it is.
    pub origin: &'static str,
}

/// A package of messaging interfaces.
struct Known {
    /// Without the version.
    package: &'static str,
    /// Whose it is, when its functions are sync and when they are async.
    origin: [&'static str; 2],
}

const KNOWN: [Known; 2] = [
    Known {
        package: "wasi:messaging",
        origin: ["the WASI proposal's interface", "omnia's form of the WASI proposal's interface"],
    },
    Known { package: "wasmcloud:messaging", origin: ["wasmCloud's own interface"; 2] },
];

impl Known {
    fn origin(&self, is_async: bool, form: Option<Fit>) -> &'static str {
        match form {
            Some(Fit::Form(Form::Mixed)) => "the WASI proposal's interface, of which `request` and `handle` are async",
            Some(Fit::Other) => "no known form of the WASI proposal's interface",
            _ => self.origin[usize::from(is_async)],
        }
    }
}

impl Dialect {
    /// All dialects that a component speaks, on either side. One async function makes a package async.
    pub fn spoken(component: &Component, arena: &Arena<'_>) -> Result<Vec<Self>, ComponentError> {
        let mut spoken: BTreeMap<String, (&InterfaceId, &Known, Vec<Function<'_>>)> = BTreeMap::new();
        for item in component.imports.iter().chain(&component.exports) {
            let Some((id, known)) = item.name.interface().and_then(|id| Some((id, known(id)?))) else { continue };
            let (.., functions) = spoken.entry(versioned(id)).or_insert((id, known, Vec::new()));
            functions.extend(arena.functions(item)?.into_iter().map(|(name, is_async)| (id, name, is_async)));
        }
        let dialect = |(package, (id, known, functions)): (String, (&InterfaceId, &Known, Vec<Function<'_>>))| {
            let is_async = functions.iter().any(|(.., is_async)| *is_async);
            let form = Form::is_of(id).then(|| Fit::of(&functions));
            Self { package, is_async, form, origin: known.origin(is_async, form) }
        };
        Ok(spoken.into_iter().map(dialect).collect())
    }

    /// Whether an interface is one of messaging, in any dialect.
    #[must_use]
    pub fn is_messaging(id: &InterfaceId) -> bool {
        known(id).is_some()
    }

    /// Whether the adapters of the catalogue are written for it.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.package == "wasi:messaging@0.2.0-draft" && !self.is_async
    }

    /// The dialect in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let plain = || Fit::Form(if self.is_async { Form::Async } else { Form::Sync });
        format!("`{}` with {} functions ({})", self.package, self.form.unwrap_or_else(plain), self.origin)
    }
}

fn known(id: &InterfaceId) -> Option<&'static Known> {
    KNOWN.iter().find(|known| id.is_of(known.package))
}

fn versioned(id: &InterfaceId) -> String {
    match id.version() {
        Some(version) => format!("{}@{version}", id.package()),
        None => id.package(),
    }
}
