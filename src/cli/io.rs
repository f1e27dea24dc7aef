//! Reads and writes files, standard input and standard output.

use super::{
    error::{Context, Result, usage},
    file::{Readers, Writer, write_file},
};
use crate::{
    adapters::{adapter::Adapter, catalogue},
    common::{
        ErrorKind,
        printable::{printable, printable_json},
        remedy::{Remedied, Remedy},
    },
    compose::output::Output,
};
use memmap2::MmapMut;
use serde::Serialize;
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    io::{self, IsTerminal, Read, Write},
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
    /// Returns the name for messages and the report: the file name without its folder, with what would not be seen in it
    /// escaped.
    pub fn name(&self) -> String {
        match self {
            Stream::Standard => "standard input".to_owned(),
            Stream::File(path) => {
                printable(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()).into_owned()
            }
        }
    }

    /// Reads all bytes.
    pub fn read(&self) -> Result<Vec<u8>> {
        match self {
            Stream::File(path) => read_file(path),
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

    /// Returns the name of a file that a folder may have for what was made of this.
    pub fn name_of_output(&self, ending: &str) -> String {
        match self {
            Stream::Standard => format!("out.{ending}"),
            Stream::File(path) => Stream::File(path.with_extension(ending)).name(),
        }
    }

    /// Refuses to write a file where a folder is. `name` is a name that the file may have in there.
    pub fn check_is_file(&self, name: &str) -> Result<()> {
        let Stream::File(path) = self else { return Ok(()) };
        let path = path.display().to_string();
        if Path::new(&path).is_dir() || path.ends_with(std::path::is_separator) {
            let file = Path::new(&path).join(name);
            return Err(usage(format!("`{path}` is a folder"), format!("name a file in it: `-o {}`", file.display())));
        }
        Ok(())
    }

    /// Refuses to write a component to a terminal, or where a folder is. `name` is a name that it may have in there.
    pub fn check_writable(&self, name: &str) -> Result<()> {
        self.check_is_file(name)?;
        if matches!(self, Stream::Standard) && io::stdout().is_terminal() {
            let hint = "pass `-o FILE`, or redirect standard output";
            return Err(usage("a component is not written to a terminal", hint));
        }
        Ok(())
    }

    /// Writes a component. A file is written completely or not at all.
    pub fn write(&self, component: &Output<'_>, readers: Readers) -> Result<()> {
        self.write_by(readers, &|to| component.write_to(to))
    }

    /// Writes bytes. A file is written completely or not at all.
    pub fn write_bytes(&self, bytes: &[u8], readers: Readers) -> Result<()> {
        self.write_by(readers, &|to| to.write_all(bytes))
    }

    fn write_by(&self, readers: Readers, write: &Writer<'_>) -> Result<()> {
        match self {
            Stream::Standard => {
                let mut stdout = io::stdout().lock();
                write(&mut stdout).and_then(|()| stdout.flush()).context("failed to write standard output")
            }
            Stream::File(path) => {
                write_file(path, readers, write).with_context(|| format!("failed to write `{}`", path.display()))
            }
        }
    }
}

/// A file is given by its address on a network.
#[derive(Debug, thiserror::Error)]
#[error("`{address}` is an address, and only files are read")]
struct Address {
    scheme: String,
    address: String,
}

impl Address {
    /// Returns the address that stands in a path, perhaps behind a folder.
    fn in_path(path: &Path) -> Option<Self> {
        let text = path.to_str()?;
        let (before, _) = text.split_once("://")?;
        let scheme = before.rsplit(['/', '\\']).next().filter(|scheme| !scheme.is_empty())?;
        let address = text[before.len() - scheme.len()..].to_owned();
        Some(Self { scheme: scheme.to_owned(), address })
    }
}

impl Remedied for Address {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    fn remedy(&self) -> Option<Remedy> {
        let Self { scheme, address } = self;
        let load = match &**scheme {
            "oci" => format!(", for example with `wkg oci pull {} -o FILE.wasm`", &address["oci://".len()..]),
            "http" | "https" => format!(", for example with `curl -Lo FILE.wasm {address}`"),
            _ => String::new(),
        };
        Some(format!("load it first{load}, and pass `./FILE.wasm`").into())
    }
}

/// Reads a file.
fn read_file(path: &Path) -> Result<Vec<u8>> {
    match (fs::read(path), Address::in_path(path)) {
        (Err(_), Some(address)) => Err(address.into()),
        (read, _) => read.with_context(|| format!("failed to read `{}`", path.display())),
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

/// Reads an adapter: a name from the catalogue, a folder with a manifest, or a component. A path is relative to
/// `folder`.
pub fn adapter(argument: &str, folder: &Path) -> Result<Adapter> {
    if !catalogue::is_path(argument) {
        return Ok(catalogue::get(argument)?);
    }
    let path = &*folder.join(argument);
    // Resolve a path like `.`, which has no file name.
    let full = if path.file_name().is_none() { fs::canonicalize(path).ok() } else { None };
    let name = full.as_deref().unwrap_or(path).file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let name = printable(&name);
    if !path.is_dir() {
        return Ok(Adapter::from_component(&name, Stream::File(path.into()).read()?));
    }
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path).with_context(|| format!("failed to read `{}`", path.display()))? {
        let file = entry?.path();
        if file.is_file() {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, Cow::Owned(read_file(&file)?));
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

    let json = serde_json::to_string_pretty(&Envelope { schema: 1, command, data })? + "\n";
    Ok(printable_json(&json).into_owned())
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
