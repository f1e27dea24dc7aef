//! Bakes options. A part that has an option slot holds its options itself: `slot`. For parts that import
//! `wasi:config/store`, the options of one adapter become a config component. It exports what the interface has, so that an
//! instance of it is one of the interface. Its memory holds the values as the canonical ABI returns them, so that reading
//! all of them runs no code.

use crate::types::interface::InterfaceId;
use std::{collections::BTreeMap, sync::LazyLock};
use wasm_encoder::{
    Alias, BlockType, CanonicalFunctionSection, CanonicalOption, CodeSection, ComponentAliasSection,
    ComponentExportKind, ComponentExportSection, ComponentTypeSection, ComponentValType, ConstExpr, DataSection,
    ExportKind, ExportSection, Function, FunctionSection, InstanceSection, InstructionSink, MemArg, MemorySection,
    MemoryType, Module, ModuleArg, ModuleSection, PrimitiveValType, TypeSection, ValType::I32,
};

mod layer;
pub(crate) mod slot;

pub use layer::{ConfigFrom, baked_interface};

/// The interface that an instance of a baked configuration is.
///
/// # Panics
///
/// Never: the name is one.
#[must_use]
pub fn interface() -> &'static InterfaceId {
    static INTERFACE: LazyLock<InterfaceId> =
        LazyLock::new(|| "wasi:config/store@0.2.0-rc.1".parse().expect("a valid name"));
    &INTERFACE
}

/// The name of a config component in its adapter.
pub const CONFIG: &str = "config";

/// A component with these options.
#[must_use]
pub fn bake(options: &BTreeMap<String, String>) -> Vec<u8> {
    encode(&module(&Image::of(options)))
}

/// Names of the core module's exports.
mod name {
    pub const GET: &str = "get";
    pub const GET_ALL: &str = "get-all";
    pub const MEMORY: &str = "memory";
    pub const REALLOC: &str = "realloc";
}

/// Makes a component of the core module: it exports what the interface of `wit/config` has.
fn encode(module: &Module) -> Vec<u8> {
    let mut instances = InstanceSection::new();
    instances.instantiate(0, NO_ARGUMENTS);
    let mut aliases = ComponentAliasSection::new();
    for (name, kind) in [
        (name::GET, ExportKind::Func),
        (name::GET_ALL, ExportKind::Func),
        (name::REALLOC, ExportKind::Func),
        (name::MEMORY, ExportKind::Memory),
    ] {
        aliases.alias(Alias::CoreInstanceExport { instance: 0, kind, name });
    }

    let string = ComponentValType::Primitive(PrimitiveValType::String);
    let mut named = ComponentTypeSection::new();
    named.defined_type().variant([("upstream", Some(string)), ("io", Some(string))]);
    let mut name_error = ComponentExportSection::new();
    name_error.export("error", ComponentExportKind::Type, 0, None);
    let error = ComponentValType::Type(1);
    let mut types = ComponentTypeSection::new();
    types.defined_type().option(string);
    types.defined_type().result(Some(ComponentValType::Type(2)), Some(error));
    types.function().params([("key", string)]).result(Some(ComponentValType::Type(3)));
    types.defined_type().tuple([string, string]);
    types.defined_type().list(ComponentValType::Type(5));
    types.defined_type().result(Some(ComponentValType::Type(6)), Some(error));
    types.function().params(NO_PARAMETERS).result(Some(ComponentValType::Type(7)));

    let mut functions = CanonicalFunctionSection::new();
    functions.lift(0, 4, [CanonicalOption::UTF8, CanonicalOption::Memory(0), CanonicalOption::Realloc(2)]);
    functions.lift(1, 8, [CanonicalOption::UTF8, CanonicalOption::Memory(0)]);
    let mut exports = ComponentExportSection::new();
    exports.export(name::GET, ComponentExportKind::Func, 0, None);
    exports.export(name::GET_ALL, ComponentExportKind::Func, 1, None);

    let mut component = wasm_encoder::Component::new();
    component.section(&ModuleSection(module)).section(&instances).section(&aliases);
    component.section(&named).section(&name_error).section(&types).section(&functions).section(&exports);
    component.finish()
}

const NO_ARGUMENTS: [(&str, ModuleArg); 0] = [];
const NO_PARAMETERS: [(&str, ComponentValType); 0] = [];

/// Address of the result of `get-all`: discriminant, address of the list, its length; 16 bytes, because of the error
/// case.
const ALL: i32 = 0;

/// Address of the result of `get`: discriminant, discriminant of the option, address of the text, its length.
const ONE: i32 = 16;

/// Address of the list of pairs, each the addresses and lengths of two strings.
const PAIRS: i32 = 32;

/// Bytes of a pair.
const PAIR: i32 = 16;

/// What the memory holds: the results, the pairs, the strings; behind them room for the argument of `get`.
struct Image {
    bytes: Vec<u8>,
    count: i32,
    argument: i32,
}

impl Image {
    fn of(options: &BTreeMap<String, String>) -> Self {
        let count = size(options.len()).cast_signed();
        let header: Vec<i32> = vec![0, PAIRS, count, 0, 0, 0, 0, 0];
        let mut bytes: Vec<u8> = header.into_iter().flat_map(i32::to_le_bytes).collect();
        bytes.extend(image(options, PAIRS.cast_unsigned()));
        let argument = (size(bytes.len()).cast_signed() + 7) & !7;
        Self { bytes, count, argument }
    }
}

