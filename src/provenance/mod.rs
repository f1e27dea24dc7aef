//! What a composed component says of itself: a custom section with what it was composed of, and by what.

use crate::{
    adapters::{
        adapter::{Adapter, AdapterError},
        settings::Settings,
    },
    types::dialect::Form,
    wasm::{
        hash::sha256,
        sections::{id, sections},
    },
};
pub mod inspect;
#[cfg(feature = "sbom")]
pub mod sbom;

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::CustomSection;
use wasmparser::BinaryReader;

/// The custom section's name.
pub const SECTION: &str = "msgcompose";

/// Of what a component was composed, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Provenance {
    /// The version of msgcompose.
    pub version: String,
    /// The guest.
    pub guest: File,
    /// What was linked with it, from left to right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<HandlerRecord>,
    /// The adapters, the innermost first.
    pub adapters: Vec<AdapterRecord>,
    /// Where options come from at run time; none when they are all baked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_from: Option<String>,
    /// The form of messaging that the guest was lifted to; none when it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Form>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// Without its folder.
    pub name: String,
    /// As the file itself gives it, in a custom section `version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Of the bytes as they were given, in hexadecimal digits.
    pub sha256: String,
}

/// A handler that was linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HandlerRecord {
    /// Its file.
    #[serde(flatten)]
    pub file: File,
    /// The patterns of its topics.
    pub patterns: Vec<String>,
}

/// An adapter, as far as it went into a composition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AdapterRecord {
    /// Its name.
    pub name: String,
    /// Its version; none where its manifest gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The SHA-256 of each part that was taken, in hexadecimal digits, by the parts' names.
    pub parts: BTreeMap<String, String>,
    /// What was set, by the options' names; without the value where that is secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Option<String>>,
}

impl File {
    /// The record of these bytes.
    #[must_use]
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), version: version(bytes), sha256: sha256(bytes) }
    }
}

impl AdapterRecord {
    /// The record of an adapter of which the parts called one of `taken` are in the composition, with `debug` in their
    /// debug builds.
    pub(crate) fn new(
        adapter: &Adapter,
        settings: &Settings,
        taken: &BTreeSet<&str>,
        debug: bool,
    ) -> Result<Self, AdapterError> {
        let parts = adapter.parts.iter().filter(|part| taken.contains(part.name.as_str()));
        let parts = parts.map(|part| {
            let bytes = adapter.build(part, debug, |option| settings.get(option))?;
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
    /// The section that [`Self::read`] finds.
    ///
    /// # Panics
    ///
    /// Never: strings can be written as JSON.
    #[must_use]
    pub fn section(&self) -> CustomSection<'static> {
        let json = serde_json::to_vec(self).expect("strings can be written as JSON");
        CustomSection { name: SECTION.into(), data: json.into() }
    }

    /// What a component says of itself; none when it was not composed by this tool.
    #[must_use]
    pub fn read(component: &[u8]) -> Option<Self> {
        serde_json::from_slice(custom(component, SECTION)?).ok()
    }
}

/// What is in a component's own custom section of this name.
fn custom<'a>(component: &'a [u8], section: &str) -> Option<&'a [u8]> {
    let all = sections(component, 0).ok()?.into_iter().filter(|section| section.id == id::CUSTOM);
    all.into_iter().find_map(|found| {
        let mut reader = BinaryReader::new(found.data, 0);
        let name = reader.read_string().ok()?;
        let data = reader.read_bytes(reader.bytes_remaining()).ok()?;
        (name == section).then_some(data)
    })
}

/// The version of a component, as `wasm-tools metadata add` and registries' clients put it there.
fn version(component: &[u8]) -> Option<String> {
    String::from_utf8(custom(component, "version")?.to_vec()).ok()
}
