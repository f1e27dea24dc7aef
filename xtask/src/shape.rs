//! The shape of a part: two core modules without a table. The first has the memory, the allocator, the destructors, and
//! the options; the second, the *main module*, is what the part's crate gives.
//!
//! A host that makes a fresh instance for each message pays for each module, memory, table and page of it each time.
//! `ARCHITECTURE.md` says what it pays.

mod component;
pub mod core_module;
mod dropped;
mod face;
pub mod layout;
mod memory_module;
mod passive;
pub mod sections;
mod wiring;

use anyhow::{Context, Result, ensure};
use component::{Modules, component};
use core_module::{CoreModule, Import};
use dropped::destroy_first;
use face::face;
use memory_module::{GET_ALL, MEMORY, Wants, memory_module};
use passive::make_passive;
use wasm_encoder::EntityType;
use wit_component::ComponentEncoder;

pub use memory_module::OPTIONS;

/// The interface that a part reads its options from.
pub const CONFIG: &str = "wasi:config/store@0.2.0-rc.1";

/// A main module as the optimiser takes it, and what was known of it before.
pub struct Linked {
    pub module: Vec<u8>,
    heap_base: i32,
    pages: u64,
}

/// Prepares a main module as it was linked: it imports its memory, and exports only what a component needs.
pub fn linked(bytes: &[u8]) -> Result<Linked> {
    let mut module = CoreModule::read(bytes)?;
    let heap_base = module.exported("__heap_base").and_then(|global| module.constant_global(global));
    let heap_base = heap_base.context("the main module says where its data ends")?;
    let memory = module.memory.take().context("the main module has a memory")?;
    ensure!(memory.maximum.is_none(), "the main module's memory cannot grow");
    module.imports.push(Import { module: MEMORY, name: MEMORY, ty: EntityType::Memory(memory) });
    module.exports.retain(|export| {
        export.name != MEMORY && !export.name.starts_with("__") && !export.name.starts_with("cabi_realloc")
    });
    Ok(Linked { module: module.write(), heap_base, pages: memory.minimum })
}

/// Where a part's options are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Options {
    /// In the part itself, in place of [`CONFIG`]; the composer puts them there.
    InPart,
    /// In an instance of [`CONFIG`], if the part reads options.
    Imported,
}

/// Makes a part's component. `main` is the main module after optimising, `linked` what it was before, and `memory` the
/// built crate `memory`.
pub fn shape(main: &[u8], linked: &Linked, memory: &[u8], options: Options) -> Result<Vec<u8>> {
    let mut module = CoreModule::read(main)?;
    let given: &[&str] = if options == Options::InPart { &[CONFIG] } else { &[] };
    if options == Options::InPart {
        let functions = module.imports.iter().filter(|import| import.module == CONFIG);
        ensure!(functions.clone().all(|import| import.name == GET_ALL), "a part reads its options by `{GET_ALL}`");
    }
    let encoded = ComponentEncoder::default().module(&face(&module, given)?)?.encode()?;
    make_passive(&mut module)?;
    let destructors = destroy_first(&mut module)?;
    module.custom.retain(|(name, _)| *name == "name");
    let wants = Wants {
        heap_base: linked.heap_base,
        pages: linked.pages,
        destructors: destructors.len(),
        options: options == Options::InPart,
    };
    let memory = memory_module(memory, &wants)?;
    component(&encoded, Modules { memory: &memory, main: &module.write(), given, destructors: &destructors })
}
