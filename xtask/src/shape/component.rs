//! The component of a part: what `wit-component` makes, without its shim.
//!
//! `wit-component` knows one module, which has the memory. Functions that are imported need that memory before the module
//! is there, so it puts a module of trampolines before it, the *shim*, with a table that another module fills afterwards.
//! Here the memory is in a module of its own, which is instantiated first. So the imported functions stand before the
//! main module, and it is given them themselves.

use super::{
    memory_module::{MEMORY, REALLOC, destructor},
    sections::{id, is_core, items, sections},
    wiring::Wiring,
};
use anyhow::Result;
use std::convert::Infallible;
use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component, ComponentAliasSection, ComponentTypeSection, ExportKind,
    InstanceSection, ModuleArg, RawSection,
    reencode::{self, Reencode, ReencodeComponent},
};
use wasmparser::{BinaryReader, CanonicalFunction, ComponentAlias, ExternalKind, Instance, SectionLimited};

/// The core modules of a part.
#[derive(Clone, Copy)]
pub struct Modules<'a> {
    pub memory: &'a [u8],
    pub main: &'a [u8],
    /// The names of modules that the main module imports from, and whose place the memory module takes.
    pub given: &'a [&'a str],
    /// The names of the main module's destructors, in the order of their numbers.
    pub destructors: &'a [String],
}

/// The memory module, its instance, and the main module, in their index spaces.
const MEMORY_MODULE: u32 = 0;
const MEMORY_INSTANCE: u32 = 0;
const MAIN_MODULE: u32 = 1;

/// Makes the part's component of the one that `wit-component` has made of its main module's face.
pub fn component(encoded: &[u8], modules: Modules<'_>) -> Result<Vec<u8>> {
    let mut rewriting = Rewriting {
        modules,
        wiring: Wiring::read(encoded, modules.destructors)?,
        out: Component::new(),
        functions: Vec::new(),
        written_functions: 0,
        instances: 0,
        begun: false,
        main: u32::MAX,
        waiting: Vec::new(),
    };
    for (kind, data) in sections(encoded)? {
        rewriting.section(kind, data)?;
    }
    Ok(rewriting.out.finish())
}

struct Rewriting<'a> {
    modules: Modules<'a>,
    wiring: Wiring<'a>,
    out: Component,
    /// For each core function of the read component: its index in the written one, if it is there by now.
    functions: Vec<Option<u32>>,
    written_functions: u32,
    /// The number of core instances read.
    instances: u32,
    /// Whether the modules are written.
    begun: bool,
    /// The index of the main module's instance in the written component, once it is there.
    main: u32,
    /// Instances that wait for the functions in them.
    waiting: Vec<(u32, Instance<'a>)>,
}

impl<'a> Rewriting<'a> {
    fn section(&mut self, kind: u8, data: &'a [u8]) -> Result<()> {
        match kind {
            // Names of what may be elsewhere now.
            id::CUSTOM => {}
            id::CORE_MODULE => self.core_module(),
            id::CORE_INSTANCE => {
                for instance in items(data)? {
                    self.core_instance(instance)?;
                }
            }
            id::ALIAS => {
                let mut aliases = ComponentAliasSection::new();
                for alias in items(data)? {
                    self.alias(alias, &mut aliases)?;
                }
                if !aliases.is_empty() {
                    self.out.section(&aliases);
                }
            }
            id::TYPE => {
                let mut types = ComponentTypeSection::new();
                self.parse_component_type_section(&mut types, SectionLimited::new(BinaryReader::new(data, 0))?)?;
                self.out.section(&types);
            }
            id::CANONICAL => {
                let mut canonical = CanonicalFunctionSection::new();
                for function in items::<CanonicalFunction>(data)? {
                    if is_core(&function) {
                        self.written();
                    }
                    self.parse_component_canonical(&mut canonical, function)?;
                }
                self.out.section(&canonical);
            }
            _ => {
                self.out.section(&RawSection { id: kind, data });
            }
        }
        Ok(())
    }

