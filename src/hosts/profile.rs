//! Host profiles: what each host offers and calls. Each profile is a data file in `profiles/`, built into the library.
//! Every fact names its source.

use crate::{
    common::{
        ErrorKind,
        quote::quoted,
        remedy::{Remedied, Remedy},
        suggest::closest,
    },
    types::{
        dialect::Dialect,
        interface::{ExternName, InterfaceId},
    },
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// A host profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Profile {
    /// The name of the profile, from its file.
    #[serde(skip_deserializing)]
    pub name: String,
    /// A description of one line.
    pub summary: String,
    /// The host's version that the facts are about.
    pub version: String,
    /// The dialects of `wasi:messaging@0.2.0-draft` in which the host calls and offers messaging.
    #[serde(default = "sync")]
    pub dialects: Vec<Dialect>,
    /// The exports that the host calls. A component must have one of them.
    #[serde(rename = "call")]
    pub calls: Vec<Call>,
    /// The packages that the host offers. If two offers serve an import, the first counts.
    #[serde(rename = "offer")]
    pub offers: Vec<Offer>,
    /// Packages that a user may expect, and that the host does not offer.
    #[serde(rename = "lack", default)]
    pub lacks: Vec<Lack>,
}

fn sync() -> Vec<Dialect> {
    vec![Dialect::Sync]
}

/// An export that a host calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Call {
    /// The interface of the export.
    pub interface: InterfaceId,
    /// The flag with which the host calls it. None if no flag is needed.
    pub flag: Option<String>,
}

/// A package that a host does not offer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    /// The package without a version.
    pub package: String,
    /// What the host has instead, and what to do about it, in words.
    pub instead: String,
}

/// A package that a host offers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Offer {
    /// The package with the newest version that the host has.
    pub package: String,
    /// The interfaces of the package that the host has. If empty, it has all.
    #[serde(default)]
    pub interfaces: Vec<String>,
    /// The flag with which the host offers it. None if no flag is needed.
    pub flag: Option<String>,
    /// What a user must know, in words.
    pub caveat: Option<String>,
    /// Where this fact comes from.
    pub source: String,
}

impl Profile {
    /// Returns whether the host offers an import.
    #[must_use]
    pub fn offers(&self, import: &ExternName) -> bool {
        self.offer(import).is_some()
    }

    /// Returns the offer that serves an import.
    #[must_use]
    pub fn offer(&self, import: &ExternName) -> Option<&Offer> {
        let id = import.interface()?;
        self.offers.iter().find(|offer| offer.serves(id))
    }

    /// Returns what the host has in place of an import that it does not offer.
    #[must_use]
    pub fn instead(&self, import: &ExternName) -> Option<&str> {
        let package = import.interface()?.package();
        self.lacks.iter().find(|lack| lack.package == package).map(|lack| lack.instead.as_str())
    }

    /// Returns whether the host calls an export.
    #[must_use]
    pub fn calls(&self, export: &ExternName) -> bool {
        self.calls.iter().any(|call| call.takes(export))
    }
}

impl Call {
    /// Returns whether the host calls this export.
    #[must_use]
    pub fn takes(&self, export: &ExternName) -> bool {
        export.interface().is_some_and(|id| id.serves(&self.interface))
    }
}

impl Offer {
    /// Returns whether the offer serves `import`. A version newer than the host's is not served, because it may need
    /// functions that the host lacks.
    #[must_use]
    pub fn serves(&self, import: &InterfaceId) -> bool {
        let has = self.interfaces.is_empty() || self.interfaces.iter().any(|name| name == import.interface());
        let (package, version) = self.package.split_once('@').unwrap_or((&self.package, ""));
        let offered = format!("{package}/{}@{version}", import.interface()).parse::<InterfaceId>();
        has && offered.is_ok_and(|offered| offered.serves(import) && offered.version() >= import.version())
    }
}

/// Looks up a profile by name.
impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        get(name)
    }
}

/// No profile has this name.
#[derive(Debug, thiserror::Error)]
#[error("no host `{name}`; there is {}", quoted(names(), ", "))]
#[non_exhaustive]
pub struct UnknownProfile {
    /// The name that was looked up.
    pub name: String,
}

impl Remedied for UnknownProfile {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    fn remedy(&self) -> Option<Remedy> {
        closest(&self.name, names()).map(Remedy::did_you_mean)
    }
}

/// Returns the names of all profiles, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(name, _)| *name)
}

/// Returns the profile of this name.
///
/// ```
/// use msgcompose::{types::ExternName, hosts};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let host = hosts::get("wasmtime-serve")?;
/// let config = host.offer(&ExternName::parse("wasi:config/store@0.2.0-rc.1")).expect("it offers that");
/// assert_eq!(config.flag.as_deref(), Some("-S config"));
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// Panics if the profile's file cannot be parsed. A test rules this out.
pub fn get(name: &str) -> Result<Profile, UnknownProfile> {
    let found = PROFILES.iter().find(|(own, _)| *own == name);
    let (name, text) = found.ok_or_else(|| UnknownProfile { name: name.to_owned() })?;
    let profile: Profile = toml::from_str(text).expect("the profiles are tested");
    Ok(Profile { name: (*name).to_owned(), ..profile })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_read_and_names_packages_with_versions() {
        for name in names() {
            let profile = get(name).unwrap();
            assert!(!profile.calls.is_empty() && !profile.offers.is_empty(), "{name}");
            for offer in profile.offers {
                let sample = format!(
                    "{}/x@{}",
                    offer.package.split('@').next().unwrap(),
                    offer.package.split('@').nth(1).unwrap()
                );
                assert!(sample.parse::<InterfaceId>().is_ok() && !offer.source.is_empty(), "{name}: {sample}");
            }
        }
    }

    #[test]
    fn a_newer_version_than_the_host_has_is_not_served() {
        let offer = |package: &str| Offer {
            package: package.into(),
            interfaces: vec!["a".into()],
            flag: None,
            caveat: None,
            source: String::new(),
        };
        let serves = |package: &str, import: &str| offer(package).serves(&import.parse().unwrap());
        assert!(serves("x:y@0.2.12", "x:y/a@0.2.0"));
        assert!(serves("x:y@0.2.12", "x:y/a@0.2.12"));
        assert!(!serves("x:y@0.2.12", "x:y/a@0.2.13"));
        assert!(!serves("x:y@0.2.12", "x:y/b@0.2.0"));
        assert!(!serves("x:y@0.2.12", "x:y/a@0.3.0"));
        assert!(serves("x:y@0.2.0-draft", "x:y/a@0.2.0-draft"));
        assert!(!serves("x:y@0.2.0-draft", "x:y/a@0.2.0-draft2"));
    }
}
