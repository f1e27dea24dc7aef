//! What a composed component says of itself: a custom section that names the tool and the adapters.

use crate::sections::{id, sections};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use wasm_encoder::CustomSection;
use wasmparser::BinaryReader;

/// The custom section's name.
pub const SECTION: &str = "msgcompose";

/// By what a component was composed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of msgcompose.
    pub version: String,
    /// The adapters, the innermost first.
    pub adapters: Vec<String>,
}

/// The SHA-256 of these bytes, in hexadecimal digits.
///
/// ```
/// assert!(msgcompose::provenance::sha256(b"abc").starts_with("ba7816bf"));
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a string takes all");
        digits
    })
}

impl Provenance {
    /// That of a composition made now.
    #[must_use]
    pub fn new(adapters: Vec<String>) -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), adapters }
    }

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
        let custom = sections(component, 0).ok()?.into_iter().filter(|section| section.id == id::CUSTOM);
        custom.into_iter().find_map(|section| {
            let mut reader = BinaryReader::new(section.data, 0);
            let name = reader.read_string().ok()?;
            let json = reader.read_bytes(reader.bytes_remaining()).ok()?;
            (name == SECTION).then(|| serde_json::from_slice(json).ok()).flatten()
        })
    }
}
