//! The compilers for wasm32 and the optimiser.

mod c;
mod rust;

use crate::{
    recipe::{Goal, Part, Recipe},
    shape::{self, Linked},
};
use anyhow::{Context, Result, bail, ensure};
use rust::{Crate, Rust};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The proposals that the compilers use, and so the optimiser may.
pub const PROPOSALS: [&str; 7] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The tools that build the parts of a recipe.
pub struct Toolchain {
    /// The names and versions of the tools. With the sources, they determine the bytes of a component.
    pub compiler: String,
    rust: Rust,
}

impl Toolchain {
    /// Finds the installed tools. C is needed only for recipes with parts in C.
    pub fn find(recipe: &Recipe) -> Result<Self> {
        let rust = Rust::find()?;
        let mut compilers = vec![rust.version.clone()];
        if recipe.parts.iter().any(|part| !part.c.is_empty()) {
            compilers.push(c::version()?);
        }
        compilers.push(output(Path::new("wasm-opt"), &["--version"]).context("install `binaryen`")?);
        Ok(Self { compiler: compilers.join("; "), rust })
    }

    /// Builds one fixture in the folder `target`, and returns the core module.
    pub fn fixture(&self, recipe: &Recipe, part: &Part, target: &Path) -> Result<Vec<u8>> {
        let module = match (&part.package, &part.c[..]) {
            (Some(package), []) => {
                let built = Crate { package, features: &part.features, part: &part.name };
                // A small stack, so that a guest needs one memory page instead of seventeen.
                self.rust.build(&recipe.workspace, target, &built, &["-zstack-size=16384".to_owned()])?
            }
            (None, sources @ [_, ..]) => {
                fs::create_dir_all(target)?;
                c::build(&recipe.folder, sources, target.join(&part.file))?
            }
            _ => bail!("a part is built from a `package` or from `c`"),
        };
        optimise(&module, part.debug, Goal::Size)
    }

    /// Builds the memory module of all parts in the folder `target`: see [`crate::shape`].
    pub fn memory(&self, recipe: &Recipe, target: &Path) -> Result<Memory> {
        let built = Crate { package: "memory", features: &[], part: "" };
        let module = self.rust.build(&recipe.workspace, target, &built, &shape::layout::memory_module())?;
        let optimised = |debug| optimise(&module, debug, Goal::Size);
        Ok(Memory { release: optimised(false)?, debug: optimised(true)? })
    }

    /// Builds the main module of an adapter's part in the folder `target`. Returns it with what the linker knows of it.
    pub fn main_module(&self, recipe: &Recipe, part: &Part, target: &Path) -> Result<(Vec<u8>, Linked)> {
        let package = part.package.as_deref().context("an adapter's part is built from a `package`")?;
        let built = Crate { package, features: &part.features, part: &part.name };
        let module = self.rust.build(&recipe.workspace, target, &built, &shape::layout::main_module())?;
        let linked = shape::linked(&fs::read(&module)?)?;
        let trimmed = module.with_extension("linked.wasm");
        fs::write(&trimmed, &linked.module)?;
        Ok((optimise(&trimmed, part.debug, part.goal)?, linked))
    }
}

/// The memory module of all parts, and that of their debug builds.
pub struct Memory {
    release: Vec<u8>,
    debug: Vec<u8>,
}

impl Memory {
    /// Returns the one of a build.
    pub fn of(&self, debug: bool) -> &[u8] {
        if debug { &self.debug } else { &self.release }
    }
}

/// Returns a folder to put first in `PATH`. With it, a plain `cargo build --target wasm32-unknown-unknown` works with
/// either of the compilers.
pub fn plain_cargo(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/wasm-tools");
    fs::create_dir_all(&folder)?;
    Rust::find()?.plain_cargo(&folder.join("cargo"))?;
    Ok(folder)
}

/// Shrinks a core module, by about a seventh, or makes it faster; `debug` keeps its names. It uses only the proposals that
/// the compiler uses.
fn optimise(module: &Path, debug: bool, goal: Goal) -> Result<Vec<u8>> {
    let level = match goal {
        Goal::Size => "-Oz",
        Goal::Speed => "-O3",
    };
    let optimised = module.with_extension("opt.wasm");
    let status = Command::new("wasm-opt")
        .arg(level)
        .args(PROPOSALS)
        .args(debug.then_some("--debuginfo"))
        .arg("-o")
        .args([&optimised, module])
        .status()?;
    ensure!(status.success(), "`wasm-opt` refuses `{}`", module.display());
    std::fs::read(&optimised).with_context(|| format!("failed to read `{}`", optimised.display()))
}

fn output(program: &Path, args: &[&str]) -> Result<String> {
    let output =
        Command::new(program).args(args).output().with_context(|| format!("failed to run `{}`", program.display()))?;
    ensure!(output.status.success(), "`{} {}` failed", program.display(), args.join(" "));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
