//! A core module taken apart, so that a step of the build can change one thing and leave the rest.

use anyhow::{Result, bail};
use wasm_encoder::{
    CodeSection, CustomSection, DataCountSection, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, ImportSection, MemorySection, MemoryType, Module, RawSection, StartSection, TypeSection,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{DataKind, FuncType, Operator, Parser, Payload};

/// A core module. Indices are those of its index spaces.
#[derive(Debug, Clone, Default)]
pub struct CoreModule<'a> {
    pub types: Vec<FuncType>,
    pub imports: Vec<Import<'a>>,
    /// The types of its own functions, which are numbered behind those that it imports.
    pub functions: Vec<u32>,
    /// Its own memory.
    pub memory: Option<MemoryType>,
    pub exports: Vec<Export>,
    pub start: Option<u32>,
    /// The bodies of its own functions.
    pub bodies: Vec<Vec<u8>>,
    pub data: Vec<Segment>,
    /// Names and contents of custom sections.
    pub custom: Vec<(&'a str, &'a [u8])>,
    /// Tables, globals and elements, as they are.
    raw: Vec<(u8, &'a [u8])>,
}

/// An import.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub ty: EntityType,
}

/// An export.
#[derive(Debug, Clone)]
pub struct Export {
    pub name: String,
    pub kind: ExportKind,
    pub index: u32,
}

/// A data segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where it is put when the module is instantiated. None if it is passive.
    pub place: Option<i32>,
    pub bytes: Vec<u8>,
}

const TABLE: u8 = 4;
const GLOBAL: u8 = 6;
const ELEMENT: u8 = 9;

impl<'a> CoreModule<'a> {
    /// Takes a core module apart.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let (mut module, mut same) = (Self::default(), RoundtripReencoder);
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match payload {
                Payload::TypeSection(types) => {
                    module.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        let ty = same.entity_type(import.ty)?;
                        module.imports.push(Import { module: import.module, name: import.name, ty });
                    }
                }
                Payload::FunctionSection(functions) => {
                    module.functions = functions.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        if module.memory.replace(same.memory_type(memory?)?).is_some() {
                            bail!("the module has several memories");
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        let (name, kind) = (export.name.to_owned(), same.export_kind(export.kind)?);
                        module.exports.push(Export { name, kind, index: export.index });
                    }
                }
                Payload::StartSection { func, .. } => module.start = Some(func),
                Payload::CodeSectionEntry(body) => module.bodies.push(body.as_bytes().to_vec()),
                Payload::DataSection(data) => {
                    for segment in data {
                        let segment = segment?;
                        let place = place(&segment.kind)?;
                        module.data.push(Segment { place, bytes: segment.data.to_vec() });
                    }
                }
                Payload::CustomSection(custom) => module.custom.push((custom.name(), custom.data())),
                Payload::TableSection(_) | Payload::GlobalSection(_) | Payload::ElementSection(_) => {
                    let (id, range) = payload.as_section().expect("these are sections");
                    module.raw.push((id, &bytes[usize::try_from(range.start)?..usize::try_from(range.end)?]));
                }
                Payload::TagSection(_) | Payload::UnknownSection { .. } => {
                    bail!("the module has a section of an unknown kind")
                }
                _ => {}
            }
        }
        Ok(module)
    }

    /// The module's bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Module::new();
        let mut types = TypeSection::new();
        for ty in &self.types {
            types.ty().func_type(&RoundtripReencoder.func_type(ty.clone()).expect("a type that was read"));
        }
        let mut imports = ImportSection::new();
        for import in &self.imports {
            imports.import(import.module, import.name, import.ty);
        }
        let mut functions = FunctionSection::new();
        for ty in &self.functions {
            functions.function(*ty);
        }
        let mut exports = ExportSection::new();
        for export in &self.exports {
            exports.export(&export.name, export.kind, export.index);
        }
        let mut code = CodeSection::new();
        for body in &self.bodies {
            code.raw(body);
        }
        let mut data = DataSection::new();
        for segment in &self.data {
            let bytes = segment.bytes.iter().copied();
            match segment.place {
                Some(place) => data.active(0, &wasm_encoder::ConstExpr::i32_const(place), bytes),
                None => data.passive(bytes),
            };
        }
        out.section(&types);
        if !self.imports.is_empty() {
            out.section(&imports);
        }
        out.section(&functions);
        self.write_raw(TABLE, &mut out);
        if let Some(memory) = self.memory {
            out.section(MemorySection::new().memory(memory));
        }
        self.write_raw(GLOBAL, &mut out);
        out.section(&exports);
        if let Some(function_index) = self.start {
            out.section(&StartSection { function_index });
        }
        self.write_raw(ELEMENT, &mut out);
        if self.data.iter().any(|segment| segment.place.is_none()) {
            out.section(&DataCountSection { count: u32::try_from(self.data.len()).expect("few segments") });
        }
        out.section(&code);
        if !self.data.is_empty() {
            out.section(&data);
        }
        for (name, data) in &self.custom {
            out.section(&CustomSection { name: (*name).into(), data: (*data).into() });
        }
        out.finish()
    }

    fn write_raw(&self, wanted: u8, out: &mut Module) {
        for (id, data) in self.raw.iter().filter(|(id, _)| *id == wanted) {
            out.section(&RawSection { id: *id, data });
        }
    }

    /// The number of functions that it imports.
    pub fn imported_functions(&self) -> u32 {
        let functions = self.imports.iter().filter(|import| matches!(import.ty, EntityType::Function(_)));
        u32::try_from(functions.count()).expect("few imports")
    }

    /// The index of an imported function.
    pub fn imported(&self, module: &str, name: &str) -> Option<u32> {
        let mut functions = self.imports.iter().filter(|import| matches!(import.ty, EntityType::Function(_)));
        let at = functions.position(|import| import.module == module && import.name == name)?;
        u32::try_from(at).ok()
    }

    /// The index of an exported function or global.
    pub fn exported(&self, name: &str) -> Option<u32> {
        self.exports.iter().find(|export| export.name == name).map(|export| export.index)
    }

    /// The type of a function.
    pub fn function_type(&self, index: u32) -> Option<u32> {
        let own = index.checked_sub(self.imported_functions());
        let imported = || {
            let types = self.imports.iter().filter_map(|import| match import.ty {
                EntityType::Function(ty) => Some(ty),
                _ => None,
            });
            types.clone().nth(usize::try_from(index).ok()?)
        };
        own.map_or_else(imported, |own| self.functions.get(usize::try_from(own).ok()?).copied())
    }

    /// Adds a function, and returns its index.
    pub fn add(&mut self, params: &[wasmparser::ValType], results: &[wasmparser::ValType], body: Function) -> u32 {
        let ty = FuncType::new(params.iter().copied(), results.iter().copied());
        let at = self.types.iter().position(|known| *known == ty).unwrap_or(self.types.len());
        if at == self.types.len() {
            self.types.push(ty);
        }
        self.functions.push(u32::try_from(at).expect("few types"));
        self.bodies.push(body.into_raw_body());
        self.imported_functions() + u32::try_from(self.functions.len() - 1).expect("few functions")
    }

    /// The value of a global that is a constant number.
    pub fn constant_global(&self, index: u32) -> Option<i32> {
        let (_, data) = self.raw.iter().find(|(id, _)| *id == GLOBAL)?;
        let globals = wasmparser::GlobalSectionReader::new(wasmparser::BinaryReader::new(data, 0)).ok()?;
        let global = globals.into_iter().nth(usize::try_from(index).ok()?)?.ok()?;
        match global.init_expr.get_operators_reader().read().ok()? {
            Operator::I32Const { value } => Some(value),
            _ => None,
        }
    }
}

