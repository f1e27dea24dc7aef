//! Sections of a component or core module, and the items in them.

use anyhow::Result;
use wasmparser::{BinaryReader, CanonicalFunction, FromReader, SectionLimited};

/// The bytes before the first section.
pub const HEADER: usize = 8;

/// Ids of sections. All but the first are those of components.
pub mod id {
    use wasm_encoder::ComponentSectionId as Id;

    pub const CUSTOM: u8 = 0;
    pub const CORE_MODULE: u8 = Id::CoreModule as u8;
    pub const CORE_INSTANCE: u8 = Id::CoreInstance as u8;
    pub const COMPONENT: u8 = Id::Component as u8;
    pub const ALIAS: u8 = Id::Alias as u8;
    pub const TYPE: u8 = Id::Type as u8;
    pub const CANONICAL: u8 = Id::CanonicalFunction as u8;
}

/// The sections: their ids and contents.
pub fn sections(binary: &[u8]) -> Result<Vec<(u8, &[u8])>> {
    let mut sections = Vec::new();
    let mut reader = BinaryReader::new(&binary[HEADER..], 0);
    while !reader.eof() {
        let (id, size) = (reader.read_u8()?, reader.read_var_u32()?);
        sections.push((id, reader.read_bytes(size as usize)?));
    }
    Ok(sections)
}

/// The items of a section.
pub fn items<'a, T: FromReader<'a>>(data: &'a [u8]) -> Result<Vec<T>> {
    let items = SectionLimited::new(BinaryReader::new(data, 0))?;
    Ok(items.into_iter().collect::<Result<_, _>>()?)
}

/// Whether a canonical function is one of core WebAssembly. One that is lifted is a function of the component.
pub fn is_core(function: &CanonicalFunction) -> bool {
    !matches!(function, CanonicalFunction::Lift { .. })
}
