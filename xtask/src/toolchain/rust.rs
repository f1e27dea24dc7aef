//! Rust for wasm32, from Debian or rustup.

use super::output;
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

const TARGET: &str = "wasm32-unknown-unknown";

/// The path of the compiler in Debian's package `rustc-web`.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A crate to build.
pub struct Crate<'a> {
    pub package: &'a str,
    pub features: &'a [String],
    /// The name of the part in its own log messages.
    pub part: &'a str,
}

/// A usable compiler.
pub struct Rust {
    /// The compiler's name and version, and the origin of the standard library.
    pub version: String,
    rustc: PathBuf,
    cargo: PathBuf,
    build_std: bool,
    linker: Option<PathBuf>,
}

impl Rust {
    /// Finds the first compiler that can build for wasm32. Debian's comes first, because the committed parts are built
    /// with it.
    pub fn find() -> Result<Self> {
        Self::debian()?.map_or_else(Self::rustup, Ok)
    }

    fn debian() -> Result<Option<Self>> {
        let rustc = Path::new(DEBIAN_RUSTC);
        if !rustc.exists() {
            return Ok(None);
        }
        let sysroot = PathBuf::from(output(rustc, &["--print", "sysroot"])?);
        if !sysroot.join("lib/rustlib/src/rust/library/core").exists() {
            return Ok(None);
        }
        let linker = (19..30)
            .rev()
            .map(|version| PathBuf::from(format!("/usr/bin/wasm-ld-{version}")))
            .find(|linker| linker.exists());
        Ok(Some(Self {
            version: format!("{}, build-std", output(rustc, &["--version"])?),
            rustc: rustc.into(),
            cargo: "/usr/bin/cargo".into(),
            build_std: true,
            linker: Some(linker.context("found Debian's rustc, but no linker; install `lld-22`")?),
        }))
    }

    fn rustup() -> Result<Self> {
        let rustc = PathBuf::from("rustc");
        let libraries = output(&rustc, &["--print", "target-libdir", "--target", TARGET])?;
        if !Path::new(&libraries).exists() {
            bail!(
                "no compiler for {TARGET}: run `rustup target add {TARGET}`, \
                 or on Debian `apt-get install rustc-web cargo-web rust-web-src lld-22`"
            );
        }
        Ok(Self {
            version: output(&rustc, &["--version"])?,
            rustc,
            cargo: "cargo".into(),
            build_std: false,
            linker: None,
        })
    }

    /// Writes a script `cargo` to `place` that builds for wasm32 with this compiler and needs no more arguments than
    /// rustup's. For rustup's compiler it writes nothing.
    pub fn plain_cargo(&self, place: &Path) -> Result<()> {
        if !self.build_std {
            return match fs::remove_file(place) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        let linker = self.linker.as_ref().map_or(String::new(), |linker| {
            format!("export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER={}\n", linker.display())
        });
        let script = format!(
            "#!/bin/sh\n\
             unset RUSTUP_TOOLCHAIN RUSTC_WORKSPACE_WRAPPER CARGO RUSTFLAGS CARGO_ENCODED_RUSTFLAGS\n\
             export RUSTC={} RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort\n\
             {linker}exec {} \"$@\"\n",
            self.rustc.display(),
            self.cargo.display(),
        );
        // Write it elsewhere first, because an existing script may be running.
        let aside = place.with_extension("new");
        fs::write(&aside, script)?;
        #[cfg(unix)]
        fs::set_permissions(&aside, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(fs::rename(aside, place)?)
    }

    /// Builds one crate of a workspace, and returns the core module's path. `linker` has arguments for the linker.
    pub fn build(&self, workspace: &Path, target_dir: &Path, built: &Crate<'_>, linker: &[String]) -> Result<PathBuf> {
        let package = built.package;
        let mut flags = Vec::new();
        let mut cargo = Command::new(&self.cargo);
        cargo
            .args(["rustc", "--release", "--locked", "--lib", "--target", TARGET, "--package", package])
            .args(["--features", &built.features.join(",")])
            .arg("--target-dir")
            .arg(target_dir)
            .current_dir(workspace)
            .env("RUSTC", &self.rustc)
            .env("MSGCOMPOSE_PART", built.part)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("RUSTC_WORKSPACE_WRAPPER")
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO");
        if self.build_std {
            flags.extend(["-Zunstable-options".to_owned(), "-Cpanic=immediate-abort".to_owned()]);
            cargo
                .args(["-Zbuild-std=core,alloc", "-Zbuild-std-features=optimize_for_size"])
                .env("RUSTC_BOOTSTRAP", "1");
        }
        if let Some(linker) = &self.linker {
            flags.push(format!("-Clinker={}", linker.display()));
        }
        cargo.env("RUSTFLAGS", flags.join(" "));
        // For this crate alone, so that those it depends on are built once.
        cargo.arg("--").args(linker.iter().map(|argument| format!("-Clink-arg={argument}")));
        let status = cargo.status().with_context(|| format!("failed to run `{}`", self.cargo.display()))?;
        ensure!(status.success(), "`{package}` does not build");
        Ok(target_dir.join(TARGET).join("release").join(format!("{}.wasm", package.replace('-', "_"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Debian's compiler exists only on systems with `sh`.
    #[cfg(unix)]
    #[test]
    fn plain_cargo_is_there_where_rustup_s_would_not_do() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("cargo");
        let mut rust = Rust {
            version: String::new(),
            rustc: "the-rustc".into(),
            cargo: "/bin/echo".into(),
            build_std: true,
            linker: Some("the-linker".into()),
        };
        rust.plain_cargo(&place).unwrap();
        assert_eq!(output(&place, &["build", "two words"]).unwrap(), "build two words");
        let script = fs::read_to_string(&place).unwrap();
        assert!(script.contains("RUSTC=the-rustc ") && script.contains("_LINKER=the-linker\n"), "{script}");
        rust.build_std = false;
        rust.plain_cargo(&place).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        rust.plain_cargo(&place).unwrap();
    }
}
