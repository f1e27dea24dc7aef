//! C for wasm32: Debian's clang and WASI's C library. A component without input and output imports nothing from the
//! library.

use super::output;
use crate::lock::Entry;
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The clang version that the committed guests are built with.
const CLANG: &str = "clang-22";

/// The target by which Debian installs the library. A later clang has another name for it.
const TARGET: [&str; 2] = ["--target=wasm32-wasi", "-Wno-deprecated"];

/// Returns the compiler's version and a hash of the library, which has no version.
pub fn version() -> Result<String> {
    let clang = |args| {
        output(Path::new(CLANG), args)
            .context("on Debian, `apt-get install clang-22 lld-22 wasi-libc libclang-rt-22-dev-wasm32`")
    };
    let version = clang(&["--version"])?;
    let library = clang(&[TARGET[0], TARGET[1], "--print-file-name=libc.a"])?;
    let library = fs::read(&library).with_context(|| format!("failed to read `{library}`; install `wasi-libc`"))?;
    let (version, library) = (version.lines().next().unwrap_or_default(), Entry::of(&library).sha256);
    Ok(format!("{version}, libc {}", &library[..8]))
}

/// Builds one guest from `sources`, and returns the core module's path.
pub fn build(folder: &Path, sources: &[PathBuf], module: PathBuf) -> Result<PathBuf> {
    let status = Command::new(CLANG)
        .args(TARGET)
        .args(["-mexec-model=reactor", "-Oz", "-Wall", "-Wextra", "-Werror"])
        // A small stack, as for Rust.
        .args(["-Wl,-z,stack-size=16384", "-Wl,--strip-debug"])
        .args(sources)
        .arg("-o")
        .arg(&module)
        .current_dir(folder)
        .status()
        .with_context(|| format!("failed to run `{CLANG}`"))?;
    ensure!(status.success(), "`{}` does not build", sources[0].display());
    Ok(module)
}
