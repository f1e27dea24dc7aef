//! The face of a main module: what `wit-component` must see of it.

use super::{
    core_module::{CoreModule, Export},
    memory_module::{MEMORY, REALLOC},
};
use anyhow::{Context, Result};
use wasm_encoder::{EntityType, ExportKind, Function, MemoryType};
use wasmparser::ValType::I32;

/// Returns a module with the imports and exports of the main module, and with the memory and its allocator as exports.
/// Imports from `MEMORY` and from the modules `given` are left out. Its functions do nothing.
pub fn face(main: &CoreModule<'_>, given: &[&str]) -> Result<Vec<u8>> {
    let mut face = CoreModule::default();
    face.types.clone_from(&main.types);
    face.custom.clone_from(&main.custom);
    let kept = main.imports.iter().filter(|import| import.module != MEMORY && !given.contains(&import.module));
    face.imports.extend(kept.copied());
    face.memory = Some(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    face.exports.push(Export { name: MEMORY.to_owned(), kind: ExportKind::Memory, index: 0 });
    let imported = face.imports.iter().filter(|import| matches!(import.ty, EntityType::Function(_))).count();
    for export in main.exports.iter().filter(|export| export.kind == ExportKind::Func) {
        let ty = main.function_type(export.index).context("an exported function has a type")?;
        face.functions.push(ty);
        face.bodies.push(unreachable().into_raw_body());
        let index = u32::try_from(imported + face.functions.len() - 1)?;
        face.exports.push(Export { index, ..export.clone() });
    }
    let index = face.add(&[I32; 4], &[I32], unreachable());
    face.exports.push(Export { name: REALLOC.to_owned(), kind: ExportKind::Func, index });
    Ok(face.write())
}

fn unreachable() -> Function {
    let mut function = Function::new([]);
    function.instructions().unreachable().end();
    function
}
