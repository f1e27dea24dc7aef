//! Hosts, by what they offer and call: one data file each, under `profiles/`, put in while building. Every fact has its
//! source.

use crate::{
    common::{quote::quoted, suggest::closest},
    types::{
        dialect::Form,
        interface::{ExternName, InterfaceId},
    },
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// A host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Profile {
    /// What it is called by.
    #[serde(skip_deserializing)]
    pub name: String,
    /// One line.
    pub summary: String,
    /// The version that the facts are of.
    pub version: String,
    /// The forms of `wasi:messaging@0.2.0-draft` that it calls and offers.
    #[serde(default = "sync")]
    pub dialects: Vec<Form>,
    /// What it calls; a component must export one of these.
    #[serde(rename = "call")]
    pub calls: Vec<Call>,
    /// What it offers. Of two that offer the same, the first counts.
    #[serde(rename = "offer")]
    pub offers: Vec<Offer>,
    /// What it might be expected to offer, and does not.
    #[serde(rename = "lack", default)]
    pub lacks: Vec<Lack>,
}

fn sync() -> Vec<Form> {
    vec![Form::Sync]
}

/// Something that a host calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Call {
    /// The export.
    pub interface: InterfaceId,
    /// How the host is told to; none when it does so by itself.
    pub flag: Option<String>,
}

/// Something that a host does not offer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    /// The package, without a version.
    pub package: String,
    /// What it has instead, and what to do about it, for people.
    pub instead: String,
}

/// Something that a host offers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Offer {
    /// Package and version, the newest that it has.
    pub package: String,
    /// The interfaces of the package; none when it has them all.
    #[serde(default)]
    pub interfaces: Vec<String>,
    /// How the host is told to; none when it does so by itself.
    pub flag: Option<String>,
    /// What there is to know, for people.
    pub caveat: Option<String>,
    /// How this is known.
    pub source: String,
}

impl Profile {
    /// Whether the host offers an import.
    #[must_use]
    pub fn offers(&self, import: &ExternName) -> bool {
        self.offer(import).is_some()
    }

    /// The offer that serves an import.
    #[must_use]
    pub fn offer(&self, import: &ExternName) -> Option<&Offer> {
        let id = import.interface()?;
        self.offers.iter().find(|offer| offer.serves(id))
    }

    /// What the host has in place of an import that it does not offer.
    #[must_use]
    pub fn instead(&self, import: &ExternName) -> Option<&str> {
        let package = import.interface()?.package();
        self.lacks.iter().find(|lack| lack.package == package).map(|lack| lack.instead.as_str())
    }

    /// Whether the host calls an export.
    #[must_use]
    pub fn calls(&self, export: &ExternName) -> bool {
        self.calls.iter().any(|call| call.takes(export))
    }
}

impl Call {
    /// Whether it is a call of this export.
    #[must_use]
    pub fn takes(&self, export: &ExternName) -> bool {
        export.interface().is_some_and(|id| id.serves(&self.interface))
    }
}

impl Offer {
    /// The offered interface that serves `import`, if there is one. An import of a newer version than the host has may
    /// want what the host has not.
    #[must_use]
    pub fn serves(&self, import: &InterfaceId) -> bool {
        let has = self.interfaces.is_empty() || self.interfaces.iter().any(|name| name == import.interface());
        let (package, version) = self.package.split_once('@').unwrap_or((&self.package, ""));
        let offered = format!("{package}/{}@{version}", import.interface()).parse::<InterfaceId>();
        has && offered.is_ok_and(|offered| offered.serves(import) && offered.version() >= import.version())
    }
}

/// The profile of a name.
impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        get(name)
    }
}

/// There is no profile of this name.
#[derive(Debug, thiserror::Error)]
#[error("no host `{name}`; there is {}", quoted(names(), ", "))]
#[non_exhaustive]
pub struct UnknownProfile {
    /// What was asked for.
    pub name: String,
}

impl UnknownProfile {
    /// The way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        closest(&self.name, names()).map(|name| format!("did you mean `{name}`?"))
    }
}

/// The names of all profiles, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(name, _)| *name)
}

/// The profile of this name.
///
/// ```
/// use msgcompose::{interface::ExternName, profile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let host = profile::get("wasmtime-serve")?;
/// let config = host.offer(&ExternName::parse("wasi:config/store@0.2.0-rc.1")).expect("it offers that");
/// assert_eq!(config.flag.as_deref(), Some("-S config"));
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// When its file cannot be read, which a test rules out.
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
