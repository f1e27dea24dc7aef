//! Runs cargo for the whole workspace with one set of features, so that nothing is built twice.

use crate::tools::run;
use anyhow::{Context, Result};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The environment variable that replaces the compiler for the workspace's own packages. `.ci/run` sets it to Clippy's
/// driver.
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// Returns the command `cargo VERB` for all packages, with the features of the tests.
pub fn cargo(root: &Path, verb: &str) -> Command {
    let mut cargo = clean_cargo();
    cargo.args([verb, "--workspace", "--locked", "--features", "msgcompose/sbom"]).current_dir(root);
    // Pass it as an argument: a test may call cargo with another compiler, which must not see the variable.
    if let Some(wrapper) = env::var_os(WRAPPER) {
        cargo.arg("--config").arg(format!("build.rustc-workspace-wrapper={:?}", wrapper.display().to_string()));
    }
    cargo
}

/// Returns the command `cargo`, without the compiler's replacement and the variables about this package that cargo sets
/// for its tests. Build scripts that watch such a variable, as `ring`'s does, would run again, and all that depends on
/// them would be built twice.
pub fn clean_cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.env_remove(WRAPPER);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Builds wasmtime's command line and returns its path.
pub fn wasmtime(root: &Path) -> Result<PathBuf> {
    // Cargo builds a package's program only for that package's own tests.
    run(cargo(root, "test").args(["--quiet", "--no-run", "--test", "wasmtime"]))?;
    Ok(folder()?.join("wasmtime").with_extension(env::consts::EXE_EXTENSION))
}

/// Returns the folder of unoptimised programs, including this one.
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
    fn what_cargo_tells_its_tests_stays_here() {
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some(), "cargo sets it for tests");
        let removed =
            |name: &str| cargo(Path::new("."), "test").get_envs().any(|variable| variable == (name.as_ref(), None));
        assert!(removed("CARGO_PKG_NAME") && removed("CARGO_MANIFEST_DIR"));
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
