//! Reads the manifest of an adapter, `adapter.toml`.

use crate::adapters::{
    adapter::{Adapter, AdapterError, MANIFEST},
    contradiction::contradiction,
    duty::DutySpec,
    option::{Defined, OptionSpec, TypeName},
    part::Part,
    warning::WarningSpec,
};
use serde::Deserialize;
use std::{borrow::Cow, collections::BTreeMap};

/// The contents of a manifest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Manifest {
    version: Option<String>,
    summary: String,
    part: Vec<Part>,
    #[serde(default, rename = "type")]
    types: Defined,
    #[serde(default)]
    option: Vec<OptionSpec<TypeName>>,
    #[serde(default)]
    host: Vec<DutySpec>,
    #[serde(default)]
    warning: Vec<WarningSpec>,
}

impl Adapter {
    /// Reads an adapter from the files of its folder, given by name.
    ///
    /// ```
    /// use msgcompose::Adapter;
    /// use std::{borrow::Cow, collections::BTreeMap};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let provider = Vec::new();
    /// let manifest = r#"
    /// summary = "Sends everything more than once"
    ///
    /// [[part]]
    /// name = "provider"
    /// role = "provider"
    /// file = "provider.wasm"
    ///
    /// [[option]]
    /// name = "times"
    /// type = { number = { min = 2, max = 9 } }
    /// default = "2"
    /// parts = ["provider"]
    /// help = "How often."
    /// "#;
    /// let adapter = Adapter::from_files("again", BTreeMap::from([
    ///     ("adapter.toml".to_owned(), Cow::from(manifest.as_bytes())),
    ///     ("provider.wasm".to_owned(), Cow::from(provider)),
    /// ]))?;
    /// let times = adapter.option("times").expect("the manifest has it");
    /// assert_eq!(times.kind.parse("12"), Err("is not a number from 2 to 9".to_owned()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_files(name: &str, files: BTreeMap<String, Cow<'static, [u8]>>) -> Result<Self, AdapterError> {
        let adapter = || name.to_owned();
        let manifest = files.get(MANIFEST).ok_or_else(|| AdapterError::NoManifest { adapter: adapter() })?;
        let malformed = |error: toml::de::Error| AdapterError::Malformed { adapter: adapter(), source: error.into() };
        let manifest = toml::from_slice(manifest).map_err(malformed)?;
        let inconsistent = |contradiction| AdapterError::Inconsistent { adapter: adapter(), contradiction };
        let this = Self::of(name, manifest, files).map_err(inconsistent)?;
        match contradiction(&this) {
            None => Ok(this),
            Some(contradiction) => Err(inconsistent(contradiction)),
        }
    }

    /// Makes an adapter of a manifest, without looking for contradictions, except in types.
    pub(crate) fn of(
        name: &str,
        manifest: Manifest,
        files: BTreeMap<String, Cow<'static, [u8]>>,
    ) -> Result<Self, String> {
        let Manifest { version, summary, part: parts, types, option: options, host: duties, warning: warnings } =
            manifest;
        let options = types.resolve(options)?;
        Ok(Self { name: name.to_owned(), version, summary, parts, options, duties, warnings, files })
    }
}
