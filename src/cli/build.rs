use super::{
    error::{Context, Result, usage},
    file::Readers,
    graph,
    io::{self, Stream},
    load,
    overwriting::Inputs,
    report::{Duties, Line},
    style::{self, HEADING},
    verbosity::Verbosity,
};
use crate::{
    adapters::catalogue,
    common::printable::printable,
    compose::{record::Guest, report::Report},
    project::{
        self, Entry, Project,
        lock::{Lock, LockError, Locked},
    },
    wasm::hash::sha256,
};
use clap::Args;
use serde::Serialize;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Make the compositions of a project file
///
/// The project file is `msgcompose.toml` in this folder or in the nearest folder above. `msgcompose.lock` beside it
/// records the hashes of all inputs and outputs.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # all compositions of the project
  msgcompose build

  # one of them, with another value for a variable
  msgcompose build shop --var stage=live

  # in CI: refuse anything that differs from the committed lock
  msgcompose build --locked

", super::exit_status!()))]
pub struct Build {
    /// The compositions to make, together with those whose outputs they use; all by default
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The project file
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Set a variable of the project file; if one is set twice, the last value counts
    #[arg(short = 'D', long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
    /// Refuse anything that differs from the lock: guests, adapters, msgcompose or outputs
    #[arg(long)]
    locked: bool,
    /// Show which component serves which, on standard output, and write nothing
    #[arg(long, conflicts_with_all = ["json", "quiet"])]
    plan: bool,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Print the report as JSON, on standard output
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

fn variable(argument: &str) -> Result<(String, String), String> {
    let (name, value) = argument.split_once('=').ok_or("a variable is set by NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// The JSON output.
#[derive(Serialize)]
struct Outcome {
    compositions: Vec<Made>,
}

#[derive(Serialize)]
struct Made {
    name: String,
    output: String,
    #[serde(flatten)]
    report: Report,
    #[serde(skip)]
    locked: Locked,
}

impl Build {
    /// Makes all compositions, and stops at the first failure.
    pub fn run(self) -> Result<()> {
        let file = self.file.clone().map_or_else(find, Ok)?;
        let text = fs::read_to_string(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        let in_file = || format!("in `{}`", file.display());
        let project = Project::parse(&text, &self.variables.iter().cloned().collect()).with_context(in_file)?;
        let selected = project.selected(&self.names).with_context(in_file)?;
        let lock_file = file.with_extension("lock");
        if lock_file == file {
            let message = format!("`{}` would be its own lock", file.display());
            return Err(usage(message, "give the project file another ending"));
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        for (name, Entry { output, .. }) in &selected {
            let path = folder.join(output);
            if path == file || path == lock_file {
                let message = format!("the output of `{name}` is `{}`, which the project needs", path.display());
                return Err(usage(message, "give it another name"));
            }
        }
        if !self.plan {
            spare_inputs(&project, &selected, folder).with_context(in_file)?;
        }
        let lock = if self.locked { Some(read_lock(&lock_file, &project)?) } else { None };

        let mut builder =
            Builder { build: &self, folder, lock: lock.as_ref(), kept: BTreeMap::new(), held_back: Vec::new() };
        let needed: BTreeSet<&str> = selected.iter().filter_map(|(name, _)| project.made_of(name)).collect();
        let mut made = Vec::new();
        for (name, composition) in selected {
            let keep = needed.contains(name);
            let one = builder.make(name, composition, project.made_of(name), keep);
            made.push(one.with_context(|| format!("failed to build `{name}`"))?);
        }
        for file in std::mem::take(&mut builder.held_back) {
            let name = file.name;
            builder.write(&file).with_context(|| format!("failed to build `{name}`"))?;
        }
        if !self.locked && !self.plan {
            write_lock(&lock_file, &project, &made)?;
        }
        if self.json {
            style::print(&io::json("build", &Outcome { compositions: made })?)?;
        }
        Ok(())
    }
}

/// Fails if an output would overwrite an input, by way of links. Guests that are made here are ordered already.
fn spare_inputs(project: &Project, selected: &[(&str, &Entry)], folder: &Path) -> Result<()> {
    let mut inputs = Inputs::default();
    for (name, Entry { composition, .. }) in selected {
        inputs.add_all(composition, folder);
        if project.made_of(name).is_none() {
            inputs.add("guest", folder.join(&composition.guest));
        }
    }
    selected.iter().try_for_each(|(_, Entry { output, .. })| inputs.spare(&folder.join(output)))
}

/// Finds the project file in this folder or above.
fn find() -> Result<PathBuf> {
    let here = std::env::current_dir().context("there is no current folder")?;
    let mut folder = PathBuf::new();
    for _ in here.ancestors() {
        let file = folder.join(project::FILE);
        if file.is_file() {
            return Ok(file);
        }
        folder.push("..");
    }
    let message = format!("there is no `{}` in this folder, and in none above it", project::FILE);
    Err(usage(message, "write one (`docs/project-file.md` of msgcompose has an example), or pass `--file PATH`"))
}

/// Reads the lock that the build must match.
fn read_lock(path: &Path, project: &Project) -> Result<Lock> {
    let file = path.display().to_string();
    if !path.exists() {
        return Err(LockError::Missing { file }.into());
    }
    let text = fs::read_to_string(path).with_context(|| format!("failed to read `{file}`"))?;
    let lock = Lock::parse(&text).with_context(|| format!("in `{file}`"))?;
    lock.check_names(project.compositions.keys().map(String::as_str))?;
    Ok(lock)
}

/// Writes the lock. Compositions that were not made this time keep their entries, if the project still has them.
fn write_lock(path: &Path, project: &Project, made: &[Made]) -> Result<()> {
    let mut lock = Lock::default();
    let before = fs::read_to_string(path).unwrap_or_default();
    if made.len() < project.compositions.len() && !before.is_empty() {
        lock = Lock::parse(&before).with_context(|| format!("in `{}`", path.display()))?;
        lock.composition.retain(|name, _| project.compositions.contains_key(name));
    }
    lock.composition.extend(made.iter().map(|made| (made.name.clone(), made.locked.clone())));
    let text = lock.text();
    if text == before { Ok(()) } else { Stream::File(path.into()).write_bytes(text.as_bytes(), Readers::Usual) }
}

/// The state while compositions are made one after the other.
struct Builder<'a> {
    build: &'a Build,
    folder: &'a Path,
    lock: Option<&'a Lock>,
    /// Components that are the guest of a later composition, and who may read them.
    kept: BTreeMap<&'a str, (Vec<u8>, Readers)>,
    /// Files that are written only when all compositions are as locked.
    held_back: Vec<File<'a>>,
}

/// A composed component that is to be written, and what is told about it.
struct File<'a> {
    name: &'a str,
    path: PathBuf,
    component: Vec<u8>,
    readers: Readers,
    told: String,
}

impl<'a> Builder<'a> {
    /// Makes one composition. `made_of` is the composition whose output is the guest. `keep` keeps the output for later
    /// ones.
    fn make(&mut self, name: &'a str, entry: &Entry, made_of: Option<&str>, keep: bool) -> Result<Made> {
        let Entry { composition: paths, output, .. } = entry;
        let guest = Stream::File(self.folder.join(&paths.guest));
        let (bytes, mut readers) = match made_of.and_then(|made_of| self.kept.get(made_of)) {
            Some((bytes, readers)) => (Cow::Borrowed(&bytes[..]), *readers),
            None => (Cow::Owned(guest.read()?), Readers::Usual),
        };
        if paths.bake_secrets {
            readers = Readers::Owner;
        }
        let composition = load::load(paths, Guest::new(guest.name(), &bytes[..]), self.folder)?;
        let handlers = paths.handlers.iter().zip(&composition.handlers);
        let adapters = paths.adapters.iter().zip(&composition.adapters);
        let mut now = Locked {
            msgcompose: env!("CARGO_PKG_VERSION").to_owned(),
            guest: sha256(&bytes),
            output: String::new(),
            handlers: handlers.map(|(path, handler)| (path.file.clone(), sha256(&handler.file.bytes))).collect(),
            adapters: adapters.map(|(path, adapter)| (path.clone(), adapter.sha256())).collect(),
        };
        let lock = self.lock.and_then(|lock| lock.composition.get(name));
        if let Some(lock) = lock {
            lock.check_guest(name, &paths.guest, &now)?;
            lock.check_handlers(name, &now)?;
            // Adapters chosen for a host are compared after composing.
            if !paths.adapters.is_empty() {
                lock.check_adapters(name, &now)?;
            }
        }
        let composed = self.build.verbosity.stages(|stages| load::compose_loaded(composition, stages))?;
        if paths.adapters.is_empty() {
            for adapter in &composed.report.adapters {
                now.adapters.insert(adapter.clone(), catalogue::get(adapter)?.sha256());
            }
        }
        let component = composed.component.to_bytes();
        now.output = sha256(&component);
        if let Some(lock) = lock {
            lock.check_adapters(name, &now)?;
            lock.check_output(name, output, &now)?;
        }
        let output = self.folder.join(output);
        let (path, report) = (output.display().to_string(), composed.report);
        let tree = self.build.plan.then(|| graph::tree(&composed.picture));
        if keep {
            self.kept.insert(name, (component.clone(), readers));
        }
        if let Some(tree) = tree {
            style::print(&format!("{HEADING}{}{HEADING:#}\n{}", printable(name), indented(&tree)))?;
        } else {
            let line = Line { report: &report, output: &path };
            let told =
                format!("{HEADING}{}{HEADING:#}\n{}", printable(name), indented(&format!("{line}{}", Duties(&report))));
            let file = File { name, path: output, component, readers, told };
            if self.lock.is_some() {
                self.held_back.push(file);
            } else {
                self.write(&file)?;
            }
        }
        Ok(Made { name: name.to_owned(), output: path, report, locked: now })
    }

    /// Writes a component and tells about it.
    fn write(&self, File { path, component, readers, told, .. }: &File<'_>) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("failed to make folder `{}`", folder.display()))?;
        }
        Stream::File(path.clone()).write_bytes(component, *readers)?;
        if !self.build.verbosity.quiet && !self.build.json {
            style::eprint(told);
        }
        Ok(())
    }
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["  ", line, "\n"]).collect()
}
