//! What of a composition does without the names of things, and without other custom sections: nothing of these is run.

use crate::wasm::{
    sections::{PREAMBLE, id, sections},
    skeleton::{SectionError, without_custom_sections},
};
use serde::Deserialize;
use std::borrow::Cow;
use wasmparser::{BinaryReader, BinaryReaderError};

/// The custom section of a component that names its instances.
const COMPONENT_NAMES: &str = "component-name";

/// What is stripped of its custom sections. What says by what a component was made, `producers` and `msgcompose` of the
/// composition, stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strip {
    /// Nothing.
    #[default]
    Nothing,
    /// The adapters, and the names of the instances.
    Adapters,
    /// The guest, too.
    All,
}

impl Strip {
    /// A part of an adapter.
    pub(crate) fn part(self, bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, SectionError> {
        if self == Strip::Nothing { Ok(bytes) } else { Ok(without_custom_sections(&bytes)?.into()) }
    }

    /// The guest.
    pub(crate) fn guest(self, bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, SectionError> {
        if self == Strip::All { Ok(without_custom_sections(&bytes)?.into()) } else { Ok(bytes) }
    }

    /// What was encoded around them.
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
