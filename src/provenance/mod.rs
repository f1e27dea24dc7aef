//! Provenance: a custom section in which a composed component says what it was made of, and by which msgcompose.

use crate::{
    adapters::{
        adapter::{Adapter, AdapterError, Variant},
        duty::Duty,
        settings::Settings,
    },
    types::dialect::Dialect,
    wasm::{
        hash::sha256,
        sections::{id, sections},
    },
};
pub(crate) mod inspect;
pub(crate) mod sbom;

pub use inspect::{Inspection, inspect};
pub use sbom::sbom;

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::BinaryReader;

/// The name of the custom section.
pub const SECTION: &str = "msgcompose";

/// What a component was composed of, and by which msgcompose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Provenance {
    /// The version of msgcompose.
    pub version: String,
    /// The guest.
    pub guest: File,
    /// The handlers that were linked, from left to right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<HandlerRecord>,
    /// The adapters, innermost first.
    pub adapters: Vec<AdapterRecord>,
    /// Where options come from at run time. None if all options are baked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_from: Option<String>,
    /// The dialect of messaging to which the guest was lifted. None if it was not lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// What the host must do for the component. Flags of a host are not among it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
}

/// A file that went into the composition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// The file's name, without its folder.
    pub name: String,
    /// The version that the file gives in its custom section `version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The SHA-256 of the file's bytes as they were passed, in hexadecimal digits.
    pub sha256: String,
}

/// A handler that was linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HandlerRecord {
    /// The handler's file.
    #[serde(flatten)]
    pub file: File,
    /// The patterns of the topics that it takes.
    pub patterns: Vec<String>,
}

/// An adapter that went into the composition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AdapterRecord {
    /// The adapter's name.
    pub name: String,
    /// The adapter's version. None if its manifest gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The SHA-256 of each part that was used, in hexadecimal digits, by the part's name.
    pub parts: BTreeMap<String, String>,
    /// The options that the user set, by name. A secret option has no value here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Option<String>>,
}

impl File {
    /// Returns the record of a file with these bytes.
    #[must_use]
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), version: version(bytes), sha256: sha256(bytes) }
    }
}

impl AdapterRecord {
    /// Returns the record of an adapter, with the parts named in `taken`, as they were before options were written into
    /// them. `variant` says which of their builds.
    pub(crate) fn new(
        adapter: &Adapter,
        settings: &Settings,
        taken: &BTreeSet<&str>,
        variant: Variant,
    ) -> Result<Self, AdapterError> {
        let parts = adapter.parts.iter().filter(|part| taken.contains(part.name.as_str()));
        let parts = parts.map(|part| {
            let bytes = adapter.build(part, variant, |option| settings.get(option))?;
            Ok((part.name.clone(), sha256(bytes)))
        });
        Ok(Self {
            name: adapter.name.clone(),
            version: adapter.version.clone(),
            parts: parts.collect::<Result<_, AdapterError>>()?,
            options: settings.given().map(|(key, value)| (key.to_owned(), adapter.shown(key, value))).collect(),
        })
    }
}

impl Provenance {
    /// The name and the bytes of the custom section that [`Self::read`] finds.
    ///
    /// # Panics
    ///
    /// Never: strings can be written as JSON.
    #[must_use]
    pub fn section(&self) -> (&'static str, Vec<u8>) {
        (SECTION, serde_json::to_vec(self).expect("strings can be written as JSON"))
    }

    /// Reads the provenance of a component. Returns none if msgcompose did not compose it.
    #[must_use]
    pub fn read(component: &[u8]) -> Option<Self> {
        serde_json::from_slice(custom(component, SECTION)?).ok()
    }
}

/// Returns the data of a component's own custom section with this name.
fn custom<'a>(component: &'a [u8], section: &str) -> Option<&'a [u8]> {
    let all = sections(component, 0).ok()?.into_iter().filter(|section| section.id == id::CUSTOM);
    all.into_iter().find_map(|found| {
        let mut reader = BinaryReader::new(found.data, 0);
        let name = reader.read_string().ok()?;
        let data = reader.read_bytes(reader.bytes_remaining()).ok()?;
        (name == section).then_some(data)
    })
}

/// Returns the version of a component, which `wasm-tools metadata add` or a registry's client put there.
fn version(component: &[u8]) -> Option<String> {
    String::from_utf8(custom(component, "version")?.to_vec()).ok()
}
