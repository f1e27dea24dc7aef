//! A component reduced to its types: the same imports, exports and inner wiring, but functions without bodies and no
//! data.
//!
//! Composing and validating the wiring of a component needs its types only. The skeleton of a 12 MB guest is some ten
//! kilobytes, so everything that follows is as fast for a large guest as for a small one, and the guest's code is
//! neither parsed nor copied before it is written out, verbatim, in the skeleton's place.

use crate::sections::{PREAMBLE, Section, id, sections};
use wasm_encoder::{CodeSection, CustomSection, Function, RawSection, Section as _};
use wasmparser::{BinaryReader, BinaryReaderError, Parser};

/// How deep components may be nested in one another.
const MAX_DEPTH: usize = 100;

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
    rewrite(wasm, 0, 0, &|section, in_module| match section.id {
        id::CUSTOM => Ok(Change::Drop),
        id::CODE if in_module => {
            let functions = BinaryReader::new(section.data, 0).read_var_u32()?;
            Ok(Change::Replace(empty_bodies(functions, section.data.len())))
        }
        id::ELEMENT | id::DATA | id::DATA_COUNT if in_module => Ok(Change::Drop),
        _ => Ok(Change::Keep),
    })
}

/// A skeleton that can be told from one that is the same: with a custom section that has `mark`.
#[must_use]
pub fn marked(skeleton: &[u8], mark: &str) -> Vec<u8> {
    let mut marked = skeleton.to_vec();
    CustomSection { name: "msgcompose-skeleton".into(), data: mark.as_bytes().into() }.append_to(&mut marked);
    marked
}

/// Removes the custom sections of a component or core module, and of all that are nested in it.
pub fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>, SectionError> {
    rewrite(wasm, 0, 0, &|section, _| Ok(if section.id == id::CUSTOM { Change::Drop } else { Change::Keep }))
}

enum Change {
    Keep,
    Drop,
    Replace(CodeSection),
}

/// Applies `change` to every section, also in what is nested in the sections that are kept.
fn rewrite(
    wasm: &[u8],
    offset: u64,
    depth: usize,
    change: &impl Fn(&Section<'_>, bool) -> Result<Change, BinaryReaderError>,
) -> Result<Vec<u8>, SectionError> {
    if depth > MAX_DEPTH {
        return Err(SectionError::TooDeep);
    }
    let in_module = !Parser::is_component(wasm);
    let sections = sections(wasm, offset)?;
    let mut out = wasm[..PREAMBLE].to_vec();
    for section in sections {
        let Section { id, data, data_start, .. } = section;
        match change(&section, in_module)? {
            Change::Drop => {}
            Change::Replace(section) => section.append_to(&mut out),
            Change::Keep if !in_module && matches!(id, id::CORE_MODULE | id::COMPONENT) => {
                let nested = rewrite(data, offset + data_start as u64, depth + 1, change)?;
                RawSection { id, data: &nested }.append_to(&mut out);
            }
            Change::Keep => RawSection { id, data }.append_to(&mut out),
        }
    }
    Ok(out)
}

/// As many functions as were declared, which a validator counts. None is valid for its type, and none is validated. A
/// section of `size` bytes cannot hold more than `size` functions, whatever it declares.
fn empty_bodies(count: u32, size: usize) -> CodeSection {
    let mut code = CodeSection::new();
    let mut body = Function::new([]);
    body.instructions().end();
    for _ in 0..size.min(count as usize) {
        code.function(&body);
    }
    code
}
