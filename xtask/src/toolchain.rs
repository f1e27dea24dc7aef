//! The compilers for wasm32 and the optimiser.

mod c;
mod rust;

use crate::{
    passive::passive,
    recipe::{Part, Recipe},
};
use anyhow::{Context, Result, bail, ensure};
use rust::Rust;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

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

    /// Builds one part in the folder `target`, and returns the core module.
    pub fn build(&self, recipe: &Recipe, part: &Part, target: &Path) -> Result<Vec<u8>> {
        let module = match (&part.package, &part.c[..]) {
            (Some(package), []) => self.rust.build(&recipe.workspace, target, package, part)?,
            (None, sources @ [_, ..]) => {
                fs::create_dir_all(target)?;
                c::build(&recipe.folder, sources, target.join(&part.file))?
            }
            _ => bail!("a part is built from a `package` or from `c`"),
        };
        let optimised = optimise(&module, part.debug)?;
        if recipe.has_passive_data { passive(&optimised) } else { Ok(optimised) }
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

/// Shrinks a core module, by about a seventh; `debug` keeps its names. It uses only the proposals that the compiler
/// uses.
fn optimise(module: &Path, debug: bool) -> Result<Vec<u8>> {
    let optimised = module.with_extension("opt.wasm");
    let status = Command::new("wasm-opt")
        .args(["-Oz", "--mvp-features", "--enable-bulk-memory", "--enable-multivalue", "--enable-mutable-globals"])
        .args(["--enable-nontrapping-float-to-int", "--enable-reference-types", "--enable-sign-ext"])
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
