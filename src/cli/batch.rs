//! Composes several guests: a folder, a pattern or a list. Each becomes a file of the same name in the output folder.

use super::{
    deliver::Delivery,
    error::{Context, Result, usage},
    explain::Explained,
    failure::{Failure, Telling},
    file::Readers,
    graph::tree,
    hint::Wording,
    io::{self, Stream},
    load,
    overwriting::Inputs,
    progress::Progress,
    report::{Line, Warnings},
    style,
};
use crate::{
    common::{
        DynError,
        printable::printable,
        remedy::{Remedied, Remedy},
    },
    compose::{
        Composed,
        record::{Composition, Guest, Paths},
        report::Report,
    },
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// A batch: the guests, and how to compose each.
pub struct Batch<'a> {
    /// The guests in the order of the arguments. Those of one argument are sorted.
    pub guests: Vec<PathBuf>,
    /// The adapters and options for each guest.
    pub composition: &'a Composition<Paths>,
    /// The output folder, and what is printed.
    pub delivery: &'a Delivery,
}

/// Why a batch does not start, or fails in part.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A folder has no guests.
    #[error("no guest in `{0}`: it has no `*.wasm` and no `*.wat`")]
    EmptyFolder(String),
    /// A pattern matches nothing.
    #[error("no file matches `{0}`")]
    NoMatch(String),
    /// A pattern is malformed.
    #[error("`{pattern}` is not a pattern")]
    NoPattern {
        pattern: String,
        #[source]
        source: DynError,
    },
    /// Two guests have the same output file.
    #[error("`{first}` and `{second}` would both become `{output}`")]
    SameOutput { first: String, second: String, output: String },
    /// Some guests could not be composed; their errors were printed.
    #[error("{failed} of {total} guests could not be composed")]
    Failed { failed: usize, total: usize },
}

impl Remedied for BatchError {
    fn remedy(&self) -> Option<Remedy> {
        let remedy = match self {
            BatchError::EmptyFolder(_) => "has the build that fills it failed? Other files can be named by a pattern",
            BatchError::NoMatch(_) => "`*` and `?` stand for what has no `/`, `**` for any number of folders",
            BatchError::NoPattern { .. } => "`[*]`, `[?]` and `[[]` stand for these characters themselves",
            BatchError::SameOutput { .. } => "compose them into folders of their own, one after the other",
            BatchError::Failed { .. } => "the others are written; the errors are above, one a guest",
        };
        Some(remedy.into())
    }
}

/// The JSON output.
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

/// Returns the guests that the arguments stand for, or `None` for a single guest.
pub fn guests(arguments: &[String], output: &str) -> Result<Option<Vec<PathBuf>>> {
    let is_several = |guest: &String| Path::new(guest).is_dir() || is_pattern(guest);
    if arguments.len() < 2 && !arguments.iter().any(is_several) && !output.ends_with(std::path::is_separator) {
        return Ok(None);
    }
    let mut guests = Vec::new();
    for guest in arguments {
        guests.extend(expand(guest)?);
    }
    Ok(Some(guests))
}

impl Batch<'_> {
    /// Composes all guests, even if some fail.
    pub fn run(&self) -> Result<()> {
        let Self { composition, delivery, .. } = self;
        let Delivery { plan, json, verbosity, .. } = delivery;
        // Fail early, and once, if the options or adapters are wrong for every guest.
        load::load(composition, Guest::new("", &[][..]), Path::new(""))?;
        let outputs = if *plan { vec![PathBuf::new(); self.guests.len()] } else { self.outputs()? };
        let mut progress = Progress::new(self.guests.len(), verbosity.quiet || *json || *plan);
        let (mut composed, mut failures) = (Vec::new(), Vec::new());
        for (guest, output) in self.guests.iter().zip(&outputs) {
            let (name, output) = (shown(guest), output.display().to_string());
            progress.begin(&guest.file_name().unwrap_or_default().to_string_lossy());
            match self.compose(guest, &output) {
                Ok(report) => {
                    let explained = Explained::left(&report, delivery.explains());
                    let line = Line { report: &report, output: &output };
                    progress.done(&format!("{line}{}{explained}", Warnings(&report)));
                    composed.push((output, report));
                }
                Err(error) => {
                    progress.done(&format!("`{name}` was not composed\n"));
                    let telling = Telling { explain: delivery.explains(), wording: Wording::Flags };
                    failures.push((name, Failure::of(&error, telling)));
                }
            }
        }
        progress.end(&format!("composed {} of {} guests into `{}`\n", composed.len(), outputs.len(), delivery.output));
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

    /// Composes one guest, and writes it or prints its plan.
    fn compose(&self, guest: &Path, output: &str) -> Result<Report> {
        let guest = Stream::File(guest.into());
        let bytes = guest.load()?;
        let Composed { component, report, picture, .. } =
            load::compose(self.composition, &guest.name(), &bytes, self.delivery.verbosity)?;
        if self.delivery.plan {
            style::print(&format!("{}{}", tree(&picture), Explained::left(&report, self.delivery.explains())))?;
        } else {
            Stream::from(output).write(&component, Readers::of(self.composition.bake_secrets))?;
        }
        Ok(report)
    }

    /// Returns the output file of each guest, and creates the folder.
    fn outputs(&self) -> Result<Vec<PathBuf>> {
        let output = &*self.delivery.output;
        let folder = Path::new(output);
        if output == "-" || folder.exists() && !folder.is_dir() {
            let message = match output {
                "-" => "several guests are not composed into one stream".to_owned(),
                file => format!("several guests are not composed into one file, `{file}`"),
            };
            return Err(usage(message, "pass a folder: `-o DIR`"));
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
        let mut inputs = Inputs::default();
        self.guests.iter().for_each(|guest| inputs.add("guest", guest.clone()));
        inputs.add_all(self.composition, Path::new(""));
        outputs.iter().try_for_each(|output| inputs.spare(output))?;
        fs::create_dir_all(folder).with_context(|| format!("failed to make folder `{}`", folder.display()))?;
        Ok(outputs)
    }
}

/// Returns a path as it is shown.
fn shown(path: &Path) -> String {
    printable(&path.display().to_string()).into_owned()
}

/// Returns whether an argument is a pattern. A file of exactly that name takes precedence.
fn is_pattern(guest: &str) -> bool {
    guest.contains(['*', '?', '[']) && !Path::new(guest).exists()
}

/// Returns the guests that an argument stands for.
fn expand(guest: &str) -> Result<Vec<PathBuf>> {
    if guest == "-" {
        return Err(usage("standard input is not one of several guests", "pass files, or standard input alone"));
    }
    let path = Path::new(guest);
    if path.is_dir() {
        return folder(path);
    }
    if !is_pattern(guest) {
        return Ok(vec![path.into()]);
    }
    let no_pattern =
        |error: glob::PatternError| BatchError::NoPattern { pattern: guest.to_owned(), source: error.into() };
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

/// Returns the guests in a folder, sorted.
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