    /// The first module of the read component is the main one; the others are the shim and what fills its table.
    fn core_module(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            for module in [self.modules.memory, self.modules.main] {
                self.out.section(&RawSection { id: id::CORE_MODULE, data: module });
            }
            let mut instances = InstanceSection::new();
            instances.instantiate(MEMORY_MODULE, NO_ARGUMENTS);
            self.out.section(&instances);
        }
    }

    fn core_instance(&mut self, instance: Instance<'a>) -> Result<()> {
        let index = self.instances;
        self.instances += 1;
        if Some(index) == self.wiring.shim || Some(index) == self.wiring.actual {
            return Ok(());
        }
        if Some(index) != self.wiring.fixup {
            self.waiting.push((index, instance));
        }
        if index == self.wiring.fixup.unwrap_or(self.wiring.main) {
            self.instantiate_main()?;
        }
        Ok(())
    }

    /// All functions that the main module imports are there: writes what waits for them.
    fn instantiate_main(&mut self) -> Result<()> {
        let mut instances = InstanceSection::new();
        let mut written: Vec<(u32, u32)> = Vec::new();
        for (index, instance) in std::mem::take(&mut self.waiting) {
            let new = MEMORY_INSTANCE + 1 + instances.len();
            match instance {
                Instance::FromExports(exports) => {
                    let mut items = Vec::new();
                    for export in &exports {
                        let function = self.wiring.behind_shim(export.index);
                        items.push((export.name, ExportKind::Func, self.function_index(function)?));
                    }
                    instances.export_items(items);
                }
                Instance::Instantiate { args, .. } => {
                    let place = |of: u32| written.iter().find(|(old, _)| *old == of).map_or(u32::MAX, |(_, new)| *new);
                    let imports = args.iter().map(|arg| (arg.name, ModuleArg::Instance(place(arg.index))));
                    let given = std::iter::once(MEMORY).chain(self.modules.given.iter().copied());
                    let given = given.map(|name| (name, ModuleArg::Instance(MEMORY_INSTANCE)));
                    instances.instantiate(MAIN_MODULE, imports.chain(given).collect::<Vec<_>>());
                    self.main = new;
                }
            }
            written.push((index, new));
        }
        self.out.section(&instances);
        Ok(())
    }

    fn alias(&mut self, alias: ComponentAlias<'a>, aliases: &mut ComponentAliasSection) -> Result<()> {
        let ComponentAlias::CoreInstanceExport { kind, instance_index, name } = alias else {
            aliases.alias(self.component_alias(alias)?);
            return Ok(());
        };
        let of_memory = |name| Alias::CoreInstanceExport { instance: MEMORY_INSTANCE, kind: kind.into(), name };
        if kind == ExternalKind::Memory {
            aliases.alias(of_memory(MEMORY));
        } else if Some(instance_index) == self.wiring.shim {
            let function = u32::try_from(self.functions.len())?;
            match self.wiring.destructor(function) {
                Some(number) => {
                    aliases.alias(of_memory(&destructor(number)));
                    self.written();
                }
                None => self.functions.push(None),
            }
        } else if name == REALLOC {
            aliases.alias(of_memory(REALLOC));
            self.written();
        } else if self.wiring.destructors.iter().any(|destructor| destructor == name) {
            self.functions.push(None);
        } else {
            aliases.alias(Alias::CoreInstanceExport { instance: self.main, kind: kind.into(), name });
            self.written();
        }
        Ok(())
    }

    /// A core function that is read is written too.
    fn written(&mut self) {
        self.functions.push(Some(self.written_functions));
        self.written_functions += 1;
    }
}

const NO_ARGUMENTS: [(&str, ModuleArg); 0] = [];

impl Reencode for Rewriting<'_> {
    type Error = Infallible;

    /// A function that is not there gets an index that no component has.
    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Infallible>> {
        let index = usize::try_from(function).ok().and_then(|at| self.functions.get(at).copied().flatten());
        Ok(index.unwrap_or(u32::MAX))
    }
}

impl ReencodeComponent for Rewriting<'_> {}
