//! `msgcompose adapter new`: writes a small adapter that works, as a start for your own.

mod template;

use super::{
    error::{NoFolder, Usage},
    style,
};
use crate::adapters::catalogue;
use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};
use std::{
    fs,
    path::{Path, PathBuf},
};
use template::{files, is_crate_name};

/// Write an adapter of your own
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a folder `stamp` with a small adapter that works
  msgcompose adapter new stamp

", super::exit_status!()))]
pub struct Adapter {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(New),
}

/// Write a small adapter that works: its manifest, a part in Rust, and a Makefile
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a folder `stamp` with the adapter; `make` builds its part
  msgcompose adapter new stamp
  make -C stamp
  msgcompose plug guest.wasm --adapter ./stamp/ --set value=me -o app.wasm

  # in another folder
  msgcompose adapter new stamp --in adapters

", super::exit_status!()))]
struct New {
    /// The name of the adapter, its folder and its crate
    #[arg(value_name = "NAME")]
    name: String,
    /// The folder to create the adapter in
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// The target path exists already.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` exists already")]
pub struct Exists(String);

impl Exists {
    /// Returns what the user can do about it.
    pub fn hint(&self) -> String {
        format!("choose another name, or remove `{}` first: nothing is written over", self.0)
    }
}

/// Writing the adapter failed.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the adapter `{0}`")]
pub struct NotWritten(String);

impl NotWritten {
    /// What the user can do about it.
    pub const HINT: &str = "choose a folder that you may write to with `--in DIR`";
}

impl Adapter {
    /// Writes the adapter.
    pub fn run(self) -> Result<()> {
        let Command::New(new) = self.command;
        new.run()
    }
}

impl New {
    fn run(&self) -> Result<()> {
        self.check_name()?;
        let target = self.folder.join(&self.name);
        // Print the path as it was given, without a leading `./`.
        let shown = if self.folder == Path::new(".") { &self.name } else { &target.display().to_string() };
        self.write(&target, shown)?;
        style::eprint(&format!("wrote adapter `{}`\n", self.name));
        let files = files(&self.name);
        let width = files.iter().map(|file| file.path.len()).max().unwrap_or(0);
        for file in &files {
            style::eprint(&format!("  {:width$}  {}\n", file.path, file.about));
        }
        style::eprint(&format!(
            "next\n  make -C {shown}\n  msgcompose plug GUEST --adapter {shown}/ --set value=VALUE -o OUT\n"
        ));
        Ok(())
    }

    fn check_name(&self) -> Result<(), Usage> {
        let name = &self.name;
        if catalogue::names().any(|known| known == name) {
            return Err(Usage {
                message: format!("`{name}` is an adapter that comes with msgcompose"),
                hint: format!("choose another name; `msgcompose adapters {name}` describes that one"),
            });
        }
        if !is_crate_name(name) {
            return Err(Usage {
                message: format!("`{name}` is no name for a crate"),
                hint: "begin with a letter, go on with letters, digits, `-` and `_`, and take no word that Rust has \
                       taken; for example `my-adapter`"
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// Writes the adapter into a temporary folder and renames it, so that it exists completely or not at all.
    fn write(&self, target: &Path, shown: &str) -> Result<()> {
        let failed = || NotWritten(shown.to_owned());
        if self.folder.exists() && !self.folder.is_dir() {
            return Err(anyhow!("`{}` is no folder", self.folder.display())).with_context(failed);
        }
        if !self.folder.exists() {
            return Err(NoFolder(self.folder.display().to_string())).with_context(failed);
        }
        if target.symlink_metadata().is_ok() {
            return Err(Exists(shown.to_owned())).with_context(failed);
        }
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let aside = builder.prefix(".msgcompose-").tempdir_in(&self.folder).with_context(failed)?;
        for file in files(&self.name) {
            let path = aside.path().join(file.path);
            fs::create_dir_all(path.parent().unwrap_or(aside.path())).with_context(failed)?;
            fs::write(path, file.text).with_context(failed)?;
        }
        fs::rename(aside.path(), target).with_context(failed)?;
        // The folder was renamed, so do not delete it.
        let _ = aside.keep();
        Ok(())
    }
}
