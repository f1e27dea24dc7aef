//! Reduces a core module to its imports, its exports and the types for them. For each type among the exported
//! functions, one function remains, with an empty body.

use crate::wasm::sections::{PREAMBLE, Section, id};
use std::collections::BTreeMap;
use wasm_encoder::{CodeSection, ExportSection, Function, FunctionSection, RawSection, Section as _};
use wasmparser::{
    BinaryReader, BinaryReaderError, ConstExpr, ExportSectionReader, ExternalKind, FunctionSectionReader,
    GlobalSectionReader, ImportSectionReader, Operator, TableInit, TableSectionReader, TypeRef,
};

type Result<T> = std::result::Result<T, BinaryReaderError>;

/// Reduces a core module. `sections` are its sections, and `offset` is where it begins in its file.
pub(super) fn reduce(module: &[u8], sections: &[Section<'_>], offset: u64) -> Result<Vec<u8>> {
    let mut functions = Functions::default();
    for section in sections {
        functions.read(section.id, section.reader(offset))?;
    }
    let kept = functions.kept();
    let mut out = module[..PREAMBLE].to_vec();
    for section in sections {
        match section.id {
            id::CUSTOM | id::START | id::ELEMENT | id::DATA | id::DATA_COUNT => {}
            id::FUNCTION => kept.declarations().append_to(&mut out),
            id::EXPORT => kept.exports(section.reader(offset))?.append_to(&mut out),
            id::CODE => kept.empty_bodies().append_to(&mut out),
            id => RawSection { id, data: section.data }.append_to(&mut out),
        }
    }
    Ok(out)
}

/// The functions of a core module.
#[derive(Default)]
struct Functions {
    /// How many functions the module imports.
    imported: u32,
    /// The types of the functions that the module defines.
    types: Vec<u32>,
    /// Which of these functions the module exports.
    exported: Vec<bool>,
    /// The number of function bodies. In a valid module it equals the number of `types`.
    bodies: usize,
    /// Whether the initial values of tables or globals refer to functions.
    are_referenced: bool,
}

/// The functions that remain in the reduced module.
struct Kept {
    /// How many functions the module imports.
    imported: u32,
    /// The types of the functions that remain.
    types: Vec<u32>,
    /// For each function of the original module, the index of the remaining function that replaces it.
    places: Vec<u32>,
    /// The number of function bodies.
    bodies: usize,
}

impl Functions {
    /// Reads the facts that matter from a section.
    fn read(&mut self, id: u8, reader: BinaryReader<'_>) -> Result<()> {
        match id {
            id::IMPORT => {
                for import in ImportSectionReader::new(reader)?.into_imports() {
                    self.imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            id::FUNCTION => {
                self.types = FunctionSectionReader::new(reader)?.into_iter().collect::<Result<_>>()?;
                self.exported = vec![false; self.types.len()];
            }
            id::TABLE => {
                for table in TableSectionReader::new(reader)? {
                    if let TableInit::Expr(init) = table?.init {
                        self.are_referenced |= has_reference(&init)?;
                    }
                }
            }
            id::GLOBAL => {
                for global in GlobalSectionReader::new(reader)? {
                    self.are_referenced |= has_reference(&global?.init_expr)?;
                }
            }
            id::EXPORT => {
                for export in ExportSectionReader::new(reader)? {
                    let export = export?;
                    if let Some(place) = own(export.kind, export.index, self.imported)
                        && let Some(exported) = self.exported.get_mut(place)
                    {
                        *exported = true;
                    }
                }
            }
            id::CODE => {
                // The declared count may be too large. A body takes at least one byte, which limits the count.
                let (mut reader, size) = (reader.clone(), reader.bytes_remaining());
                self.bodies = size.min(reader.read_var_u32()? as usize);
            }
            _ => {}
        }
        Ok(())
    }

    /// Keeps one function for each type of exported functions. All functions stay if tables or globals refer to
    /// functions. They also stay if the number of bodies is wrong, so that validation still fails.
    fn kept(self) -> Kept {
        let Self { imported, types, exported, bodies, are_referenced } = self;
        if are_referenced || bodies != types.len() {
            let places = (0..).take(types.len()).collect();
            return Kept { imported, types, places, bodies };
        }
        let (mut kept, mut places, mut known) = (Vec::new(), vec![0; types.len()], BTreeMap::new());
        let mut next = 0..;
        for ((place, ty), _) in places.iter_mut().zip(types).zip(exported).filter(|(_, exported)| *exported) {
            *place = *known.entry(ty).or_insert_with(|| {
                kept.push(ty);
                next.next().unwrap_or_default()
            });
        }
        Kept { imported, bodies: kept.len(), types: kept, places }
    }
}

impl Kept {
    fn declarations(&self) -> FunctionSection {
        let mut section = FunctionSection::new();
        for ty in &self.types {
            section.function(*ty);
        }
        section
    }

    /// Returns the code section, with an empty body for each function. An empty body may not fit its type, but bodies
    /// of skeletons are never validated.
    fn empty_bodies(&self) -> CodeSection {
        let mut body = Function::new([]);
        body.instructions().end();
        let mut section = CodeSection::new();
        for _ in 0..self.bodies {
            section.function(&body);
        }
        section
    }

    /// Returns the exports, with the new indices of functions.
    fn exports(&self, reader: BinaryReader<'_>) -> Result<ExportSection> {
        let mut section = ExportSection::new();
        for export in ExportSectionReader::new(reader)? {
            let export = export?;
            let place = own(export.kind, export.index, self.imported).and_then(|place| self.places.get(place));
            let index = place.map_or(export.index, |place| self.imported + place);
            section.export(export.name, export.kind.into(), index);
        }
        Ok(section)
    }
}

/// Returns the index of an exported function among those that the module defines. Returns none for other exports.
fn own(kind: ExternalKind, index: u32, imported: u32) -> Option<usize> {
    let is_function = matches!(kind, ExternalKind::Func | ExternalKind::FuncExact);
    let place = if is_function { index.checked_sub(imported)? } else { return None };
    usize::try_from(place).ok()
}

fn has_reference(expression: &ConstExpr<'_>) -> Result<bool> {
    let mut operators = expression.get_operators_reader();
    while !operators.eof() {
        if let Operator::RefFunc { .. } = operators.read()? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::sections::sections;
    use wasmparser::{Parser, Payload, Validator, WasmFeatures};

    fn reduced(module: &[u8]) -> Vec<u8> {
        reduce(module, &sections(module, 0).unwrap(), 0).unwrap()
    }

    /// Returns the imports and exports of a module with their types, and the number of functions that it defines.
    fn seen(module: &[u8]) -> (Vec<String>, usize) {
        let (mut validator, mut seen, mut own) = (Validator::new_with_features(WasmFeatures::all()), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload.unwrap();
            if let Payload::FunctionSection(functions) = &payload {
                own = functions.count() as usize;
            }
            if let wasmparser::ValidPayload::End(types) = validator.payload(&payload).unwrap() {
                let types = types.as_ref();
                let ty = |ty| match ty {
                    wasmparser::types::EntityType::Func(id) => format!("{}", types[id]),
                    other => format!("{other:?}"),
                };
                seen.extend(types.core_imports().unwrap().map(|(from, name, of)| format!("{from} {name} {}", ty(of))));
                seen.extend(types.core_exports().unwrap().map(|(name, of)| format!("{name} {}", ty(of))));
            }
        }
        (seen, own)
    }

    #[test]
    fn a_reduced_module_looks_the_same_from_outside() {
        let text = r#"(module
            (import "m" "f" (func $f (param i32)))
            (import "m" "t" (table 1 funcref))
            (func $start)
            (func $a (param i64) (result f32) (f32.const 0))
            (func $table)
            (func $b (param f32) (call $start))
            (func $c (param f32))
            (global (export "g") (mut i32) (i32.const 1))
            (memory (export "m") 1)
            (export "again" (func $f))
            (export "b" (func $b))
            (export "a" (func $a))
            (export "b2" (func $b))
            (export "c" (func $c))
            (start $start)
            (elem (i32.const 0) $table)
            (data (i32.const 0) "x"))"#;
        let module = wat::parse_str(text).unwrap();
        let ((seen_before, own_before), (seen_after, own_after)) = (seen(&module), seen(&reduced(&module)));
        assert_eq!(seen_after, seen_before);
        assert_eq!(seen_after.len(), 9);
        assert_eq!((own_before, own_after), (5, 2));
        assert_eq!(reduced(&reduced(&module)), reduced(&module));
    }

    #[test]
    fn the_modules_of_real_components_look_the_same_from_outside() {
        let mut modules = 0;
        for component in [
            &include_bytes!("../../../fixtures/prebuilt/quote-desk.wasm")[..],
            include_bytes!("../../../fixtures/prebuilt/courier-c.wasm"),
            include_bytes!("../../../adapters/reqreply-over-pubsub/provider-memory-async.wasm"),
        ] {
            for payload in Parser::new(0).parse_all(component) {
                if let Payload::ModuleSection { unchecked_range: range, .. } = payload.unwrap() {
                    let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
                    let module = &component[start..end];
                    assert_eq!(seen(&reduced(module)).0, seen(module).0);
                    modules += 1;
                }
            }
        }
        assert!(modules >= 6, "{modules}");
    }

    #[test]
    fn functions_stay_where_a_global_or_a_table_names_them() {
        for text in [
            "(module (func) (func $f (param i32)) (global (export \"g\") (ref func) (ref.func $f)))",
            "(module (func) (func $f (param i32)) (table (export \"t\") 1 (ref func) (ref.func $f)))",
        ] {
            let module = wat::parse_str(text).unwrap();
            let (before, after) = (seen(&module), seen(&reduced(&module)));
            assert_eq!(after, before);
        }
    }

    #[test]
    fn an_invalid_module_stays_invalid() {
        let valid = |module: &[u8]| Validator::new().validate_all(&reduced(module)).is_ok();
        let module = |functions: &[u32], bodies: usize, export: u32| {
            let mut module = wasm_encoder::Module::new();
            let mut types = wasm_encoder::TypeSection::new();
            types.ty().function([], []);
            let (mut declared, mut exports, mut code) =
                (FunctionSection::new(), ExportSection::new(), CodeSection::new());
            for ty in functions {
                declared.function(*ty);
            }
            exports.export("f", wasm_encoder::ExportKind::Func, export);
            let mut body = Function::new([]);
            body.instructions().end();
            for _ in 0..bodies {
                code.function(&body);
            }
            module.section(&types).section(&declared).section(&exports).section(&code);
            module.finish()
        };
        assert!(valid(&module(&[0, 0], 2, 1)));
        assert!(!valid(&module(&[0, 0], 1, 0)), "a function without a body");
        assert!(!valid(&module(&[0, 0], 3, 0)), "a body without a function");
        assert!(!valid(&module(&[0, 0], 2, 2)), "an export of what is not there");
        assert!(!valid(&module(&[0, 7], 2, 1)), "a type that is not there");
    }
}
