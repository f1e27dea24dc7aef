//! How `wit-component` has wired the main module of a part.

use super::sections::{id, is_core, items, sections};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use wasmparser::{CanonicalFunction, ComponentAlias, ExternalKind, Instance};

/// Core instances and functions, by their indices.
#[derive(Debug, Default)]
pub struct Wiring<'a> {
    /// The instance of the main module, which is the first.
    pub main: u32,
    /// The instance of the shim, if functions need the memory before the main module has it.
    pub shim: Option<u32>,
    /// The instance whose exports are the functions behind the shim.
    pub actual: Option<u32>,
    /// The instance of the module that puts them into the shim's table.
    pub fixup: Option<u32>,
    /// The names of the main module's destructors, in the order of their numbers.
    pub destructors: &'a [String],
    /// Core functions that are exports of core instances.
    exported: BTreeMap<u32, (u32, &'a str)>,
    /// Core functions behind the shim's exports.
    behind: BTreeMap<&'a str, u32>,
}

impl<'a> Wiring<'a> {
    /// Reads a component that `wit-component` has made of one module.
    pub fn read(component: &'a [u8], destructors: &'a [String]) -> Result<Self> {
        let (mut wiring, mut instances, mut functions) = (Self { destructors, ..Self::default() }, Vec::new(), 0);
        for (kind, data) in sections(component)? {
            match kind {
                id::CORE_INSTANCE => instances.extend(items::<Instance<'a>>(data)?),
                id::ALIAS => {
                    for alias in items(data)? {
                        if let ComponentAlias::CoreInstanceExport { kind: ExternalKind::Func, instance_index, name } =
                            alias
                        {
                            wiring.exported.insert(functions, (instance_index, name));
                            functions += 1;
                        }
                    }
                }
                id::CANONICAL => {
                    let all = items::<CanonicalFunction>(data)?;
                    let core = all.iter().filter(|function| is_core(function));
                    functions += u32::try_from(core.count())?;
                }
                _ => {}
            }
        }
        wiring.instances(&instances)?;
        Ok(wiring)
    }

    fn instances(&mut self, instances: &[Instance<'a>]) -> Result<()> {
        let mut main = None;
        for (index, instance) in (0..).zip(instances) {
            let Instance::Instantiate { module_index, args } = instance else { continue };
            match (module_index, &args[..]) {
                (0, _) => main = Some(index),
                (_, []) => self.shim = Some(index),
                (_, args) => {
                    let shim = self.shim.context("a module without arguments comes first")?;
                    self.actual = args.iter().find(|arg| arg.index != shim).map(|arg| arg.index);
                    self.fixup = Some(index);
                }
            }
        }
        self.main = main.context("the main module is instantiated")?;
        let Some(actual) = self.actual else {
            ensure!(self.shim.is_none(), "a shim that nobody fills");
            return Ok(());
        };
        let Some(Instance::FromExports(exports)) = instances.get(usize::try_from(actual)?) else {
            bail!("what is behind the shim is no list of functions");
        };
        let functions = exports.iter().filter(|export| export.kind == ExternalKind::Func);
        self.behind = functions.map(|export| (export.name, export.index)).collect();
        Ok(())
    }

    /// The function itself, or the one behind it if it is one of the shim.
    pub fn behind_shim(&self, function: u32) -> u32 {
        let shim = self.exported.get(&function).filter(|(instance, _)| Some(*instance) == self.shim);
        shim.and_then(|(_, name)| self.behind.get(name)).map_or(function, |behind| *behind)
    }

    /// The number of the destructor that this function of the shim calls, if it calls one.
    pub fn destructor(&self, function: u32) -> Option<usize> {
        let (instance, name) = self.exported.get(&self.behind_shim(function))?;
        let number = self.destructors.iter().position(|destructor| destructor == name)?;
        (*instance == self.main).then_some(number)
    }
}
