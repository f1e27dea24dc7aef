//! Writes a file that reproduces a bug of msgcompose, to be sent with a bug report. It holds the guest's types without
//! code and data, the command line and the errors.

use crate::wasm::binary::Binary;
use serde::Serialize;
use wasm_encoder::{CustomSection, Section as _};

/// The name of the custom section that holds a [`Reproduction`].
pub const SECTION: &str = "msgcompose-reproduction";

/// The command line and the errors of a failed run.
#[derive(Debug, Clone, Serialize)]
pub struct Reproduction {
    /// The version of msgcompose.
    pub version: &'static str,
    /// The command line, without the program.
    pub command: Vec<String>,
    /// The error and its causes.
    pub errors: Vec<String>,
}

impl Reproduction {
    /// Makes a reproduction for this version of msgcompose.
    #[must_use]
    pub fn new(command: Vec<String>, errors: Vec<String>) -> Self {
        Self { version: env!("CARGO_PKG_VERSION"), command, errors }
    }

    /// Returns a component with all types of `guest` and with this reproduction in a custom section. msgcompose treats
    /// it as it treats `guest`. A guest that cannot be parsed is returned unchanged.
    ///
    /// # Panics
    ///
    /// Never: strings can be written as JSON.
    #[must_use]
    pub fn component(&self, guest: &[u8]) -> Vec<u8> {
        let mut component = Binary::read("guest", guest).map_or_else(|_| guest.to_vec(), |guest| guest.skeleton);
        let json = serde_json::to_vec(self).expect("strings can be written as JSON");
        CustomSection { name: SECTION.into(), data: json.into() }.append_to(&mut component);
        component
    }
}
