//! Reads and writes files, standard input and standard output.

use super::error::{Context, NoFolder, Result, usage};
use crate::{
    adapters::{adapter::Adapter, catalogue},
    compose::output::Output,
};
use memmap2::MmapMut;
use serde::Serialize;
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    io::{self, BufWriter, IsTerminal, Read, Write},
    ops::DerefMut,
    path::{Path, PathBuf},
};

/// A file, or `-` for standard input or output.
#[derive(Debug, Clone)]
pub enum Stream {
    Standard,
    File(PathBuf),
}

impl From<&str> for Stream {
    fn from(argument: &str) -> Self {
        if argument == "-" { Stream::Standard } else { Stream::File(argument.into()) }
    }
}

impl Stream {
    /// Returns the name for messages and the report: the file name without its folder.
    pub fn name(&self) -> String {
        match self {
            Stream::Standard => "standard input".to_owned(),
            Stream::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        }
    }

    /// Reads all bytes.
    pub fn read(&self) -> Result<Vec<u8>> {
        match self {
            Stream::File(path) => fs::read(path).with_context(|| format!("failed to read `{}`", path.display())),
            Stream::Standard => {
                let mut bytes = Vec::new();
                io::stdin().lock().read_to_end(&mut bytes).context("failed to read standard input")?;
                Ok(bytes)
            }
        }
    }

    /// Reads all bytes; fast for large files.
    pub fn load(&self) -> Result<Content> {
        if let Stream::File(path) = self
            && let Ok(Some(content)) = read_large(path)
        {
            return Ok(Box::new(content));
        }
        Ok(Box::new(self.read()?))
    }

    /// Refuses to write a component to a terminal.
    pub fn check_writable(&self) -> Result<()> {
        if matches!(self, Stream::Standard) && io::stdout().is_terminal() {
            let hint = "pass `-o FILE`, or redirect standard output";
            return Err(usage("a component is not written to a terminal", hint));
        }
        Ok(())
    }

    /// Writes a component. A file is written completely or not at all.
    pub fn write(&self, component: &Output<'_>) -> Result<()> {
        self.write_by(&|to| component.write_to(to))
    }

    /// Writes bytes. A file is written completely or not at all.
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<()> {
        self.write_by(&|to| to.write_all(bytes))
    }

    fn write_by(&self, write: &Writer<'_>) -> Result<()> {
        match self {
            Stream::Standard => {
                let mut stdout = io::stdout().lock();
                write(&mut stdout).and_then(|()| stdout.flush()).context("failed to write standard output")
            }
            Stream::File(path) => {
                write_file(path, write).with_context(|| format!("failed to write `{}`", path.display()))
            }
        }
    }
}

/// The bytes of a file, in memory that may be changed.
pub type Content = Box<dyn DerefMut<Target = [u8]>>;

/// The smallest size of a large file, in bytes.
const LARGE: u64 = 2 << 20;

/// Reads a large file into page-aligned memory with huge pages: with small pages, page faults take most of the time.
/// Returns `None` if the file is small, or does not have the length that the system says.
fn read_large(path: &Path) -> io::Result<Option<MmapMut>> {
    let mut file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    let Ok(size) = usize::try_from(metadata.len()) else { return Ok(None) };
    if !metadata.is_file() || metadata.len() < LARGE {
        return Ok(None);
    }
    let mut pages = MmapMut::map_anon(size)?;
    #[cfg(target_os = "linux")]
    let _ = pages.advise(memmap2::Advice::HugePage);
    file.read_exact(&mut pages)?;
    let is_whole = file.read(&mut [0])? == 0;
    Ok(is_whole.then_some(pages))
}

/// A function that writes the whole content.
type Writer<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

/// Writes a file completely or not at all.
fn write_file(path: &Path, write: &Writer<'_>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(NoFolder(folder.display().to_string()).into());
    }
    // A device or pipe cannot be replaced by renaming.
    if fs::metadata(path).is_ok_and(|file| !file.is_file()) {
        return Ok(write(&mut fs::OpenOptions::new().write(true).open(path)?)?);
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".msgcompose-").tempfile_in(folder)?;
    let mut pieces = BufWriter::new(&mut file);
    write(&mut pieces)?;
    pieces.flush()?;
    drop(pieces);
    file.persist(path)?;
    Ok(())
}

/// Reads an adapter: a name from the catalogue, a folder with a manifest, or a component. A path is relative to
/// `folder`.
pub fn adapter(argument: &str, folder: &Path) -> Result<Adapter> {
    if !catalogue::is_path(argument) {
        return Ok(catalogue::get(argument)?);
    }
    let path = &*folder.join(argument);
    // Resolve a path like `.`, which has no file name.
    let full = if path.file_name().is_none() { fs::canonicalize(path).ok() } else { None };
    let name = full.as_deref().unwrap_or(path).file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    if !path.is_dir() {
        return Ok(Adapter::from_component(&name, Stream::File(path.into()).read()?));
    }
    let read = |path: &Path| fs::read(path).with_context(|| format!("failed to read `{}`", path.display()));
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path).with_context(|| format!("failed to read `{}`", path.display()))? {
        let file = entry?.path();
        if file.is_file() {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, Cow::Owned(read(&file)?));
        }
    }
    Ok(Adapter::from_files(&name, files)?)
}

/// Returns `data` as JSON in the format of `docs/json.md`.
pub fn json(command: &str, data: &impl Serialize) -> Result<String> {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        schema: u32,
        command: &'a str,
        #[serde(flatten)]
        data: &'a T,
    }

    Ok(serde_json::to_string_pretty(&Envelope { schema: 1, command, data })? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_what_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        for (size, is_large) in [(0, false), (5, false), (LARGE - 1, false), (LARGE, true), (3 * LARGE + 7, true)] {
            let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let path = folder.path().join(size.to_string());
            fs::write(&path, &bytes).unwrap();
            assert_eq!(read_large(&path).unwrap().is_some(), is_large, "{size}");
            let content = Stream::File(path).load().unwrap();
            assert!(**content == *bytes, "{size}");
        }
        let error = Stream::File(folder.path().join("none")).load().err().unwrap();
        assert!(error.messages().next().unwrap().starts_with("failed to read"), "{error:?}");
        assert!(Stream::File(folder.path().into()).load().is_err());
    }
}