/// Lays out options, sorted by name, for a memory in which they begin at `base`: for each the addresses and lengths of
/// its name and its value, then all names and values.
fn image(options: &BTreeMap<String, String>, base: u32) -> Vec<u8> {
    let texts = || options.iter().flat_map(|(name, value)| [name, value]);
    let mut address = base + size(options.len()) * PAIR.cast_unsigned();
    let mut image = Vec::new();
    for text in texts() {
        image.extend_from_slice(&address.to_le_bytes());
        image.extend_from_slice(&size(text.len()).to_le_bytes());
        address += size(text.len());
    }
    texts().for_each(|text| image.extend_from_slice(text.as_bytes()));
    image
}

/// Returns a size in a memory. A configuration is far smaller than one.
fn size(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn module(image: &Image) -> Module {
    const PAGE: u64 = 1 << 16;

    let mut types = TypeSection::new();
    types.ty().function([], [I32]);
    types.ty().function([I32, I32], [I32]);
    types.ty().function([I32, I32, I32, I32], [I32]);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1).function(2);
    let mut memories = MemorySection::new();
    let pages = (u64::try_from(image.argument).unwrap_or(0) + PAGE) / PAGE;
    memories.memory(MemoryType { minimum: pages, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports
        .export(name::GET_ALL, ExportKind::Func, 0)
        .export(name::GET, ExportKind::Func, 1)
        .export(name::REALLOC, ExportKind::Func, 2)
        .export(name::MEMORY, ExportKind::Memory, 0);
    let mut code = CodeSection::new();
    code.function(&get_all()).function(&get(image)).function(&realloc(image));
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), image.bytes.iter().copied());

    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code).section(&data);
    module
}

/// `() -> result`: the result lies in memory.
fn get_all() -> Function {
    let mut function = Function::new([]);
    function.instructions().i32_const(ALL).end();
    function
}

/// `(key, length) -> result`: goes through the pairs.
fn get(image: &Image) -> Function {
    const KEY: u32 = 0;
    const LENGTH: u32 = 1;
    const PAIR_AT: u32 = 2;
    const INDEX: u32 = 3;

    let word = |offset: u64| MemArg { offset, align: 2, memory_index: 0 };
    let byte = MemArg { offset: 0, align: 0, memory_index: 0 };
    let result = |code: &mut InstructionSink<'_>, offset: i32, value: &dyn Fn(&mut InstructionSink<'_>)| {
        code.i32_const(ONE + offset);
        value(code);
        code.i32_store(word(0));
    };
    let mut function = Function::new([(2, I32)]);
    let code = &mut function.instructions();
    // None, until it is found.
    result(code, 4, &|code| {
        code.i32_const(0);
    });
    code.i32_const(PAIRS).local_set(PAIR_AT);
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    // No pair left?
    code.local_get(PAIR_AT).i32_const(PAIRS + image.count * PAIR).i32_ge_u().br_if(1);
    code.block(BlockType::Empty);
    // Another length, another key.
    code.local_get(PAIR_AT).i32_load(word(4)).local_get(LENGTH).i32_ne().br_if(0);
    code.i32_const(0).local_set(INDEX);
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(INDEX).local_get(LENGTH).i32_eq().br_if(1);
    code.local_get(KEY).local_get(INDEX).i32_add().i32_load8_u(byte);
    code.local_get(PAIR_AT).i32_load(word(0)).local_get(INDEX).i32_add().i32_load8_u(byte);
    code.i32_ne().br_if(2);
    code.local_get(INDEX).i32_const(1).i32_add().local_set(INDEX);
    code.br(0).end().end();
    // All bytes are equal.
    result(code, 4, &|code| {
        code.i32_const(1);
    });
    result(code, 8, &|code| {
        code.local_get(PAIR_AT).i32_load(word(8));
    });
    result(code, 12, &|code| {
        code.local_get(PAIR_AT).i32_load(word(12));
    });
    code.br(2).end();
    code.local_get(PAIR_AT).i32_const(PAIR).i32_add().local_set(PAIR_AT);
    code.br(0).end().end();
    code.i32_const(ONE).end();
    function
}

/// `(old, old size, alignment, new size) -> address`: the only thing ever allocated is the argument of `get`, so its
/// place is always the same. The memory grows for one that is longer than what is left.
fn realloc(image: &Image) -> Function {
    const NEW_SIZE: u32 = 3;

    let mut function = Function::new([]);
    let code = &mut function.instructions();
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(NEW_SIZE).i64_extend_i32_u().i64_const(i64::from(image.argument)).i64_add();
    code.memory_size(0).i64_extend_i32_u().i64_const(16).i64_shl().i64_le_u().br_if(1);
    code.i32_const(1).memory_grow(0).i32_const(-1).i32_ne().br_if(0);
    code.unreachable().end().end();
    code.i32_const(image.argument).end();
    function
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_options_give_the_same_small_component() {
        let options =
            BTreeMap::from([("bucket".to_owned(), "default".to_owned()), ("empty".to_owned(), String::new())]);
        let baked = bake(&options);
        assert_eq!(baked, bake(&options));
        assert!(baked.len() < 800, "{} bytes", baked.len());
        wasmparser::Validator::new().validate_all(&baked).unwrap();
    }
}
