//! Destructors of resources that a part exports.
//!
//! The component model names a destructor where it defines the type of the resource, and functions that are imported
//! for the type stand before the main module is instantiated. So the destructors are in the memory module. They cannot
//! call the main module: they put the resource on a list in the memory. Each function that the main module exports first
//! destroys what is on the list.

use super::{
    core_module::{CoreModule, code_start},
    layout::DROPPED,
};
use anyhow::{Context, Result};
use wasm_encoder::{BlockType, Function, MemArg, ValType};

/// The word in the name of a destructor.
const DESTRUCTOR: &str = "[dtor]";

/// Bytes of an entry of the list: the next entry, the representation, and the number of the destructor.
const ENTRY: i32 = 12;
const ALIGN: i32 = 4;
const NEXT: MemArg = word(0);
const REPRESENTATION: MemArg = word(4);
const NUMBER: MemArg = word(8);

const fn word(offset: u64) -> MemArg {
    MemArg { offset, align: 2, memory_index: 0 }
}

fn head() -> i32 {
    DROPPED.cast_signed()
}

/// Lets each function that the main module exports destroy first what was dropped. Its destructors are exported no more:
/// returns their names, in the order of their numbers.
pub fn destroy_first(main: &mut CoreModule<'_>) -> Result<Vec<String>> {
    let exports = main.exports.iter().filter(|export| export.name.contains(DESTRUCTOR));
    let names: Vec<_> = exports.map(|export| export.name.clone()).collect();
    if names.is_empty() {
        return Ok(names);
    }
    let functions: Vec<_> = names.iter().filter_map(|name| main.exported(name)).collect();
    let release = main.imported("memory", "release").context("a part with destructors releases memory")?;
    let destroy = main.add(&[], &[], destroying(&functions, release));
    main.exports.retain(|export| !export.name.contains(DESTRUCTOR));
    let mut entered: Vec<_> =
        main.exports.iter().filter(|export| is_entry(export)).map(|export| export.index).collect();
    entered.sort_unstable();
    entered.dedup();
    let mut first = Function::new([]);
    first.instructions().i32_const(head()).i32_load(word(0)).if_(BlockType::Empty).call(destroy).end();
    let first = first.into_raw_body();
    // Without the number of variables.
    let first = &first[1..];
    for function in entered {
        let own = function.checked_sub(main.imported_functions()).context("an import is exported")?;
        let body = &mut main.bodies[usize::try_from(own)?];
        let start = code_start(body)?;
        body.splice(start..start, first.iter().copied());
    }
    Ok(names)
}

/// Whether the export is a function that does a part's work. What is called only to free its result is none.
fn is_entry(export: &super::core_module::Export) -> bool {
    export.kind == wasm_encoder::ExportKind::Func && !export.name.starts_with("cabi_")
}

/// Takes entries from the list until it is empty. A destructor may drop resources itself.
fn destroying(destructors: &[u32], release: u32) -> Function {
    const AT: u32 = 0;
    const DROPPED_RESOURCE: u32 = 1;
    const WHICH: u32 = 2;

    let mut function = Function::new([(3, ValType::I32)]);
    let code = &mut function.instructions();
    code.loop_(BlockType::Empty);
    code.i32_const(head()).i32_load(word(0)).local_tee(AT).if_(BlockType::Empty);
    code.i32_const(head()).local_get(AT).i32_load(NEXT).i32_store(word(0));
    code.local_get(AT).i32_load(REPRESENTATION).local_set(DROPPED_RESOURCE);
    code.local_get(AT).i32_load(NUMBER).local_set(WHICH);
    code.local_get(AT).i32_const(ENTRY).i32_const(ALIGN).call(release);
    for (number, destructor) in (0..).zip(destructors) {
        code.local_get(WHICH).i32_const(number).i32_eq().if_(BlockType::Empty);
        code.local_get(DROPPED_RESOURCE).call(*destructor).end();
    }
    code.br(1).end().end().end();
    function
}

/// The destructor of this number in the memory module: `(representation)`.
pub fn putting_on_the_list(number: usize, allocate: u32) -> Function {
    const DROPPED_RESOURCE: u32 = 0;
    const AT: u32 = 1;

    let mut function = Function::new([(1, ValType::I32)]);
    let code = &mut function.instructions();
    code.i32_const(ENTRY).i32_const(ALIGN).call(allocate).local_tee(AT).i32_eqz();
    code.if_(BlockType::Empty).unreachable().end();
    code.local_get(AT).i32_const(head()).i32_load(word(0)).i32_store(NEXT);
    code.local_get(AT).local_get(DROPPED_RESOURCE).i32_store(REPRESENTATION);
    code.local_get(AT).i32_const(i32::try_from(number).expect("few destructors")).i32_store(NUMBER);
    code.i32_const(head()).local_get(AT).i32_store(word(0)).end();
    function
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = r#"(module
        (import "memory" "release" (func (param i32 i32 i32)))
        (import "memory" "memory" (memory 1))
        (func (export "work") (param i32) (result i32) (local i64) local.get 0)
        (func (export "cabi_post_work") (param i32))
        (func (export "a#[dtor]one") (param i32))
        (func (export "a#[dtor]two") (param i32)))"#;

    #[test]
    fn what_works_destroys_first() {
        let bytes = wat::parse_str(MAIN).unwrap();
        let mut main = CoreModule::read(&bytes).unwrap();
        let before = main.bodies.clone();
        assert_eq!(destroy_first(&mut main).unwrap(), ["a#[dtor]one", "a#[dtor]two"]);
        let names: Vec<_> = main.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(names, ["work", "cabi_post_work"]);
        assert!(main.bodies[0].len() > before[0].len(), "`work` destroys first");
        assert_eq!(main.bodies[1..4], before[1..]);
        wasmparser::Validator::new().validate_all(&main.write()).unwrap();
    }

    #[test]
    fn a_module_without_destructors_stays_as_it_is() {
        let bytes = wat::parse_str(r#"(module (func (export "work")))"#).unwrap();
        let mut main = CoreModule::read(&bytes).unwrap();
        let before = main.write();
        assert_eq!(destroy_first(&mut main).unwrap(), [""; 0]);
        assert_eq!(main.write(), before);
    }
}
