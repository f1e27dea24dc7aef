//! The dialects of messaging: interfaces that share names but not types. Telling them apart lets a message say which
//! one a guest uses.

use crate::types::{
    component::{Arena, Component, ComponentError},
    interface::InterfaceId,
    shape::{Shape, Signature},
};
use serde::{Deserialize, Serialize, Serializer};
use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

/// A dialect of `wasi:messaging@0.2.0-draft`, by which functions are async. All dialects have the same functions with
/// the same parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
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

impl Dialect {
    /// All dialects, from the fewest async functions to the most.
    pub const ALL: [Self; 3] = [Self::Sync, Self::Mixed, Self::Async];

    /// Returns whether an interface is one of `wasi:messaging@0.2.0-draft`, which has these dialects.
    #[must_use]
    pub fn is_of(interface: &InterfaceId) -> bool {
        static ONE: LazyLock<InterfaceId> =
            LazyLock::new(|| "wasi:messaging/types@0.2.0-draft".parse().expect("a valid name"));
        interface.is_beside(&ONE)
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
        Ok(Self::among(&Messaging::of(component, arena)?))
    }

    /// Returns the known dialect among those of the messaging packages that a component uses.
    pub(crate) fn among(spoken: &[Messaging]) -> Option<Self> {
        let mut known = spoken.iter().filter_map(|spoken| match spoken.dialect {
            Some(InDialect::Known(dialect)) => Some(dialect),
            _ => None,
        });
        known.next()
    }
}

impl FromStr for Dialect {
    type Err = ParseDialectError;

    fn from_str(text: &str) -> Result<Self, ParseDialectError> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.to_string() == text)
            .ok_or_else(|| ParseDialectError(text.to_owned()))
    }
}

impl fmt::Display for Dialect {
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
pub enum InDialect {
    /// The functions match no dialect.
    Other,
    /// The functions match this dialect. If they match several, this is the one with the fewest async functions.
    #[serde(untagged)]
    Known(Dialect),
}

impl InDialect {
    fn of(shape: &Shape, functions: &[Signature<'_>]) -> Self {
        if shape.differs.is_some() {
            return Self::Other;
        }
        let fits =
            |dialect: &Dialect| functions.iter().all(|it| dialect.lifts(it.interface, &it.function) == it.is_async);
        Dialect::ALL.into_iter().find(fits).map_or(Self::Other, Self::Known)
    }
}

impl fmt::Display for InDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(dialect) => dialect.fmt(f),
            Self::Other => f.write_str("other"),
        }
    }
}

/// A messaging package that a component uses, in one dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Messaging {
    /// The package with its version: `wasi:messaging@0.2.0-draft`.
    pub package: String,
    /// Whether any function of the package is async.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// The dialect, if the package has several.
    #[serde(rename = "form", skip_serializing_if = "Option::is_none")]
    pub dialect: Option<InDialect>,
    /// Whose interface it is, and its date, in words.
    pub origin: String,
    /// The shape of its types.
    #[serde(serialize_with = "name_of")]
    pub shape: &'static Shape,
    /// One of its interfaces.
    #[serde(skip)]
    pub interface: InterfaceId,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn name_of<S: Serializer>(shape: &&'static Shape, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(shape.name)
}

impl Messaging {
    /// Returns the messaging packages that a component imports or exports. One async function makes a package async.
    pub fn of(component: &Component, arena: &Arena<'_>) -> Result<Vec<Self>, ComponentError> {
        let mut spoken: BTreeMap<String, (Vec<&InterfaceId>, Vec<Signature<'_>>)> = BTreeMap::new();
        for item in component.imports.iter().chain(&component.exports) {
            let Some(id) = item.name.interface().filter(|id| Shape::has(id)) else { continue };
            let (interfaces, functions) = spoken.entry(versioned(id)).or_default();
            interfaces.push(id);
            functions.extend(arena.signatures(item)?);
        }
        let found = spoken.into_iter().filter_map(|(package, (interfaces, functions))| {
            let id = interfaces.first()?;
            Some(Self::new(package, id, Shape::of(id, &interfaces, &functions)?, &functions))
        });
        Ok(found.collect())
    }

    fn new(package: String, id: &InterfaceId, shape: &'static Shape, functions: &[Signature<'_>]) -> Self {
        let is_async = functions.iter().any(|function| function.is_async);
        let dialect = Dialect::is_of(id).then(|| InDialect::of(shape, functions));
        let origin = match dialect.filter(|_| shape.name != "wasi-unknown") {
            Some(InDialect::Known(Dialect::Async)) => format!("omnia's async form of {}", shape.origin),
            Some(InDialect::Known(Dialect::Mixed)) => {
                format!("{}, of which `request` and `handle` are async", shape.origin)
            }
            Some(InDialect::Other) if shape.differs.is_none() => "no known shape of the WASI proposal".to_owned(),
            _ => shape.origin.to_owned(),
        };
        Self { package, is_async, dialect, origin, shape, interface: id.clone() }
    }

    /// Returns whether an interface is a messaging interface, in any shape.
    #[must_use]
    pub fn is_messaging(id: &InterfaceId) -> bool {
        Shape::has(id)
    }

    /// Returns whether an interface is the one by which messages reach a component.
    #[must_use]
    pub fn is_handler(id: &InterfaceId) -> bool {
        Self::is_messaging(id) && matches!(id.interface(), "incoming-handler" | "handler")
    }

    /// Returns whether the adapters of the catalogue are written for this package and dialect.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.package == "wasi:messaging@0.2.0-draft" && !self.is_async && self.shape.differs.is_none()
    }

    /// Says that `guest` speaks a shape that nobody serves, and against what to build it.
    pub(crate) fn unserved(&self, guest: &str) -> String {
        let lead = if self.shape.differs.is_some() { ": " } else { "; " };
        format!("{guest} speaks {}{lead}{}", self.describe(), self.rebuild())
    }

    /// Says how the shape differs, and against what to build in its place.
    pub(crate) fn rebuild(&self) -> String {
        let differs = self.shape.differs.map(|differs| format!("{differs}; ")).unwrap_or_default();
        format!("{differs}build it against `wasi:messaging@0.2.0-draft` of December 2024, with sync functions")
    }

    /// Describes package, dialect and origin in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let plain = || InDialect::Known(if self.is_async { Dialect::Async } else { Dialect::Sync });
        let functions = self.dialect.filter(|_| self.shape.differs.is_none()).unwrap_or_else(plain);
        format!("`{}` with {functions} functions ({})", self.package, self.origin)
    }
}

/// Fails if a component imports an interface of messaging under a name of its own, as in `import primary:
/// wasi:messaging/producer`. Adapters find interfaces by their names, and give the component other types for the rest.
pub(crate) fn refuse_labelled(component: &Component, arena: &Arena<'_>) -> Result<(), ComponentError> {
    for import in component.imports.iter().filter(|import| import.name.interface().is_none()) {
        let interfaces = arena.uses(import)?;
        let mut used = interfaces.iter().filter_map(|name| name.parse::<InterfaceId>().ok());
        if let Some(id) = used.find(Messaging::is_messaging) {
            let (name, import) = (arena.name(import).to_owned(), import.name.to_string());
            return Err(ComponentError::Labelled { name, import, package: versioned(&id) });
        }
    }
    Ok(())
}

fn versioned(id: &InterfaceId) -> String {
    match id.version() {
        Some(version) => format!("{}@{version}", id.package()),
        None => id.package(),
    }
}
