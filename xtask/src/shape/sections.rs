//! Sections of a component, and the items in them.

use anyhow::Result;
use wasmparser::{BinaryReader, FromReader, SectionLimited};

/// The sections of a component: their ids and contents.
pub fn sections(component: &[u8]) -> Result<Vec<(u8, &[u8])>> {
    const HEADER: usize = 8;

    let mut sections = Vec::new();
    let mut reader = BinaryReader::new(&component[HEADER..], 0);
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
