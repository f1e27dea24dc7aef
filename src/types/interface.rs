//! Names of imports and exports, parsed once. No other module parses or compares `namespace:package/interface@version`.

use crate::common::suggest::{SLIPS, is_misspelt};
use semver::Version;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use wasmparser::names::{ComponentName, ComponentNameKind};

/// The name of an import or export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExternName {
    /// An interface of a package.
    Interface(InterfaceId),
    /// Anything else, for example a plain name of a function or instance, a URL, or a hash.
    Plain(String),
}

impl ExternName {
    /// Parses a name. Every name that is not an interface becomes `Plain`.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        name.parse().map_or_else(|_| ExternName::Plain(name.to_owned()), ExternName::Interface)
    }

    /// Returns the interface, or none for a plain name.
    #[must_use]
    pub fn interface(&self) -> Option<&InterfaceId> {
        match self {
            ExternName::Interface(id) => Some(id),
            ExternName::Plain(_) => None,
        }
    }

    /// Returns whether an export of this name can serve an import named `import`.
    #[must_use]
    pub fn serves(&self, import: &ExternName) -> bool {
        match (self, import) {
            (ExternName::Interface(export), ExternName::Interface(import)) => export.serves(import),
            _ => self == import,
        }
    }

    /// Returns whether this is the export of a program, in any version.
    #[must_use]
    pub(crate) fn is_program(&self) -> bool {
        self.interface().is_some_and(|id| id.is_of("wasi:cli") && id.interface == "run")
    }

    /// Returns whether a host would call only one of two exports with these names.
    ///
    /// Hosts look for an export by its semver track. A program is run once, whatever the versions of its exports are.
    #[must_use]
    pub(crate) fn displaces(&self, other: &ExternName) -> bool {
        self.serves(other) || (self.is_program() && other.is_program())
    }

    /// Returns the name that the host sees of an import. `seen` are all imports of the component, of which this one may
    /// have been merged with another on its semver track.
    #[must_use]
    pub fn among<'a>(&'a self, seen: &'a [ExternName]) -> &'a ExternName {
        seen.iter().find(|name| *name == self).or_else(|| seen.iter().find(|name| name.serves(self))).unwrap_or(self)
    }
}

impl fmt::Display for ExternName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExternName::Interface(id) => id.fmt(f),
            ExternName::Plain(name) => name.fmt(f),
        }
    }
}

/// The name of an interface: `namespace:package/interface@version`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InterfaceId {
    namespace: String,
    package: String,
    interface: String,
    version: Option<Version>,
}

/// The text is not the name of an interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of an interface (`namespace:package/interface@version`)")]
pub struct ParseInterfaceError(String);

impl InterfaceId {
    /// Returns the package without the version: `namespace:package`.
    #[must_use]
    pub fn package(&self) -> String {
        format!("{}:{}", self.namespace, self.package)
    }

    /// Returns whether the interface belongs to `package`, in any version.
    #[must_use]
    pub fn is_of(&self, package: &str) -> bool {
        package.split_once(':') == Some((&self.namespace, &self.package))
    }

    /// Returns whether the package belongs to WASI.
    #[must_use]
    pub fn is_wasi(&self) -> bool {
        self.namespace == "wasi"
    }

    /// Returns the name without the version.
    #[must_use]
    pub fn unversioned(&self) -> String {
        format!("{}:{}/{}", self.namespace, self.package, self.interface)
    }

    /// Returns the name within the package.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// Returns the version of the package.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }

    /// Returns whether the version is a pre-release, for example `0.2.0-draft`.
    #[must_use]
    pub fn is_pre_release(&self) -> bool {
        self.version.as_ref().is_some_and(|version| !version.pre.is_empty())
    }

    /// Returns whether both names are of the same interface, in any version.
    #[must_use]
    pub fn is_same_interface(&self, other: &InterfaceId) -> bool {
        self.is_same_package(other) && self.interface == other.interface
    }

    /// Returns whether both names are of the same package, in any version.
    #[must_use]
    pub fn is_same_package(&self, other: &InterfaceId) -> bool {
        self.namespace == other.namespace && self.package == other.package
    }

    /// Returns whether both names are of the same package in the same version.
    #[must_use]
    pub fn is_beside(&self, other: &InterfaceId) -> bool {
        self.is_same_package(other) && self.version == other.version
    }

    /// Returns whether this name is `other` with one or two typing errors, in any version.
    #[must_use]
    pub fn is_misspelt(&self, other: &InterfaceId) -> bool {
        let length = |id: &InterfaceId| id.namespace.len() + id.package.len() + id.interface.len();
        // Comparing lengths rules out most names before any text is built.
        length(self).abs_diff(length(other)) <= SLIPS && is_misspelt(&self.unversioned(), &other.unversioned())
    }

    /// Returns whether an export of this name can serve an import named `import`. The versions must be equal or on the
    /// same semver track.
    ///
    /// A pre-release serves only itself, as in engines and wac.
    #[must_use]
    pub fn serves(&self, import: &InterfaceId) -> bool {
        self.is_same_interface(import)
            && (self.version == import.version
                || matches!((self.track(), import.track()), (Some(own), Some(other)) if own == other))
    }

