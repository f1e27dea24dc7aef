//! Refuses an output that would overwrite an input, also by way of links.

use super::{error::Result, io::Stream};
use crate::{
    adapters::catalogue,
    common::{
        ErrorKind,
        remedy::{Remedied, Remedy},
    },
    compose::record::{Composition, Paths},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files and folders that a command reads.
#[derive(Debug, Default)]
pub struct Inputs(Vec<Input>);

#[derive(Debug)]
struct Input {
    what: &'static str,
    path: PathBuf,
    /// None if there is nothing at the path. Reading it fails then.
    place: Option<Place>,
}

/// What a path leads to. Two paths of the same file have the same place.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    #[cfg(unix)]
    File {
        device: u64,
        inode: u64,
    },
    #[cfg(not(unix))]
    File(PathBuf),
    Folder(PathBuf),
}

impl Place {
    /// Returns none for what cannot be overwritten: nothing, a terminal, a pipe.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        if metadata.is_dir() {
            return Some(Self::Folder(fs::canonicalize(path).ok()?));
        }
        #[cfg(unix)]
        let file = {
            use std::os::unix::fs::MetadataExt;
            Self::File { device: metadata.dev(), inode: metadata.ino() }
        };
        #[cfg(not(unix))]
        let file = Self::File(fs::canonicalize(path).ok()?);
        metadata.is_file().then_some(file)
    }
}

/// An output would overwrite an input.
#[derive(Debug, thiserror::Error)]
enum Overwrites {
    #[error("`{output}` would overwrite {what} `{input}`")]
    File { output: String, what: &'static str, input: String },
    #[error("`{output}` would be in the folder of {what} `{input}`")]
    InFolder { output: String, what: &'static str, input: String },
}

impl Remedied for Overwrites {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    fn remedy(&self) -> Option<Remedy> {
        Some("choose another output: what is read stays as it is".into())
    }
}

impl Inputs {
    /// Returns what a composition around `guest` reads. Paths are relative to the current folder.
    pub fn of(guest: &Stream, composition: &Composition<Paths>) -> Self {
        let mut inputs = Self::default();
        inputs.add_stream("guest", guest);
        inputs.add_all(composition, Path::new(""));
        inputs
    }

    /// Adds an input.
    pub fn add(&mut self, what: &'static str, path: PathBuf) {
        let place = Place::of(&path);
        self.0.push(Input { what, path, place });
    }

    /// Adds what a stream reads.
    pub fn add_stream(&mut self, what: &'static str, stream: &Stream) {
        if let Stream::File(path) = stream {
            self.add(what, path.clone());
        }
    }

    /// Adds all that a composition reads except its guest. Paths are relative to `folder`.
    pub fn add_all(&mut self, composition: &Composition<Paths>, folder: &Path) {
        for adapter in composition.adapters.iter().filter(|adapter| catalogue::is_path(adapter)) {
            self.add("adapter", folder.join(adapter));
        }
        for handler in composition.handlers.iter().filter(|handler| handler.file != "-") {
            self.add("handler", folder.join(&handler.file));
        }
        if let Some(config) = &composition.config {
            self.add("configuration", folder.join(config));
        }
    }

    /// The same as [`Self::spare`]; standard output spares all.
    pub fn spare_stream(&self, output: &Stream) -> Result<()> {
        match output {
            Stream::Standard => Ok(()),
            Stream::File(path) => self.spare(path),
        }
    }

    /// Fails if writing to `output` would overwrite an input, or put a file into the folder of an adapter.
    pub fn spare(&self, output: &Path) -> Result<()> {
        let place = Place::of(output);
        // What is not there yet is in a folder that is.
        let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let within = fs::canonicalize(output).or_else(|_| fs::canonicalize(folder)).unwrap_or_default();
        for Input { what, path, place: input } in &self.0 {
            let names = || (output.display().to_string(), *what, path.display().to_string());
            match input {
                Some(Place::Folder(folder)) if within.starts_with(folder) => {
                    let (output, what, input) = names();
                    return Err(Overwrites::InFolder { output, what, input }.into());
                }
                Some(file @ Place::File { .. }) if place.as_ref() == Some(file) => {
                    let (output, what, input) = names();
                    return Err(Overwrites::File { output, what, input }.into());
                }
                _ => {}
            }
        }
        Ok(())
    }
}
