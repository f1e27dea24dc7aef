//! A component reduced to its types: the same imports, exports and inner wiring, but of its core modules only what is
//! seen of them from outside.
//!
//! Composing and validating the wiring of a component needs its types only. The skeleton of a 12 MB guest is some ten
//! kilobytes, so everything that follows is as fast for a large guest as for a small one, and the guest's code is
//! neither parsed nor copied before it is written out, verbatim, in the skeleton's place.

mod module;

use crate::wasm::sections::{PREAMBLE, Section, id, sections};
use wasm_encoder::{CustomSection, RawSection, Section as _};
use wasmparser::{BinaryReaderError, Parser};

/// How deep components may be nested in one another.
pub(super) const MAX_DEPTH: usize = 100;

/// Why a binary cannot be taken apart.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SectionError {
    /// Its sections do not fill it exactly.
    #[error(transparent)]
    Malformed(#[from] BinaryReaderError),
    /// It nests deeper than any real component.
    #[error("components are nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// Reduces a component or core module. Fails when its sections do not fill it exactly, as those of a truncated file.
pub fn skeleton(wasm: &[u8]) -> Result<Vec<u8>, SectionError> {
    rewrite(wasm, 0, 0, &module::reduce)
}

/// The custom section that a marked skeleton ends with.
const MARK: &str = "msgcompose-skeleton";

/// A skeleton with a number at its end, by which [`mark`] tells it from others.
pub(crate) fn marked(skeleton: &[u8], number: usize) -> Vec<u8> {
    let mut marked = Vec::with_capacity(skeleton.len() + MARK.len() + 16);
    marked.extend_from_slice(skeleton);
    CustomSection { name: MARK.into(), data: (number as u64).to_le_bytes()[..].into() }.append_to(&mut marked);
    marked
}

/// The number of a marked skeleton.
pub(crate) fn mark(skeleton: &[u8]) -> Option<usize> {
    let (rest, number) = skeleton.split_last_chunk()?;
    if rest.ends_with(MARK.as_bytes()) { u64::from_le_bytes(*number).try_into().ok() } else { None }
}

/// Removes the custom sections of a component or core module, and of all that are nested in it.
pub fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>, SectionError> {
    rewrite(wasm, 0, 0, &|module, sections, _| {
        let mut out = module[..PREAMBLE].to_vec();
        for Section { id, data, .. } in sections.iter().filter(|section| section.id != id::CUSTOM) {
            RawSection { id: *id, data }.append_to(&mut out);
        }
        Ok(out)
    })
}

/// Removes the custom sections of a component and of all that are nested in it, and applies `module` to core modules: to
/// the bytes of each, its sections, and where it begins.
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
