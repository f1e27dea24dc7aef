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
use wasmparser::{DataKind, DataSectionReader, Operator, Parser, Payload, TypeRef};

/// The place of a segment's data in the memory, and the data.
type Segment<'a> = (i32, &'a [u8]);

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

fn read<'a>(data: DataSectionReader<'a>) -> Result<Vec<Segment<'a>>> {
    let segment = |segment: wasmparser::Result<wasmparser::Data<'a>>| {
        let segment = segment?;
        let DataKind::Active { memory_index: 0, ref offset_expr } = segment.kind else {
            bail!("a data segment is passive already, or of another memory");
        };
        match offset_expr.get_operators_reader().read()? {
            Operator::I32Const { value } => Ok((value, segment.data)),
            other => bail!("a data segment begins at {other:?}, not at a constant"),
        }
    };
    data.into_iter().map(segment).collect()
}

/// Writes the module anew. The new function's index is `start`.
fn rewrite(module: &[u8], segments: &[Segment<'_>], start: u32) -> Result<Vec<u8>> {
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
                copied.parse_type_section(&mut all, types)?;
                new_type = all.len();
                all.ty().function([], []);
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

/// Copies a section as it is. What is no section is left out.
fn copy(out: &mut Module, module: &[u8], payload: &Payload<'_>) -> Result<()> {
    if let Some((id, range)) = payload.as_section() {
        let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
        out.section(&RawSection { id, data: &module[range] });
    }
    Ok(())
}

/// Returns the function that copies all segments to their places, and drops them.
fn copying(segments: &[Segment<'_>]) -> Result<Function> {
    let mut function = Function::new([]);
    let mut body = function.instructions();
    for (segment, (place, data)) in (0..).zip(segments) {
        body.i32_const(*place).i32_const(0).i32_const(i32::try_from(data.len())?);
        body.memory_init(0, segment).data_drop(segment);
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
        (data (i32.const 16) "one") (data (i32.const 1024) "two"))"#;

    #[test]
    fn every_segment_is_copied_by_the_start_function() {
        let module = passive(&wat::parse_str(MODULE).unwrap()).unwrap();
        Validator::new().validate_all(&module).unwrap();
        let mut start = None;
        for payload in Parser::new(0).parse_all(&module) {
            match payload.unwrap() {
                Payload::StartSection { func, .. } => start = Some(func),
                Payload::DataSection(data) => {
                    let is_passive = |data: wasmparser::Data<'_>| matches!(data.kind, DataKind::Passive);
                    assert!(data.into_iter().all(|data| is_passive(data.unwrap())));
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
