//! Builds the prebuilt components, or checks that the committed ones match the sources.

use crate::{
    lock::{Entry, Lock, hash_sources},
    recipe::{Part, Recipe},
    shape::{
        OPTIONS,
        sections::{HEADER, id, sections},
        shape,
    },
    toolchain::{Memory, Toolchain},
    verify::{NAMES, verify},
};
use anyhow::{Context, Result, bail};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use wasm_encoder::{RawSection, Section};
use wasmparser::{BinaryReader, Parser};
use wit_component::ComponentEncoder;

/// Builds all components of `recipe`. With `check`, compares them with the committed ones and writes nothing.
pub fn run(recipe: &Recipe, check: bool) -> Result<()> {
    let toolchain = Toolchain::find(recipe)?;
    let sources = hash_sources(recipe)?;
    let built = build_all(&toolchain, recipe)?;
    let parts = built.iter().map(|(file, bytes)| (file.clone(), Entry::of(bytes))).collect();
    let lock = Lock { sources, compiler: toolchain.compiler, parts };
    if check { compare(recipe, &lock) } else { write(recipe, &lock, &built) }
}

/// Builds the parts on all cores. The result does not depend on which thread builds a part, or when.
fn build_all(toolchain: &Toolchain, recipe: &Recipe) -> Result<BTreeMap<String, Vec<u8>>> {
    let next = AtomicUsize::new(0);
    let folders = folders(&recipe.root.join("target"))?;
    let memory = recipe.is_shaped.then(|| toolchain.memory(recipe, &folders[0])).transpose()?;
    let work = |target: &Path, parts: usize| {
        let mut built = BTreeMap::new();
        for _ in 0..parts {
            let Some(part) = recipe.parts.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let builds = build(toolchain, recipe, part, target, memory.as_ref())
                .with_context(|| format!("while building `{}`", part.file))
                .inspect_err(|_| next.store(recipe.parts.len(), Ordering::Relaxed))?;
            for (file, bytes) in builds {
                println!("{:>8} bytes  {file}", bytes.len());
                built.insert(file, bytes);
            }
        }
        anyhow::Ok(built)
    };
    // Build one part first, because it also builds the dependencies of all others.
    let mut built = work(&folders[0], 1)?;
    for folder in folders[1..].iter().filter(|folder| !folder.exists()) {
        copy(&folders[0], folder)?;
    }
    thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = folders.iter().map(|folder| scope.spawn(move || work(folder, usize::MAX))).collect();
        for worker in workers {
            built.append(&mut worker.join().expect("a worker returns its errors")?);
        }
        Ok(built)
    })
}

/// Returns a target folder for each core, because cargo locks the folder in which it builds.
fn folders(target: &Path) -> Result<Vec<PathBuf>> {
    let cores = thread::available_parallelism()?.get();
    Ok((0..cores).map(|core| target.join("prebuilt").join(core.to_string())).collect())
}

/// Copies a target folder. It keeps the modification times, because cargo rebuilds files whose times have changed.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        let copied = to.join(entry.file_name().context("an entry has a name")?);
        if metadata.is_dir() {
            copy(&entry, &copied)?;
        } else {
            fs::copy(&entry, &copied)?;
            File::options().append(true).open(&copied)?.set_modified(metadata.modified()?)?;
        }
    }
    Ok(())
}

/// Builds a fixture, or all builds of a part, which has a memory module. Returns them by their files.
fn build(
    toolchain: &Toolchain,
    recipe: &Recipe,
    part: &Part,
    target: &Path,
    memory: Option<&Memory>,
) -> Result<Vec<(String, Vec<u8>)>> {
    let Some(memory) = memory else {
        let module = toolchain.fixture(recipe, part, target)?;
        let component = ComponentEncoder::default().module(&strip(&module, part.debug)?)?.encode()?;
        return Ok(vec![finish(part, &component)?]);
    };
    let (main, linked) = toolchain.main_module(recipe, part, target)?;
    let main = strip(&main, part.debug)?;
    let builds = part.builds().into_iter();
    builds.map(|(options, part)| finish(&part, &shape(&main, &linked, memory.of(part.debug), options)?)).collect()
}

fn finish(part: &Part, component: &[u8]) -> Result<(String, Vec<u8>)> {
    let component = strip(component, part.debug)?;
    verify(part, &component)?;
    Ok((part.file.clone(), component))
}

/// Removes all custom sections, also in nested modules and components; `debug` keeps names. A core module keeps the
/// section with the types of its future component.
fn strip(wasm: &[u8], debug: bool) -> Result<Vec<u8>> {
    let is_kept = |name: &str| name.starts_with("component-type") || name == OPTIONS || debug && NAMES.contains(&name);
    let mut stripped = wasm[..HEADER].to_vec();
    for (kind, data) in sections(wasm)? {
        if kind != id::CUSTOM || is_kept(BinaryReader::new(data, 0).read_string()?) {
            let nested = Parser::is_component(wasm) && [id::CORE_MODULE, id::COMPONENT].contains(&kind);
            let data = if nested { Cow::Owned(strip(data, debug)?) } else { Cow::Borrowed(data) };
            RawSection { id: kind, data: &data }.append_to(&mut stripped);
        }
    }
    Ok(stripped)
}

fn write(recipe: &Recipe, lock: &Lock, built: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for (file, bytes) in built {
        let path = recipe.output.join(file);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(&path, bytes).with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    lock.write(recipe)
}

/// Compares the bytes if the compiler is the recorded one; another compiler generates other code from the same sources.
fn compare(recipe: &Recipe, built: &Lock) -> Result<()> {
    let committed = Lock::read(recipe)?;
    if committed.sources != built.sources {
        bail!("the sources have changed since the committed components were built; run the same without `--check`");
    }
    if committed.compiler != built.compiler {
        println!(
            "built and verified with `{}`; the committed ones are from `{}`, so bytes were not compared",
            built.compiler, committed.compiler
        );
        return Ok(());
    }
    if committed.parts != built.parts {
        bail!(
            "the committed components are not what the sources give: committed {:#?}, built {:#?}",
            committed.parts,
            built.parts
        );
    }
    println!("all {} components are what their sources give, byte for byte", built.parts.len());
    Ok(())
}
