//! Cargo as it is called for the whole workspace: with one set of features, so that nothing is built twice.

use crate::tools::run;
use anyhow::{Context, Result};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// A compiler for the workspace's own packages. `.ci/run` sets it to Clippy's.
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// `cargo VERB`, for all packages and with the features of the tests.
pub fn cargo(root: &Path, verb: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args([verb, "--workspace", "--locked", "--features", "msgcompose/sbom"]).current_dir(root);
    // As an argument it does not reach the cargo of a test, which may call another compiler.
    if let Some(wrapper) = env::var_os(WRAPPER) {
        cargo.env_remove(WRAPPER);
        cargo.arg("--config").arg(format!("build.rustc-workspace-wrapper={:?}", wrapper.display().to_string()));
    }
    cargo
}

/// Builds wasmtime's command line; returns its place.
pub fn wasmtime(root: &Path) -> Result<PathBuf> {
    // A program of a package is built for the package's own tests only.
    run(cargo(root, "test").args(["--quiet", "--no-run", "--test", "wasmtime"]))?;
    Ok(folder()?.join("wasmtime").with_extension(env::consts::EXE_EXTENSION))
}

/// Builds a program of a package as its users have it; returns its place.
pub fn release(root: &Path, package: &str, program: &str) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--locked", "--package", package, "--bin", program]).current_dir(root);
    run(cargo.env_remove(WRAPPER))?;
    Ok(root.join("target/release").join(program).with_extension(env::consts::EXE_EXTENSION))
}

/// The folder of what is built without optimising, this program among it.
pub fn folder() -> Result<PathBuf> {
    let this = env::current_exe()?;
    let deps = this.parent().context("a program is in a folder")?;
    Ok(deps.parent().context("cargo builds tests into `deps`")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{cargo, folder};
    use std::path::Path;

    #[test]
    fn the_folder_is_that_of_the_profile() {
        assert!(folder().unwrap().join("deps").is_dir());
    }

    #[test]
    fn features_are_one_set() {
        let cargo = cargo(Path::new("."), "test");
        let arguments: Vec<_> = cargo.get_args().collect();
        assert_eq!(arguments[..5], ["test", "--workspace", "--locked", "--features", "msgcompose/sbom"]);
        for (file, text) in [
            ("the alias `xtask`", include_str!("../../.cargo/config.toml")),
            (".ci/run", include_str!("../../.ci/run")),
        ] {
            assert!(text.contains(" --workspace --features msgcompose/sbom "), "{file} builds with other features");
        }
    }
}
