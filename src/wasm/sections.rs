//! The sections of a binary, without looking into them: what core modules and components have in common.

use wasmparser::{BinaryReader, BinaryReaderError};

/// Numbers of sections (core specification, "Modules"; component model, "Binary Format").
pub mod id {
    /// Custom, in both.
    pub const CUSTOM: u8 = 0;
    /// Imports, of a core module.
    pub const IMPORT: u8 = 2;
    /// The types of functions, in a core module.
    pub const FUNCTION: u8 = 3;
    /// Tables, in a core module.
    pub const TABLE: u8 = 4;
    /// Globals, in a core module.
    pub const GLOBAL: u8 = 6;
    /// Exports, of a core module.
    pub const EXPORT: u8 = 7;
    /// The function that runs first, in a core module.
    pub const START: u8 = 8;
    /// Element segments, in a core module.
    pub const ELEMENT: u8 = 9;
    /// Functions' bodies, in a core module.
    pub const CODE: u8 = 10;
    /// Data segments, in a core module.
    pub const DATA: u8 = 11;
    /// The number of data segments, in a core module.
    pub const DATA_COUNT: u8 = 12;
    /// A core module, in a component.
    pub const CORE_MODULE: u8 = 1;
    /// A component, in a component.
    pub const COMPONENT: u8 = 4;
    /// Instances of core modules, in a component.
    pub const CORE_INSTANCE: u8 = 2;
    /// Instances of components, in a component.
    pub const COMPONENT_INSTANCE: u8 = 5;
    /// Aliases, in a component.
    pub const COMPONENT_ALIAS: u8 = 6;
    /// Types, in a component.
    pub const COMPONENT_TYPE: u8 = 7;
    /// Functions that are lifted and lowered, in a component.
    pub const COMPONENT_CANONICAL: u8 = 8;
    /// Imports, of a component.
    pub const COMPONENT_IMPORT: u8 = 10;
    /// Exports, of a component.
    pub const COMPONENT_EXPORT: u8 = 11;
}

/// Bytes before the first section: magic, version, layer.
pub const PREAMBLE: usize = 8;

/// One section.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// Its number.
    pub id: u8,
    /// Where it begins, header included, in bytes from the start of the binary.
    pub start: usize,
    /// Where its content begins.
    pub data_start: usize,
    /// Its content.
    pub data: &'a [u8],
}

impl<'a> Section<'a> {
    /// Reads its content; errors say where in the file it is, in which the binary begins at `offset`.
    pub fn reader(&self, offset: u64) -> BinaryReader<'a> {
        BinaryReader::new(self.data, offset + self.data_start as u64)
    }
}

/// The sections of a core module or component, in order. Fails when they do not fill it exactly. `offset` is where the
/// binary begins in its file, for the error.
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