    /// Returns the numbers that all versions on the same semver track share. Versions on one track can replace each
    /// other. Returns none for a pre-release.
    fn track(&self) -> Option<(u64, u64, u64)> {
        let version = self.version.as_ref().filter(|version| version.pre.is_empty())?;
        Some(match (version.major, version.minor) {
            (0, 0) => (0, 0, version.patch),
            (0, minor) => (0, minor, 0),
            (major, _) => (major, 0, 0),
        })
    }
}

impl FromStr for InterfaceId {
    type Err = ParseInterfaceError;

    fn from_str(text: &str) -> Result<Self, ParseInterfaceError> {
        let not_an_interface = || ParseInterfaceError(text.to_owned());
        let name = ComponentName::new(text, 0).map_err(|_| not_an_interface())?;
        let ComponentNameKind::Interface(name) = name.kind() else {
            return Err(not_an_interface());
        };
        Ok(Self {
            namespace: name.namespace().to_string(),
            package: name.package().to_string(),
            interface: name.interface().to_string(),
            version: name.version(None).map_err(|_| not_an_interface())?,
        })
    }
}

impl TryFrom<String> for InterfaceId {
    type Error = ParseInterfaceError;

    fn try_from(text: String) -> Result<Self, ParseInterfaceError> {
        text.parse()
    }
}

impl From<InterfaceId> for String {
    fn from(id: InterfaceId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for InterfaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, package, interface, version } = self;
        write!(f, "{namespace}:{package}/{interface}")?;
        match version {
            Some(version) => write!(f, "@{version}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> InterfaceId {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_parsed_and_printed() {
        for text in ["wasi:messaging/types@0.2.0-draft", "wasi:io/poll@0.2.12", "a:b/c"] {
            assert_eq!(id(text).to_string(), text);
        }
        for text in ["run", "", "wasi:messaging", "wasi:messaging/types@x", "Wasi:messaging/types"] {
            assert!(text.parse::<InterfaceId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_merged_import_has_the_name_that_is_seen() {
        let seen = ["a:b/c@0.2.3", "a:b/d@0.2.20", "a:b/c@0.3.0", "a:b/c@0.2.0-draft"].map(ExternName::parse);
        let among = |name: &str| ExternName::parse(name).among(&seen).to_string();
        assert_eq!(among("a:b/c@0.2.0"), "a:b/c@0.2.3");
        assert_eq!(among("a:b/c@0.2.12"), "a:b/c@0.2.3");
        assert_eq!(among("a:b/c@0.2.0-draft"), "a:b/c@0.2.0-draft");
        assert_eq!(among("a:b/e@0.2.0"), "a:b/e@0.2.0");
        assert_eq!(among("run"), "run");
    }

    #[test]
    fn a_host_calls_one_export_of_a_track_and_one_program() {
        let displaces = |one: &str, other: &str| ExternName::parse(one).displaces(&ExternName::parse(other));
        assert!(displaces("a:b/c@0.2.0", "a:b/c@0.2.12"));
        assert!(displaces("wasi:cli/run@0.2.0", "wasi:cli/run@0.2.12"));
        assert!(displaces("wasi:cli/run@0.2.0", "wasi:cli/run@0.3.0"));
        assert!(displaces("wasi:cli/run@0.3.0-rc-1", "wasi:cli/run@0.3.0"));
        assert!(displaces("run", "run"));
        assert!(!displaces("a:b/c@0.2.0", "a:b/c@0.3.0"));
        assert!(!displaces("wasi:cli/run@0.2.0", "wasi:cli/exit@0.2.0"));
        assert!(!displaces("wasi:cli/run@0.2.0", "wasi:client/run@0.2.0"));
        assert!(!displaces("wasi:cli/run@0.2.0", "run"));
    }

    #[test]
    fn an_export_serves_imports_on_its_track() {
        let serves = |export: &str, import: &str| id(export).serves(&id(import));
        assert!(serves("a:b/c@0.2.0", "a:b/c@0.2.12"));
        assert!(serves("a:b/c@0.2.12", "a:b/c@0.2.0"));
        assert!(serves("a:b/c@1.4.0", "a:b/c@1.2.3"));
        assert!(serves("a:b/c@0.2.0-draft", "a:b/c@0.2.0-draft"));
        assert!(serves("a:b/c", "a:b/c"));
        assert!(!serves("a:b/c@0.2.0", "a:b/c@0.3.0"));
        assert!(!serves("a:b/c@0.0.1", "a:b/c@0.0.2"));
        assert!(!serves("a:b/c@0.2.0", "a:b/c@0.2.0-draft"));
        assert!(!serves("a:b/c@0.2.0-draft", "a:b/c@0.2.0-draft2"));
        assert!(!serves("a:b/c@0.2.0", "a:b/d@0.2.0"));
        assert!(!serves("a:b/c@0.2.0", "a:b/c"));
    }
}