/// Where in a body its code begins, behind its variables.
pub fn code_start(body: &[u8]) -> Result<usize> {
    let reader = wasmparser::BinaryReader::new(body, 0);
    let start = wasmparser::FunctionBody::new(reader).get_operators_reader()?.original_position();
    Ok(usize::try_from(start)?)
}

fn place(kind: &DataKind<'_>) -> Result<Option<i32>> {
    match kind {
        DataKind::Passive => Ok(None),
        DataKind::Active { memory_index: 0, offset_expr } => match offset_expr.get_operators_reader().read()? {
            Operator::I32Const { value } => Ok(Some(value)),
            _ => bail!("a data segment does not begin at a constant"),
        },
        DataKind::Active { .. } => bail!("a data segment is of another memory"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = r#"(module
        (type (func (param i32) (result i64)))
        (import "m" "f" (func (type 0)))
        (table 2 funcref)
        (memory 1 5)
        (global (export "g") i32 (i32.const 7))
        (global (mut i64) (i64.const 8))
        (export "h" (func 1))
        (start 2)
        (elem (i32.const 0) 0 1)
        (func (type 0) i64.const 1)
        (func)
        (data (i32.const 5) "active") (data "passive"))"#;

    #[test]
    fn what_is_read_is_written() {
        let bytes = wat::parse_str(ALL).unwrap();
        let module = CoreModule::read(&bytes).unwrap();
        let written = module.write();
        wasmparser::Validator::new().validate_all(&written).unwrap();
        assert_eq!(format!("{:?}", CoreModule::read(&written).unwrap()), format!("{module:?}"));
        assert_eq!(module.constant_global(module.exported("g").unwrap()), Some(7));
        assert_eq!(module.imported("m", "f"), Some(0));
        assert_eq!(
            (module.function_type(0), module.function_type(1), module.function_type(9)),
            (Some(0), Some(0), None)
        );
    }

    #[test]
    fn an_added_function_uses_a_type_that_is_there() {
        let bytes = wat::parse_str(ALL).unwrap();
        let mut module = CoreModule::read(&bytes).unwrap();
        let types = module.types.len();
        let mut body = Function::new([]);
        body.instructions().i64_const(2).end();
        assert_eq!(module.add(&[wasmparser::ValType::I32], &[wasmparser::ValType::I64], body), 3);
        assert_eq!(module.types.len(), types);
        wasmparser::Validator::new().validate_all(&module.write()).unwrap();
    }
}
