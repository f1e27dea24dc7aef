//! The dialects of messaging: interfaces that share names but not types. Telling them apart lets a message say which
//! one a guest uses.

use crate::types::{
    component::{Arena, Component, ComponentError},
    interface::InterfaceId,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

/// A dialect of `wasi:messaging@0.2.0-draft`, by which functions are async. All dialects have the same functions with
/// the same parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// No function is async.
    #[default]
    Sync,
    /// `request` and `handle` are async.
    Mixed,
    /// `connect`, `send`, `request`, `reply` and `handle` are async.
    Async,
}

/// The text does not name a dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a dialect: sync, mixed or async")]
pub struct ParseDialectError(String);

impl Form {
    /// All dialects, from the fewest async functions to the most.
    pub const ALL: [Self; 3] = [Self::Sync, Self::Mixed, Self::Async];

    /// Returns whether an interface is one of `wasi:messaging@0.2.0-draft`, which has these dialects.
    #[must_use]
    pub fn is_of(interface: &InterfaceId) -> bool {
        static ONE: LazyLock<InterfaceId> =
            LazyLock::new(|| "wasi:messaging/types@0.2.0-draft".parse().expect("a valid name"));
        interface.is_same_package(&ONE) && interface.version() == ONE.version()
    }

    /// Returns whether a function is async in this dialect. Returns false for functions of other packages.
    #[must_use]
    pub fn lifts(self, interface: &InterfaceId, function: &str) -> bool {
        let least = match (interface.interface(), function) {
            ("request-reply", "request") | ("incoming-handler", "handle") => Self::Mixed,
            ("types", "[static]client.connect") | ("producer", "send") | ("request-reply", "reply") => Self::Async,
            _ => return false,
        };
        Self::is_of(interface) && self >= least
    }

    /// Returns the dialect of a component. Returns none if it does not use `wasi:messaging@0.2.0-draft`, or if its
    /// functions match no dialect.
    pub fn of(component: &Component, arena: &Arena<'_>) -> Result<Option<Self>, ComponentError> {
        let mut forms = Dialect::spoken(component, arena)?.into_iter().filter_map(|dialect| dialect.form);
        Ok(forms.find_map(|fit| if let Fit::Form(form) = fit { Some(form) } else { None }))
    }
}

impl FromStr for Form {
    type Err = ParseDialectError;

    fn from_str(text: &str) -> Result<Self, ParseDialectError> {
        Self::ALL.into_iter().find(|form| form.to_string() == text).ok_or_else(|| ParseDialectError(text.to_owned()))
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

/// The dialect that a component's functions of `wasi:messaging@0.2.0-draft` match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// The functions match no dialect.
    Other,
    /// The functions match this dialect. If they match several, this is the one with the fewest async functions.
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

/// A messaging package that a component uses, in one dialect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Dialect {
    /// The package with its version: `wasi:messaging@0.2.0-draft`.
    pub package: String,
    /// Whether any function of the package is async.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// The dialect, if the package has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Fit>,
    /// Where the interface comes from, in words.
    pub origin: &'static str,
}

/// A package of messaging interfaces that msgcompose knows.
struct Known {
    /// The package without a version.
    package: &'static str,
    /// Where the interface comes from, in words: if all functions are sync, and if any is async.
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
    /// Returns the messaging packages that a component imports or exports. One async function makes a package async.
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

    /// Returns whether an interface is a messaging interface, in any dialect.
    #[must_use]
    pub fn is_messaging(id: &InterfaceId) -> bool {
        known(id).is_some()
    }

    /// Returns whether the adapters of the catalogue are written for this package and dialect.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.package == "wasi:messaging@0.2.0-draft" && !self.is_async
    }

    /// Describes package, dialect and origin in words.
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
