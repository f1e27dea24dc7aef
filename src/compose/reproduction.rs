//! What is needed to see a bug of this tool again, as a file to be sent with a report: the guest's types without its code
//! and data, and what was asked of the tool.

use crate::wasm::binary::Binary;
use serde::Serialize;
use wasm_encoder::{CustomSection, Section as _};

/// The custom section's name.
pub const SECTION: &str = "msgcompose-reproduction";

/// What went wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Reproduction {
    /// The version of msgcompose.
    pub version: &'static str,
    /// The command line, without the program.
    pub command: Vec<String>,
    /// The error, and what was behind it.
    pub errors: Vec<String>,
}

impl Reproduction {
    /// That of this version.
    #[must_use]
    pub fn new(command: Vec<String>, errors: Vec<String>) -> Self {
        Self { version: env!("CARGO_PKG_VERSION"), command, errors }
    }

    /// A component with all types of `guest`, with which this tool does the same as with `guest`, and with this in a
    /// custom section. A guest that cannot be taken apart stays as it is.
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
