//! Splits a binary into its sections, without parsing them. This works for core modules and components.

use wasmparser::{BinaryReader, BinaryReaderError};

/// Section numbers. Sources: core specification, "Modules"; component model, "Binary Format".
pub mod id {
    /// A custom section, in a core module or component.
    pub const CUSTOM: u8 = 0;
    /// The imports of a core module.
    pub const IMPORT: u8 = 2;
    /// The types of a core module's functions.
    pub const FUNCTION: u8 = 3;
    /// The tables of a core module.
    pub const TABLE: u8 = 4;
    /// The globals of a core module.
    pub const GLOBAL: u8 = 6;
    /// The exports of a core module.
    pub const EXPORT: u8 = 7;
    /// The start function of a core module.
    pub const START: u8 = 8;
    /// The element segments of a core module.
    pub const ELEMENT: u8 = 9;
    /// The function bodies of a core module.
    pub const CODE: u8 = 10;
    /// The data segments of a core module.
    pub const DATA: u8 = 11;
    /// The number of data segments of a core module.
    pub const DATA_COUNT: u8 = 12;
    /// A core module inside a component.
    pub const CORE_MODULE: u8 = 1;
    /// A component inside a component.
    pub const COMPONENT: u8 = 4;
    /// The core instances of a component.
    pub const CORE_INSTANCE: u8 = 2;
    /// The component instances of a component.
    pub const COMPONENT_INSTANCE: u8 = 5;
    /// The aliases of a component.
    pub const COMPONENT_ALIAS: u8 = 6;
    /// The types of a component.
    pub const COMPONENT_TYPE: u8 = 7;
    /// The functions of a component made by `canon lift` and `canon lower`.
    pub const COMPONENT_CANONICAL: u8 = 8;
    /// The imports of a component.
    pub const COMPONENT_IMPORT: u8 = 10;
    /// The exports of a component.
    pub const COMPONENT_EXPORT: u8 = 11;
}

/// The number of bytes before the first section: magic, version, layer.
pub const PREAMBLE: usize = 8;

/// A section of a binary.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// The section's number.
    pub id: u8,
    /// Where the section begins, with its header, in bytes from the start of the binary.
    pub start: usize,
    /// Where the content begins, in bytes from the start of the binary.
    pub data_start: usize,
    /// The content.
    pub data: &'a [u8],
}

impl<'a> Section<'a> {
    /// Returns a reader of the content. `offset` is where the binary begins in its file, so that errors give positions
    /// in the file.
    pub fn reader(&self, offset: u64) -> BinaryReader<'a> {
        BinaryReader::new(self.data, offset + self.data_start as u64)
    }
}

/// Returns the sections of a core module or component, in order. Fails unless they fill the binary exactly. `offset` is
/// where the binary begins in its file, for positions in errors.
pub fn sections(wasm: &[u8], offset: u64) -> Result<Vec<Section<'_>>, BinaryReaderError> {
    let mut reader = BinaryReader::new(wasm, offset);
    let position = |reader: &BinaryReader<'_>| wasm.len() - reader.bytes_remaining();
    reader.read_bytes(PREAMBLE)?;
    let mut sections = Vec::new();
    while !reader.eof() {
        let start = position(&reader);
        let id = reader.read_u8()?;
        let size = reader.read_var_u32()?;
        let data_start = position(&reader);
        let data = reader.read_bytes(size as usize)?;
        sections.push(Section { id, start, data_start, data });
    }
    Ok(sections)
}
