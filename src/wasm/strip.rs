//! Removes names and other custom sections. None of them affects execution.

use crate::wasm::{
    sections::{PREAMBLE, id, sections},
    skeleton::{SectionError, without_custom_sections},
};
use serde::Deserialize;
use std::borrow::Cow;
use wasmparser::{BinaryReader, BinaryReaderError};

/// The custom section that holds the names of a component's instances.
const COMPONENT_NAMES: &str = "component-name";

/// The components whose custom sections are removed. The sections `producers` and `msgcompose` of the composed
/// component stay, because they say what made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strip {
    /// Remove nothing.
    #[default]
    Nothing,
    /// Strip the adapters, and remove the names of instances.
    Adapters,
    /// Strip the guest as well.
    All,
}

impl Strip {
    /// Strips a part of an adapter.
    pub(crate) fn part(self, bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, SectionError> {
        if self == Strip::Nothing { Ok(bytes) } else { Ok(without_custom_sections(&bytes)?.into()) }
    }

    /// Strips the guest.
    pub(crate) fn guest(self, bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, SectionError> {
        if self == Strip::All { Ok(without_custom_sections(&bytes)?.into()) } else { Ok(bytes) }
    }

    /// Removes the names of instances from the encoded composition.
    pub(crate) fn composition(self, encoded: Vec<u8>) -> Result<Vec<u8>, BinaryReaderError> {
        if self == Strip::Nothing {
            return Ok(encoded);
        }
        let mut stripped = encoded[..PREAMBLE].to_vec();
        for section in sections(&encoded, 0)? {
            let is_custom = section.id == id::CUSTOM;
            if !is_custom || BinaryReader::new(section.data, 0).read_string()? != COMPONENT_NAMES {
                stripped.extend_from_slice(&encoded[section.start..section.data_start + section.data.len()]);
            }
        }
        Ok(stripped)
    }
}
