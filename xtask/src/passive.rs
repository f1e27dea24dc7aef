//! Makes the data of a core module passive: a `start` function copies it into the memory.
//!
//! An engine maps the data of active segments into each new memory, copy on write. Then the first read of a page is a
//! fault, and the first write another one, with a copy. A memory without such a map has one fault for each page.

use anyhow::{Result, bail};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, Function, FunctionSection, Module, RawSection, StartSection,
    TypeSection,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{DataKind, DataSectionReader, Operator, Parser, Payload, TypeRef, TypeSectionReader};

/// The place of a segment's data in the memory, and the data.
type Segment = (i32, Vec<u8>);

/// Copying a segment takes more bytes than this, so a smaller gap between two is filled.
const GAP: usize = 16;

/// Returns the module with passive data. A module without data stays as it is.
pub fn passive(module: &[u8]) -> Result<Vec<u8>> {
    let (mut segments, mut functions) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    functions += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(own) => functions += own.count(),
            Payload::DataSection(data) => segments = read(data)?,
            Payload::StartSection { .. } => bail!("the module has a `start` already"),
            _ => {}
        }
    }
    if segments.is_empty() { Ok(module.to_vec()) } else { rewrite(module, &segments, functions) }
}

fn read(data: DataSectionReader<'_>) -> Result<Vec<Segment>> {
    let mut segments: Vec<Segment> = Vec::new();
    for segment in data {
        let segment = segment?;
        let DataKind::Active { memory_index: 0, ref offset_expr } = segment.kind else {
            bail!("a data segment is passive already, or of another memory");
        };
        let Operator::I32Const { value: place } = offset_expr.get_operators_reader().read()? else {
            bail!("a data segment does not begin at a constant");
        };
        if let Some((first, bytes)) = segments.last_mut()
            && let Some(gap) = gap(*first, bytes, place).filter(|gap| *gap <= GAP)
        {
            bytes.resize(bytes.len() + gap, 0);
            bytes.extend_from_slice(segment.data);
        } else {
            segments.push((place, segment.data.to_vec()));
        }
    }
    Ok(segments)
}

/// Returns the number of bytes between a segment and the next. None if the next begins before the segment ends.
fn gap(first: i32, bytes: &[u8], next: i32) -> Option<usize> {
    usize::try_from(next.checked_sub(first)?).ok()?.checked_sub(bytes.len())
}

/// Writes the module anew. The new function's index is `start`.
fn rewrite(module: &[u8], segments: &[Segment], start: u32) -> Result<Vec<u8>> {
    let mut out = Module::new();
    let mut copied = RoundtripReencoder;
    let mut new_type = 0;
    let mut started = false;
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match payload {
            Payload::TypeSection(types) => {
                let mut all = TypeSection::new();
                let same = position_of_no_parameters(types.clone())?;
                copied.parse_type_section(&mut all, types)?;
                new_type = same.unwrap_or(all.len());
                if same.is_none() {
                    all.ty().function([], []);
                }
                out.section(&all);
            }
            Payload::FunctionSection(functions) => {
                let mut all = FunctionSection::new();
                copied.parse_function_section(&mut all, functions)?;
                out.section(all.function(new_type));
            }
            Payload::CodeSectionStart { .. } => {
                if !started {
                    out.section(&StartSection { function_index: start });
                }
                out.section(&DataCountSection { count: u32::try_from(segments.len())? });
            }
            Payload::CodeSectionEntry(body) => {
                code.raw(body.as_bytes());
            }
            Payload::DataSection(_) => {
                out.section(code.function(&copying(segments)?));
                let mut data = DataSection::new();
                for (_, bytes) in segments {
                    data.passive(bytes.iter().copied());
                }
                out.section(&data);
            }
            Payload::DataCountSection { .. } => {}
            Payload::ElementSection(_) => {
                out.section(&StartSection { function_index: start });
                started = true;
                copy(&mut out, module, &payload)?;
            }
            other => copy(&mut out, module, &other)?,
        }
    }
    Ok(out.finish())
}

/// Returns the index of the type of a function without parameters and results.
fn position_of_no_parameters(types: TypeSectionReader<'_>) -> Result<Option<u32>> {
    for (index, ty) in (0..).zip(types.into_iter_err_on_gc_types()) {
        let ty = ty?;
        if ty.params().is_empty() && ty.results().is_empty() {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// Copies a section as it is. What is no section is left out.
fn copy(out: &mut Module, module: &[u8], payload: &Payload<'_>) -> Result<()> {
    if let Some((id, range)) = payload.as_section() {
        let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
        out.section(&RawSection { id, data: &module[range] });
    }
    Ok(())
}

/// Returns the function that copies all segments to their places.
fn copying(segments: &[Segment]) -> Result<Function> {
    let mut function = Function::new([]);
    let mut body = function.instructions();
    for (segment, (place, data)) in (0..).zip(segments) {
        body.i32_const(*place).i32_const(0).i32_const(i32::try_from(data.len())?);
        body.memory_init(0, segment);
    }
    body.end();
    Ok(function)
}

#[cfg(test)]
mod tests {
    use super::passive;
    use wasmparser::{DataKind, Parser, Payload, Validator};

    const MODULE: &str = r#"(module
        (import "a" "b" (func (param i32)))
        (table 1 funcref) (memory 1) (global (mut i32) (i32.const 0))
        (func (export "f") (call 0 (i32.const 1)))
        (elem (i32.const 0) func 1)
        (data (i32.const 16) "one") (data (i32.const 21) "more") (data (i32.const 1024) "two"))"#;

    #[test]
    fn every_segment_is_copied_by_the_start_function() {
        let module = passive(&wat::parse_str(MODULE).unwrap()).unwrap();
        Validator::new().validate_all(&module).unwrap();
        let mut start = None;
        for payload in Parser::new(0).parse_all(&module) {
            match payload.unwrap() {
                Payload::StartSection { func, .. } => start = Some(func),
                Payload::DataSection(data) => {
                    let data: Vec<_> = data.into_iter().map(Result::unwrap).collect();
                    assert!(data.iter().all(|data| matches!(data.kind, DataKind::Passive)));
                    // A small gap is filled.
                    assert_eq!(data.iter().map(|data| data.data).collect::<Vec<_>>(), [&b"one\0\0more"[..], b"two"]);
                }
                _ => {}
            }
        }
        assert_eq!(start, Some(2));
    }

    #[test]
    fn a_module_without_data_stays_as_it_is() {
        let module = wat::parse_str("(module (func))").unwrap();
        assert_eq!(passive(&module).unwrap(), module);
    }

    #[test]
    fn a_start_function_is_not_replaced() {
        let module = wat::parse_str(r#"(module (memory 1) (func) (start 0) (data (i32.const 0) "a"))"#).unwrap();
        assert_eq!(passive(&module).unwrap_err().to_string(), "the module has a `start` already");
    }
}
