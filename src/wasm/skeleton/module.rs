//! A core module reduced to what is seen of it from outside: its imports, its exports, and in place of its functions one
//! without a body for each type of those that it exports.

use crate::wasm::sections::{PREAMBLE, Section, id};
use std::collections::BTreeMap;
use wasm_encoder::{CodeSection, ExportSection, Function, FunctionSection, RawSection, Section as _};
use wasmparser::{
    BinaryReader, BinaryReaderError, ConstExpr, ExportSectionReader, ExternalKind, FunctionSectionReader,
    GlobalSectionReader, ImportSectionReader, Operator, TableInit, TableSectionReader, TypeRef,
};

type Result<T> = std::result::Result<T, BinaryReaderError>;

/// Reduces the core module of these sections, which begins at `offset` of its file.
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
    /// How many it imports.
    imported: u32,
    /// The types of its own.
    types: Vec<u32>,
    /// Which of its own it exports.
    exported: Vec<bool>,
    /// How many have bodies; as many as are declared, if it is valid.
    bodies: usize,
    /// Whether tables or globals begin with references to functions.
    are_referenced: bool,
}

/// What is left of them.
struct Kept {
    /// How many are imported.
    imported: u32,
    /// The types of the others.
    types: Vec<u32>,
    /// Which of these stands for each that was there.
    places: Vec<u32>,
    /// How many bodies there are.
    bodies: usize,
}

impl Functions {
    /// Takes in a section.
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
                // A section of so many bytes cannot hold more functions, whatever it declares.
                let (mut reader, size) = (reader.clone(), reader.bytes_remaining());
                self.bodies = size.min(reader.read_var_u32()? as usize);
            }
            _ => {}
        }
        Ok(())
    }

    /// One of each type that is exported. All stay where more than exports name them, or where not all that are declared
    /// have bodies, which is for a validator to say.
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

    /// None of the bodies is valid for its type, and none is validated.
    fn empty_bodies(&self) -> CodeSection {
        let mut body = Function::new([]);
        body.instructions().end();
        let mut section = CodeSection::new();
        for _ in 0..self.bodies {
            section.function(&body);
        }
        section
    }

    /// The exports, with the functions where they are now.
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

/// The place of an exported function among the module's own.
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

    /// What is seen of a module from outside, and how many functions it has itself.
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
    fn what_is_not_valid_outside_of_bodies_stays_so() {
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
