//! Several guests at once: a folder, a pattern or a list of them, each composed into a file of its name in one folder.

use super::{
    error::{Failure, Usage},
    explain::Explained,
    graph::tree,
    io::{self, Stream},
    load,
    plug::Plug,
    progress::Progress,
    report::Line,
    style,
};
use crate::compose::{Composed, record::Guest, report::Report};
use anyhow::{Context, Result};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// The guests, and what becomes of them.
pub struct Batch<'a> {
    plug: &'a Plug,
    /// In the order of the arguments, those of one argument sorted.
    guests: Vec<PathBuf>,
}

/// Why a batch is not begun, or not all of it was composed.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A folder has no guests.
    #[error("no guest in `{0}`: it has no `*.wasm` and no `*.wat`")]
    EmptyFolder(String),
    /// A pattern matches nothing.
    #[error("no file matches `{0}`")]
    NoMatch(String),
    /// A pattern is none.
    #[error("`{pattern}` is not a pattern")]
    NoPattern {
        pattern: String,
        #[source]
        source: glob::PatternError,
    },
    /// Two guests would become the same file.
    #[error("`{first}` and `{second}` would both become `{output}`")]
    SameOutput { first: String, second: String, output: String },
    /// A guest would be overwritten.
    #[error("`{output}` would overwrite guest `{guest}`")]
    Overwrites { output: String, guest: String },
    /// Some could not be composed; the errors were told.
    #[error("{failed} of {total} guests could not be composed")]
    Failed { failed: usize, total: usize },
}

impl BatchError {
    /// The way out.
    pub fn hint(&self) -> String {
        match self {
            BatchError::EmptyFolder(_) => "has the build that fills it failed? Other files can be named by a pattern",
            BatchError::NoMatch(_) => "`*` and `?` stand for what has no `/`, `**` for any number of folders",
            BatchError::NoPattern { .. } => "`[*]`, `[?]` and `[[]` stand for these characters themselves",
            BatchError::SameOutput { .. } => "compose them into folders of their own, one after the other",
            BatchError::Overwrites { .. } => "pass another folder: `-o DIR`",
            BatchError::Failed { .. } => "the others are written; the errors are above, one a guest",
        }
        .to_owned()
    }
}

/// What is printed for programs.
#[derive(Serialize)]
struct Outcome<'a> {
    composed: Vec<Written<'a>>,
    failed: Vec<NotWritten<'a>>,
}

#[derive(Serialize)]
struct Written<'a> {
    output: &'a str,
    #[serde(flatten)]
    report: &'a Report,
}

#[derive(Serialize)]
struct NotWritten<'a> {
    guest: &'a str,
    #[serde(flatten)]
    failure: &'a Failure,
}

impl<'a> Batch<'a> {
    /// The batch that the arguments mean; none if they mean a single guest.
    pub fn of(plug: &'a Plug) -> Result<Option<Self>> {
        let is_several = |guest: &String| Path::new(guest).is_dir() || is_pattern(guest);
        if plug.guests.len() < 2
            && !plug.guests.iter().any(is_several)
            && !plug.output.ends_with(std::path::is_separator)
        {
            return Ok(None);
        }
        let mut guests = Vec::new();
        for guest in &plug.guests {
            guests.extend(expand(guest)?);
        }
        Ok(Some(Self { plug, guests }))
    }

    /// Composes them all, also if some fail.
    pub fn run(&self) -> Result<()> {
        let Plug { plan, json, verbosity, composition, .. } = self.plug;
        let explains = self.plug.explains();
        // What is wrong whatever the guest is, is told once.
        load::load(composition, Guest::new("", &[][..]), Path::new(""))?;
        let outputs = if *plan { vec![PathBuf::new(); self.guests.len()] } else { self.outputs()? };
        let mut progress = Progress::new(self.guests.len(), verbosity.quiet || *json || *plan);
        let (mut composed, mut failures) = (Vec::new(), Vec::new());
        for (guest, output) in self.guests.iter().zip(&outputs) {
            let (name, output) = (guest.display().to_string(), output.display().to_string());
            progress.begin(&guest.file_name().unwrap_or_default().to_string_lossy());
            match self.compose(guest, &output) {
                Ok(report) => {
                    let open = if explains { &report.open[..] } else { &[] };
                    let explained = Explained { heading: "left to the host", open };
                    progress.done(&format!("{}{explained}", Line { report: &report, output: &output }));
                    composed.push((output, report));
                }
                Err(error) => {
                    progress.done(&format!("`{name}` was not composed\n"));
                    failures.push((name, Failure::of(&error, explains)));
                }
            }
        }
        progress.end(&format!("composed {} of {} guests into `{}`\n", composed.len(), outputs.len(), self.plug.output));
        if *json {
            let composed = composed.iter().map(|(output, report)| Written { output, report }).collect();
            let failed = failures.iter().map(|(guest, failure)| NotWritten { guest, failure }).collect();
            style::print(&io::json("plug", &Outcome { composed, failed })?)?;
        } else {
            for (_, failure) in &failures {
                style::eprint(&format!("{failure}\n"));
            }
        }
        match failures.len() {
            0 => Ok(()),
            failed => Err(BatchError::Failed { failed, total: self.guests.len() }.into()),
        }
    }

