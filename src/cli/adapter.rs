//! `msgcompose adapter new`: writes a small adapter that works, as a start for your own.

mod template;

use super::{
    error::{Context, NoFolder, Result, usage},
    style,
};
use crate::{
    adapters::catalogue,
    common::remedy::{Remedied, Remedy},
};
use clap::{Args, Subcommand};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use template::{files, is_crate_name};

/// Write an adapter of your own
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a folder `log` with a small adapter, which `make -C log` builds
  msgcompose adapter new log

", super::exit_status!()))]
pub struct Adapter {
    #[command(subcommand)]
    errand: Errand,
}

#[derive(Debug, Subcommand)]
enum Errand {
    New(New),
}

/// Write a small adapter that works: its manifest, a part in Rust, and a Makefile
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a folder `log` with the adapter; `make` builds its part
  msgcompose adapter new log
  make -C log
  msgcompose plug guest.wasm --adapter ./log/ --set app=shop -o app.wasm

  # in another folder
  mkdir -p adapters
  msgcompose adapter new log --in adapters

", super::exit_status!()))]
struct New {
    /// The name of the adapter, its folder and its crate
    #[arg(value_name = "NAME")]
    name: String,
    /// The folder to create the adapter in
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// Why the adapter could not be written.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    /// There is something where it would be.
    #[error("`{0}` exists already")]
    Exists(String),
    /// It was to be put into a file.
    #[error("`{0}` is no folder")]
    InFile(String),
    /// It was to be put into a folder that is not there.
    #[error(transparent)]
    NoFolder(NoFolder),
    /// The system refuses.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Remedied for NotWritten {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Exists(path) => {
                Some(format!("choose another name, or remove `{path}` first: nothing is written over").into())
            }
            Self::InFile(_) | Self::System(_) => Some("choose a folder that you may write to with `--in DIR`".into()),
            Self::NoFolder(error) => error.remedy(),
        }
    }
}

impl Adapter {
    /// Writes the adapter.
    pub fn run(self) -> Result<()> {
        let Errand::New(new) = self.errand;
        new.run()
    }
}

impl New {
    fn run(&self) -> Result<()> {
        self.check_name()?;
        let target = self.folder.join(&self.name);
        // Print the path as it was given, without a leading `./`.
        let shown = if self.folder == Path::new(".") { &self.name } else { &target.display().to_string() };
        self.write(&target, shown).with_context(|| format!("failed to write the adapter `{shown}`"))?;
        style::eprint(&format!("wrote adapter `{}`\n", self.name));
        let files = files(&self.name);
        let width = files.iter().map(|file| file.path.len()).max().unwrap_or(0);
        for file in &files {
            style::eprint(&format!("  {:width$}  {}\n", file.path, file.about));
        }
        style::eprint(&format!(
            "next\n  make -C {shown}\n  msgcompose plug GUEST --adapter {shown}/ --set app=APP -o OUT\n"
        ));
        Ok(())
    }

    fn check_name(&self) -> Result<()> {
        let name = &self.name;
        if catalogue::names().any(|known| known == name) {
            let message = format!("`{name}` is an adapter that comes with msgcompose");
            return Err(usage(
                message,
                format!("choose another name; `msgcompose adapters {name}` describes that one"),
            ));
        }
        if !is_crate_name(name) {
            let hint = "begin with a letter, go on with letters, digits, `-` and `_`, and take no word that Rust has \
                        taken; for example `my-adapter`";
            return Err(usage(format!("`{name}` is no name for a crate"), hint));
        }
        Ok(())
    }

    /// Writes the adapter into a temporary folder and renames it, so that it exists completely or not at all.
    fn write(&self, target: &Path, shown: &str) -> Result<(), NotWritten> {
        let folder = || self.folder.display().to_string();
        if self.folder.exists() && !self.folder.is_dir() {
            return Err(NotWritten::InFile(folder()));
        }
        if !self.folder.exists() {
            return Err(NotWritten::NoFolder(NoFolder(folder())));
        }
        if target.symlink_metadata().is_ok() {
            return Err(NotWritten::Exists(shown.to_owned()));
        }
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let aside = builder.prefix(".msgcompose-").tempdir_in(&self.folder)?;
        for file in files(&self.name) {
            let path = aside.path().join(file.path);
            fs::create_dir_all(path.parent().unwrap_or(aside.path()))?;
            fs::write(path, file.text)?;
        }
        fs::rename(aside.path(), target)?;
        // The folder was renamed, so do not delete it.
        let _ = aside.keep();
        Ok(())
    }
}
