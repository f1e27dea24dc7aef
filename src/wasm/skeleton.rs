//! Reduces a component to its types. The skeleton has the same imports, exports and inner wires. Of its core modules,
//! only imports, exports and the types for them remain.
//!
//! Composing and validating need only types. The skeleton of a 12 MB guest has some ten kilobytes, so a large guest
//! takes hardly longer than a small one. The guest's code is never parsed: the output contains it verbatim, in place of
//! the skeleton.

mod module;

use crate::wasm::sections::{PREAMBLE, Section, id, sections};
use wasm_encoder::{CustomSection, RawSection, Section as _};
use wasmparser::{BinaryReaderError, Parser};

/// The deepest nesting of components that is accepted.
pub(super) const MAX_DEPTH: usize = 100;

/// Why a binary cannot be split into sections.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SectionError {
    /// The sections do not fill the binary exactly.
    #[error(transparent)]
    Malformed(#[from] BinaryReaderError),
    /// Components are nested deeper than in any real component.
    #[error("components are nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// Reduces a component or core module to its skeleton. Fails unless the sections fill the binary exactly, for example
/// for a truncated file.
pub fn skeleton(wasm: &[u8]) -> Result<Vec<u8>, SectionError> {
    rewrite(wasm, 0, 0, &module::reduce)
}

/// The name of the custom section that holds the mark.
const MARK: &str = "msgcompose-skeleton";

/// Appends a mark to a skeleton. [`mark`] reads the number back.
pub(crate) fn marked(skeleton: &[u8], number: usize) -> Vec<u8> {
    let mut marked = Vec::with_capacity(skeleton.len() + MARK.len() + 16);
    marked.extend_from_slice(skeleton);
    CustomSection { name: MARK.into(), data: (number as u64).to_le_bytes()[..].into() }.append_to(&mut marked);
    marked
}

/// Returns the number that [`marked`] appended to a skeleton, or none if there is no mark.
pub(crate) fn mark(skeleton: &[u8]) -> Option<usize> {
    let (rest, number) = skeleton.split_last_chunk()?;
    if rest.ends_with(MARK.as_bytes()) { u64::from_le_bytes(*number).try_into().ok() } else { None }
}

/// Removes the custom sections of a component or core module, and of everything nested in it.
pub fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>, SectionError> {
    rewrite(wasm, 0, 0, &|module, sections, _| {
        let mut out = module[..PREAMBLE].to_vec();
        for Section { id, data, .. } in sections.iter().filter(|section| section.id != id::CUSTOM) {
            RawSection { id: *id, data }.append_to(&mut out);
        }
        Ok(out)
    })
}

/// Removes the custom sections of a component and of all components nested in it. Each core module is replaced by what
/// `module` makes of its bytes, its sections and its offset.
fn rewrite(
    wasm: &[u8],
    offset: u64,
    depth: usize,
    module: &impl Fn(&[u8], &[Section<'_>], u64) -> Result<Vec<u8>, BinaryReaderError>,
) -> Result<Vec<u8>, SectionError> {
    if depth > MAX_DEPTH {
        return Err(SectionError::TooDeep);
    }
    let sections = sections(wasm, offset)?;
    if !Parser::is_component(wasm) {
        return Ok(module(wasm, &sections, offset)?);
    }
    let mut out = wasm[..PREAMBLE].to_vec();
    for Section { id, data, data_start, .. } in sections {
        match id {
            id::CUSTOM => {}
            id::CORE_MODULE | id::COMPONENT => {
                let nested = rewrite(data, offset + data_start as u64, depth + 1, module)?;
                RawSection { id, data: &nested }.append_to(&mut out);
            }
            id => RawSection { id, data }.append_to(&mut out),
        }
    }
    Ok(out)
}
