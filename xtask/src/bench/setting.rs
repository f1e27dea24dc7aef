//! The setting of a run: the programs that are measured, those that measure, and how long it may take.

use super::process::output;
use crate::{guests, tools, workspace};
use anyhow::{Context, Result};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// All, with programs that are built for release.
    Full,
    /// Each table once, with the programs of the tests: it shows that the benches work.
    Small,
}

/// What measures, and is the same for all trees.
pub struct Instruments {
    /// The checkout that guests come from.
    pub root: PathBuf,
    /// wasmtime's command line.
    pub wasmtime: PathBuf,
    /// `msgcompose-bench`.
    pub bench: PathBuf,
    /// `msgcompose-bench-files`.
    pub files: PathBuf,
}

/// What is measured: the programs of one tree, and what they have composed.
pub struct Setting {
    /// How much is measured.
    pub effort: Effort,
    /// What measures.
    pub instruments: Rc<Instruments>,
    /// `msgcompose`.
    pub msgcompose: PathBuf,
    /// `msgcompose-host`.
    pub host: PathBuf,
    /// Where results go.
    pub folder: PathBuf,
}

impl Instruments {
    /// Builds or finds what measures, and copies it: what another tree builds must not take its place.
    pub fn new(root: &Path, effort: Effort, folder: &Path) -> Result<Self> {
        let root = root.to_owned();
        let built = match effort {
            Effort::Small => workspace::folder()?,
            Effort::Full => {
                engines(&root, &root.join("target"))?;
                root.join("target/release")
            }
        };
        let copied = |name: &str| copied(name, &built, folder);
        let (wasmtime, bench) = (copied("wasmtime")?, copied("msgcompose-bench")?);
        Ok(Self { root, wasmtime, bench, files: copied("msgcompose-bench-files")? })
    }
}

impl Setting {
    /// Builds or finds the programs of a tree, and copies them. The page cache treats a copy differently from a file that
    /// a linker wrote, and `cargo install` copies too.
    pub fn new(tree: &Path, instruments: &Rc<Instruments>, effort: Effort, folder: &Path) -> Result<Self> {
        let built = match effort {
            Effort::Small if tree == instruments.root => workspace::folder()?,
            Effort::Small => tree.join("target/debug"),
            Effort::Full => {
                // In the folder of this checkout, where all dependencies are built already.
                let target = instruments.root.join("target");
                engines(tree, &target)?;
                // Alone, as users build it.
                let mut build = workspace::clean_cargo();
                build.args(["build", "--release", "--locked", "--package", "msgcompose", "--target-dir"]).arg(&target);
                tools::run(build.current_dir(tree))?;
                target.join("release")
            }
        };
        let copied = |name: &str| copied(name, &built, folder);
        let (msgcompose, host) = (copied("msgcompose")?, copied("msgcompose-host")?);
        Ok(Self { effort, instruments: Rc::clone(instruments), msgcompose, host, folder: folder.to_owned() })
    }

    /// Returns whether each table is measured just once.
    pub fn is_small(&self) -> bool {
        self.effort == Effort::Small
    }

    /// Returns `full`, or `small` if little is measured.
    pub fn pick<T>(&self, full: T, small: T) -> T {
        if self.is_small() { small } else { full }
    }

    /// Returns the path of a committed guest.
    pub fn fixture(&self, name: &str) -> PathBuf {
        self.instruments.root.join("fixtures/prebuilt").join(name).with_extension("wasm")
    }

    /// Returns the path of a guest that is built into the cache.
    pub fn large(&self, name: &str) -> Result<PathBuf> {
        Ok(guests::get(&self.instruments.root)?.join(name))
    }

    /// Returns the path of a file among the results.
    pub fn result(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// Composes a guest, and returns the path of the result. `name` tells results apart.
    pub fn compose(&self, name: &str, verb: &str, guest: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<PathBuf> {
        let out = self.result(name).with_added_extension("wasm");
        output(Command::new(&self.msgcompose).arg(verb).arg(guest).args(arguments).arg("-o").arg(&out))?;
        Ok(out)
    }

    /// Returns a command of `msgcompose-bench`.
    pub fn bench(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.instruments.bench);
        command.arg(verb);
        command
    }
}

/// Copies a program, and returns the path of the copy.
fn copied(name: &str, from: &Path, to: &Path) -> Result<PathBuf> {
    fs::create_dir_all(to)?;
    let [from, to] = [from, to].map(|folder| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION));
    fs::copy(&from, &to).with_context(|| format!("there is no `{}`", from.display()))?;
    Ok(to)
}

/// Builds all that contains wasmtime, at once, so that wasmtime is built once with the features that all need.
fn engines(tree: &Path, target: &Path) -> Result<()> {
    let mut build = workspace::clean_cargo();
    build.args(["build", "--release", "--locked", "--bins", "--package", "wasmtime-command"]);
    build.args(["--package", "msgcompose-host"]);
    // An older tree does not have it.
    if tree.join("bench/Cargo.toml").is_file() {
        build.args(["--package", "msgcompose-bench"]);
    }
    tools::run(build.arg("--target-dir").arg(target).current_dir(tree))
}