    /// Composes one, and writes it or prints its plan.
    fn compose(&self, guest: &Path, output: &str) -> Result<Report> {
        let guest = Stream::File(guest.into());
        let bytes = guest.load()?;
        let Composed { component, report, picture, .. } =
            load::compose(&self.plug.composition, &guest.name(), &bytes, self.plug.verbosity)?;
        if self.plug.plan {
            let open = if self.plug.explains() { &report.open[..] } else { &[] };
            style::print(&format!("{}{}", tree(&picture), Explained { heading: "left to the host", open }))?;
        } else {
            Stream::from(output).write(&component)?;
        }
        Ok(report)
    }

    /// Where each goes. The folder is made, if nothing is against it.
    fn outputs(&self) -> Result<Vec<PathBuf>> {
        let folder = Path::new(&self.plug.output);
        if self.plug.output == "-" || folder.exists() && !folder.is_dir() {
            let message = match &*self.plug.output {
                "-" => "several guests are not composed into one stream".to_owned(),
                file => format!("several guests are not composed into one file, `{file}`"),
            };
            return Err(Usage { message, hint: "pass a folder: `-o DIR`".to_owned() }.into());
        }
        let mut taken: BTreeMap<PathBuf, &Path> = BTreeMap::new();
        let mut outputs = Vec::new();
        for guest in &self.guests {
            let mut output = folder.join(guest.file_name().unwrap_or_default());
            if output.extension() == Some(OsStr::new("wat")) {
                output.set_extension("wasm");
            }
            if let Some(first) = taken.insert(output.clone(), guest) {
                let [first, second, output] = [first, guest, &output].map(|path| path.display().to_string());
                return Err(BatchError::SameOutput { first, second, output }.into());
            }
            outputs.push(output);
        }
        if let Ok(folder) = folder.canonicalize() {
            let in_folder: Vec<_> =
                outputs.iter().map(|path| folder.join(path.file_name().unwrap_or_default())).collect();
            for guest in &self.guests {
                let real = guest.canonicalize().unwrap_or_default();
                if let Some(index) = in_folder.iter().position(|output| *output == real) {
                    let [output, guest] = [&outputs[index], guest].map(|path| path.display().to_string());
                    return Err(BatchError::Overwrites { output, guest }.into());
                }
            }
        }
        fs::create_dir_all(folder).with_context(|| format!("failed to make folder `{}`", folder.display()))?;
        Ok(outputs)
    }
}

/// Whether an argument is a pattern: a file that has such a name is that file.
fn is_pattern(guest: &str) -> bool {
    guest.contains(['*', '?', '[']) && !Path::new(guest).exists()
}

/// The guests that an argument means.
fn expand(guest: &str) -> Result<Vec<PathBuf>> {
    if guest == "-" {
        let message = "standard input is not one of several guests".to_owned();
        return Err(Usage { message, hint: "pass files, or standard input alone".to_owned() }.into());
    }
    let path = Path::new(guest);
    if path.is_dir() {
        return folder(path);
    }
    if !is_pattern(guest) {
        return Ok(vec![path.into()]);
    }
    let no_pattern = |source| BatchError::NoPattern { pattern: guest.to_owned(), source };
    let mut found = Vec::new();
    for path in glob::glob(guest).map_err(no_pattern)? {
        let path = path.with_context(|| format!("failed to read all that `{guest}` means"))?;
        if path.is_dir() {
            found.extend(folder(&path)?);
        } else {
            found.push(path);
        }
    }
    if found.is_empty() { Err(BatchError::NoMatch(guest.to_owned()).into()) } else { Ok(found) }
}

/// The guests in a folder, sorted.
fn folder(path: &Path) -> Result<Vec<PathBuf>> {
    let failed = || format!("failed to read `{}`", path.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(path).with_context(failed)? {
        let file = entry.with_context(failed)?.path();
        if file.extension().is_some_and(|end| end == "wasm" || end == "wat") && file.is_file() {
            found.push(file);
        }
    }
    found.sort();
    if found.is_empty() { Err(BatchError::EmptyFolder(path.display().to_string()).into()) } else { Ok(found) }
}
