//! Bakes the options of one adapter: a component that exports `wasi:config/store` and holds the values in its memory,
//! laid out as the canonical ABI returns them, so that reading all of them runs no code.

use crate::{error::DynError, interface::InterfaceId, skeleton::without_custom_sections};
use std::collections::BTreeMap;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection,
    InstructionSink, MemArg, MemorySection, MemoryType, Module, TypeSection, ValType::I32,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

mod layer;
mod rule;

pub use layer::{ConfigFrom, baked_interface};
pub use rule::rule;

/// The package of [`interface`], and the world of a baked configuration.
const WIT: &str = concat!(include_str!("../wit/config/config.wit"), "\nworld baked {\n  export store;\n}\n");

/// The interface that a baked configuration exports.
///
/// # Panics
///
/// Never: the name is one.
#[must_use]
pub fn interface() -> InterfaceId {
    "wasi:config/store@0.2.0-rc.1".parse().expect("a valid name")
}

/// The configuration cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be baked")]
pub struct BakeError(#[source] DynError);

/// A component with these options.
pub fn bake(options: &BTreeMap<String, String>) -> Result<Vec<u8>, BakeError> {
    encode(&mut module(&Image::of(options)).finish()).map_err(BakeError)
}

/// Makes a component of the core module.
fn encode(module: &mut Vec<u8>) -> Result<Vec<u8>, DynError> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("config.wit", WIT)?;
    let world = resolve.select_world(&[package], Some("baked"))?;
    embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().validate(false).module(module)?.encode()?;
    Ok(without_custom_sections(&component)?)
}

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
        // A configuration is far smaller than a memory.
        let size = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
        let count = size(options.len());
        let mut address = PAIRS + count * PAIR;
        let mut words = vec![0, PAIRS, count, 0, 0, 0, 0, 0];
        let strings = || options.iter().flat_map(|(key, value)| [key, value]);
        for string in strings() {
            words.extend([address, size(string.len())]);
            address += size(string.len());
        }
        let mut bytes: Vec<u8> = words.into_iter().flat_map(i32::to_le_bytes).collect();
        strings().for_each(|string| bytes.extend_from_slice(string.as_bytes()));
        Self { bytes, count, argument: (address + 7) & !7 }
    }
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
    let name = |function: &str| format!("{}#{function}", interface());
    exports
        .export(&name("get-all"), ExportKind::Func, 0)
        .export(&name("get"), ExportKind::Func, 1)
        .export("cabi_realloc", ExportKind::Func, 2)
        .export("memory", ExportKind::Memory, 0);
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
        let baked = bake(&options).unwrap();
        assert_eq!(baked, bake(&options).unwrap());
        assert!(baked.len() < 1200, "{} bytes", baked.len());
        wasmparser::Validator::new().validate_all(&baked).unwrap();
    }
}
