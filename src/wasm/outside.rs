//! Reads the names of a component's imports and exports, without its types.

use crate::wasm::sections::{id, sections};
use wasmparser::{BinaryReader, BinaryReaderError, ComponentExportSectionReader, ComponentImportSectionReader};

/// The names of a component's imports and exports, in the order of the binary.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

/// Reads the names of a component's imports and exports. Nested components are skipped.
pub(crate) fn outside(component: &[u8]) -> Result<Outside, BinaryReaderError> {
    let mut outside = Outside::default();
    for section in sections(component, 0)? {
        let reader = || BinaryReader::new(section.data, section.data_start as u64);
        match section.id {
            id::COMPONENT_IMPORT => {
                for import in ComponentImportSectionReader::new(reader())? {
                    outside.imports.push(import?.name.name.to_owned());
                }
            }
            id::COMPONENT_EXPORT => {
                for export in ComponentExportSectionReader::new(reader())? {
                    outside.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(outside)
}
