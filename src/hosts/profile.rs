//! Host profiles: what each host offers, what it calls, and how. Each profile is a data file in `profiles/`, built into
//! the library. Every fact names its source.

use super::instances::Instances;
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
use std::{fmt, str::FromStr};

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
    /// The day on which the facts were last looked at: `2026-11-28`.
    pub day: String,
    /// Which versions of an interface the host links to its own.
    pub versions: Versions,
    /// The dialects of `wasi:messaging@0.2.0-draft` in which the host calls and offers messaging.
    #[serde(default = "sync")]
    pub dialects: Vec<Dialect>,
    /// Adapters that suit the host, the best first. This decides among stacks that are equal otherwise.
    #[serde(default)]
    pub prefer: Vec<String>,
    /// The exports that the host calls. A component must have one of them. If the host can call an export in several
    /// ways, the first one that meets the component's duties counts.
    #[serde(rename = "call")]
    pub calls: Vec<Call>,
    /// The packages that the host offers. If two offers serve an import, the first counts.
    #[serde(rename = "offer")]
    pub offers: Vec<Offer>,
    /// What a user may expect, and the host does not have.
    #[serde(rename = "lack", default)]
    pub lacks: Vec<Lack>,
}

fn sync() -> Vec<Dialect> {
    vec![Dialect::Sync]
}

/// Which versions of an interface a host links to its own version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versions {
    /// Every version on the same semver track, older or newer. Only functions that the host lacks are missing.
    Track,
    /// Only the same version.
    Exact,
}

/// How a fact is known, with the place in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// It was seen when something ran there.
    Run(String),
    /// It was read: in source code, in help, in a manual.
    Read(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(place) => write!(f, "run: {place}"),
            Self::Read(place) => write!(f, "read: {place}"),
        }
    }
}

/// An export that a host calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Call {
    /// The interface of the export.
    pub interface: InterfaceId,
    /// The flag with which the host calls it so. None if no flag is needed.
    pub flag: Option<String>,
    /// Which instance takes a call.
    pub instances: Instances,
    /// Where this fact comes from.
    pub source: Source,
}

/// Something that a host does not have.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Lack {
    /// A package without a version.
    pub package: Option<String>,
    /// A kind of duty that the host cannot meet.
    pub duty: Option<String>,
    /// What the host has instead, and what to do about it, in words.
    pub instead: String,
    /// Where this fact comes from.
    pub source: Source,
}

/// A package that a host offers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Offer {
    /// The package with the version that the host has.
    pub package: String,
    /// The interfaces of the package that the host has. If empty, it has all.
    #[serde(default)]
    pub interfaces: Vec<String>,
    /// What the host does not have of these: `interface`, or a function as `interface/function`.
    #[serde(default)]
    pub without: Vec<String>,
    /// Whether the functions are async, although the package is older than WASI 0.3.
    #[serde(rename = "async", default)]
    pub is_async: bool,
    /// The flag with which the host offers it. None if no flag is needed.
    pub flag: Option<String>,
    /// What a user must know, in words.
    pub caveat: Option<String>,
    /// The kinds of duties that cannot be met with this offer, for the reason in `caveat`.
    #[serde(default)]
    pub defeats: Vec<String>,
    /// Where this fact comes from.
    pub source: Source,
}

impl Profile {
    /// Returns whether the host calls an export.
    #[must_use]
    pub fn calls(&self, export: &ExternName) -> bool {
        self.calls.iter().any(|call| call.takes(export))
    }

    /// Returns what the host has in place of a package that it does not offer.
    #[must_use]
    pub fn instead_of(&self, package: &str) -> Option<&str> {
        let lack = self.lacks.iter().find(|lack| lack.package.as_deref() == Some(package));
        lack.map(|lack| lack.instead.as_str())
    }

    /// Returns what to do about a duty that the host cannot meet.
    #[must_use]
    pub fn instead_of_duty(&self, kind: &str) -> Option<&str> {
        let lack = self.lacks.iter().find(|lack| lack.duty.as_deref() == Some(kind));
        lack.map(|lack| lack.instead.as_str())
    }

    /// Returns why no component can have a duty of this kind met here. Returns none if some component can. If the host
    /// calls messaging handlers, only these calls count.
    #[must_use]
    pub fn defeat(&self, duty: &str) -> Option<&'static str> {
        let is_messaging = |call: &&Call| call.interface.package().ends_with(":messaging");
        let has_messaging = self.calls.iter().any(|call| is_messaging(&call));
        let calls = self.calls.iter().filter(|call| !has_messaging || is_messaging(call));
        let mut reasons = calls.map(|call| call.instances.defeat(duty));
        let first = reasons.next()??;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }
}

impl Call {
    /// Returns whether the host calls this export.
    #[must_use]
    pub fn takes(&self, export: &ExternName) -> bool {
        export.interface().is_some_and(|id| id.serves(&self.interface))
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
/// use msgcompose::hosts::{self, Instances};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let host = hosts::get("wasmtime-serve")?;
/// assert_eq!(host.calls[0].interface.to_string(), "wasi:http/incoming-handler@0.2.0");
/// assert_eq!(host.calls[0].instances, Instances::Fresh);
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
    use crate::adapters::catalogue;

    #[test]
    fn every_profile_can_be_read_and_names_what_there_is() {
        let adapters = catalogue::all();
        let kinds: Vec<&str> =
            adapters.iter().flat_map(|adapter| &adapter.duties).map(|duty| duty.kind.as_str()).collect();
        let is_kind = |kind: &String| kinds.contains(&kind.as_str());
        for name in names() {
            let profile = get(name).unwrap();
            assert!(!profile.calls.is_empty() && !profile.offers.is_empty(), "{name}");
            assert_eq!(profile.day.len(), "2026-11-28".len(), "{name}");
            assert!(profile.prefer.iter().all(|preferred| catalogue::get(preferred).is_ok()), "{name}");
            for offer in profile.offers {
                let (package, version) = offer.package.split_once('@').unwrap_or((&offer.package, ""));
                let at = if version.is_empty() { String::new() } else { format!("@{version}") };
                let sample = format!("{package}/x{at}");
                assert!(sample.parse::<InterfaceId>().is_ok(), "{name}: {sample}");
                assert!(offer.defeats.iter().all(is_kind), "{name}: {package}");
                assert!(
                    offer.defeats.is_empty() || offer.caveat.is_some(),
                    "{name}: {package} defeats without a reason"
                );
            }
            for lack in profile.lacks {
                assert!(lack.package.is_some() != lack.duty.is_some(), "{name}: {}", lack.instead);
                assert!(lack.duty.iter().all(is_kind), "{name}: {}", lack.instead);
            }
        }
    }
}
