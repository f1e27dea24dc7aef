//! Changes the core modules of a component, at any depth, and leaves all else as it is.

use crate::shape::core_module::{CoreModule, Segment};
use anyhow::{Context, Error, Result, bail, ensure};
use wasm_encoder::{
    Component, ComponentSectionId, Function, RawSection,
    reencode::{self, Reencode, ReencodeComponent},
};
use wasmparser::{BinaryReader, FunctionBody, Operator, Parser, Validator, WasmFeatures};

/// Has all core modules of a component changed, in the order of the file.
pub fn each_module(component: &[u8], change: impl FnOnce(Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>>) -> Result<Vec<u8>> {
    let mut found = Vec::new();
    written(component, |module| {
        found.push(module.to_vec());
        Ok(module.to_vec())
    })?;
    let count = found.len();
    let changed = change(found)?;
    ensure!(changed.len() == count, "a core module is missing");
    let mut next = changed.into_iter();
    let written = written(component, |_| next.next().context("there are as many"))?;
    Validator::new_with_features(WasmFeatures::all()).validate_all(&written)?;
    Ok(written)
}

fn written(component: &[u8], each: impl FnMut(&[u8]) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let mut out = Component::new();
    let parsed = Modules(each).parse_component(&mut out, Parser::new(0), component);
    parsed.map_err(|error| Error::msg(error.to_string()))?;
    Ok(out.finish())
}

struct Modules<F>(F);

impl<F: FnMut(&[u8]) -> Result<Vec<u8>>> Reencode for Modules<F> {
    type Error = Error;
}

impl<F: FnMut(&[u8]) -> Result<Vec<u8>>> ReencodeComponent for Modules<F> {
    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _: Parser,
        module: &[u8],
    ) -> Result<(), reencode::Error<Error>> {
        let data = (self.0)(module).map_err(reencode::Error::UserError)?;
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: &data });
        Ok(())
    }
}

/// Gives the memory of each part the bytes that it has after the part's `start` function, which is all that runs when an
/// instance is made. An engine that runs a part beforehand would leave the same.
pub fn pre_initialised(modules: &mut [Vec<u8>]) -> Result<()> {
    let mut changed = 0;
    for at in 1..modules.len() {
        let bytes = modules[at].clone();
        // A part's main module stands behind its memory module.
        let Ok(mut main) = CoreModule::read(&bytes) else { continue };
        let Some(start) = main.start.filter(|_| main.memory.is_none()) else { continue };
        let own = usize::try_from(start - main.imported_functions())?;
        let copied = copies(&main, own)?;
        let mut empty = Function::new([]);
        empty.instructions().end();
        main.bodies[own] = empty.into_raw_body();
        (main.start, main.data) = (None, Vec::new());
        modules[at] = main.write();
        let bytes = modules[at - 1].clone();
        let mut memory = CoreModule::read(&bytes)?;
        // Its own segments are numbered, so these follow.
        memory.data.extend(copied);
        modules[at - 1] = memory.write();
        changed += 1;
    }
    ensure!(changed > 0, "no part copies data into its memory");
    Ok(())
}

/// Returns what a `start` function copies, as active segments.
fn copies(main: &CoreModule<'_>, start: usize) -> Result<Vec<Segment>> {
    let body = FunctionBody::new(BinaryReader::new(&main.bodies[start], 0)).get_operators_reader()?;
    let operators = body.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut segments = Vec::new();
    for four in operators.chunks(4) {
        match four {
            [
                Operator::I32Const { value: place },
                Operator::I32Const { value: 0 },
                Operator::I32Const { .. },
                Operator::MemoryInit { data_index, .. },
            ] => {
                let bytes = main.data[usize::try_from(*data_index)?].bytes.clone();
                segments.push(Segment { place: Some(*place), bytes });
            }
            [Operator::End] => {}
            _ => bail!("a `start` function does more than copy data"),
        }
    }
    Ok(segments)
}

/// Takes all options away but some. The others may be empty for an echo.
pub fn with_options(modules: &mut [Vec<u8>], kept: &[&str]) -> Result<()> {
    // Where the name is, how long it is, and the same of the value.
    const PAIR: usize = 16;
    let mut found = 0;
    for bytes in modules.iter_mut() {
        let before = bytes.clone();
        let Ok(mut module) = CoreModule::read(&before) else { continue };
        if module.exported("get-all").is_none() || module.memory.is_none() {
            continue;
        }
        let [number, options, ..] = &mut module.data[..] else { bail!("a memory module has options") };
        let word = |bytes: &[u8]| anyhow::Ok(usize::try_from(u32::from_le_bytes(bytes.try_into()?))?);
        let mut pairs = Vec::new();
        for pair in options.bytes.chunks(PAIR).take(word(&number.bytes)?) {
            let (place, length) = (word(&pair[..4])?, word(&pair[4..8])?);
            if kept.iter().any(|name| name.as_bytes() == &options.bytes[place..][..length]) {
                pairs.extend_from_slice(pair);
            }
        }
        number.bytes = u32::try_from(pairs.len() / PAIR)?.to_le_bytes().to_vec();
        options.bytes[..pairs.len()].copy_from_slice(&pairs);
        found += pairs.len() / PAIR;
        *bytes = module.write();
    }
    ensure!(found == kept.len(), "the parts have {found} of the options {kept:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{copies, each_module, pre_initialised};
    use crate::{root, shape::core_module::CoreModule};

    /// The prebuilt interceptor: a memory module, and a main module that copies its data.
    fn part() -> Vec<u8> {
        std::fs::read(root().join("adapters/messaging-over-http/interceptor.wasm")).unwrap()
    }

    #[test]
    fn modules_that_stay_leave_a_component_as_it_is() {
        assert_eq!(each_module(&part(), Ok).unwrap(), part());
    }

    #[test]
    fn the_memory_gets_what_start_copies() {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let changed = each_module(&part(), |mut modules| {
            before.clone_from(&modules);
            pre_initialised(&mut modules)?;
            after.clone_from(&modules);
            Ok(modules)
        });
        assert!(changed.unwrap().len() < part().len() + 64);
        let [_, main] = &before[..] else { panic!("{} modules", before.len()) };
        let main = CoreModule::read(main).unwrap();
        let own = usize::try_from(main.start.unwrap() - main.imported_functions()).unwrap();
        let [memory, rest] = [0, 1].map(|at| CoreModule::read(&after[at]).unwrap());
        assert!(rest.start.is_none() && rest.data.is_empty());
        let copied = copies(&main, own).unwrap();
        assert!(!copied.is_empty() && memory.data.ends_with(&copied), "{copied:?}");
    }

    #[test]
    fn a_component_without_parts_is_refused() {
        let guest = std::fs::read(root().join("fixtures/prebuilt/echo.wasm")).unwrap();
        let refused = each_module(&guest, |mut modules| {
            pre_initialised(&mut modules)?;
            Ok(modules)
        });
        assert_eq!(refused.unwrap_err().to_string(), "no part copies data into its memory");
    }
}
