//! Recipes of prebuilt components: reads `parts.toml`, which stands beside the sources.

use crate::shape::{self, Options};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Sources, and the components built from them.
#[derive(Debug)]
pub struct Recipe {
    /// The folder of `parts.toml`.
    pub folder: PathBuf,
    /// The cargo workspace.
    pub workspace: PathBuf,
    /// The folder of the components and of `parts.lock`.
    pub output: PathBuf,
    /// All folders and files that affect the components, relative to `root`.
    pub sources: Vec<&'static str>,
    /// The project's folder.
    pub root: PathBuf,
    /// Whether the components are parts of adapters, which get a [shape](crate::shape) of their own. Guests stay as their
    /// compiler makes them.
    pub is_shaped: bool,
    /// The components.
    pub parts: Vec<Part>,
}

/// One component.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Part {
    /// Its file, relative to the output folder.
    pub file: String,
    /// The crate, if the part is written in Rust.
    pub package: Option<String>,
    /// The crate's features.
    #[serde(default)]
    pub features: Vec<String>,
    /// The source files, beside `parts.toml`, if the part is written in C.
    #[serde(default)]
    pub c: Vec<PathBuf>,
    /// The imports that it must have, and no others.
    pub imports: BTreeSet<String>,
    /// The exports that it must have, and no others.
    pub exports: BTreeSet<String>,
    /// Whether it is a debug build, which keeps the names of functions.
    #[serde(skip)]
    pub debug: bool,
    /// The name in the part's own log messages.
    #[serde(skip)]
    pub name: String,
    /// Whether it is a part of an adapter that has a manifest, so that its options can be set at run time.
    #[serde(skip)]
    pub has_manifest: bool,
    /// What it is built for.
    #[serde(skip)]
    pub goal: Goal,
}

/// What a part is built for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Goal {
    /// Few bytes.
    #[default]
    Size,
    /// Speed: the crate has an `opt-level` of its own.
    Speed,
}

/// The feature of a part's crate that logs, and the imports that it adds.
const TRACE: &str = "trace";
const TRACE_IMPORTS: [&str; 3] = ["wasi:cli/stderr@0.2.0", "wasi:io/error@0.2.0", "wasi:io/streams@0.2.0"];

/// Returns the recipe of the adapters' parts, each with its debug build.
pub fn adapters(root: &Path) -> Result<Recipe> {
    let (crates, output) = (root.join("adapters/crates"), root.join("adapters"));
    let mut parts = Vec::new();
    let profiles = toml(&crates.join("Cargo.toml"))?["profile"]["release"]["package"].clone();
    for mut part in read(&crates.join("parts.toml"))? {
        part.has_manifest = manifest(&part, &output).is_some();
        if part.package.as_deref().is_some_and(|package| profiles.get(package).is_some()) {
            part.goal = Goal::Speed;
        }
        parts.extend([debug(&part, &crates, &output)?, part]);
    }
    Ok(Recipe {
        folder: crates.clone(),
        workspace: crates,
        output,
        sources: vec!["adapters/crates", "wit"],
        root: root.into(),
        is_shaped: true,
        parts,
    })
}

/// Returns the debug build of a part: `NAME.debug.wasm`, with names, and with tracing if its crate has that feature.
fn debug(part: &Part, crates: &Path, adapters: &Path) -> Result<Part> {
    let mut part = Part { debug: true, name: name(part, adapters)?, ..part.clone() };
    let package = part.package.as_deref().context("an adapter's part is built from a `package`")?;
    let manifest = toml(&crates.join(package).join("Cargo.toml"))?;
    if manifest.get("features").is_some_and(|features| features.get(TRACE).is_some()) {
        part.features.push(TRACE.to_owned());
        part.imports.extend(TRACE_IMPORTS.map(str::to_owned));
    }
    part.file = format!("{}.debug.wasm", part.file.trim_end_matches(".wasm"));
    Ok(part)
}

/// Returns a part's name as in reports. It is in the adapter's manifest, where one part may have several builds; other
/// parts are named like their files.
fn name(part: &Part, adapters: &Path) -> Result<String> {
    let file = part.file.trim_end_matches(".wasm");
    let (adapter, stem) = file.split_once('/').context("an adapter's part is in the adapter's folder")?;
    let Some(manifest) = manifest(part, adapters) else { return Ok(file.to_owned()) };
    let manifest = toml(&manifest)?;
    let names = manifest["part"].as_array().into_iter().flatten().filter_map(|part| part["name"].as_str());
    let name = names.filter(|name| stem.starts_with(name)).max_by_key(|name| name.len()).unwrap_or(stem);
    Ok(format!("{adapter}/{name}"))
}

/// Returns the manifest of a part's adapter, if there is one.
fn manifest(part: &Part, adapters: &Path) -> Option<PathBuf> {
    let manifest = adapters.join(&part.file).with_file_name("adapter.toml");
    manifest.exists().then_some(manifest)
}

fn toml(file: &Path) -> Result<toml::Table> {
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))?;
    text.parse().with_context(|| format!("in `{}`", file.display()))
}

impl Part {
    /// Returns the builds of an adapter's part that differ in where its options are, by their files. A part that reads
    /// options holds them. If they can be set at run time, it has a second build, which imports them.
    pub fn builds(&self) -> Vec<(Options, Self)> {
        // What exports options is a config layer, and holds none.
        if !self.imports.contains(shape::CONFIG) || self.exports.contains(shape::CONFIG) {
            return vec![(Options::Imported, self.clone())];
        }
        let mut holds = self.clone();
        holds.imports.remove(shape::CONFIG);
        let mut builds = vec![(Options::InPart, holds)];
        if self.has_manifest {
            let file = format!("{}.config.wasm", self.file.trim_end_matches(".wasm"));
            builds.push((Options::Imported, Self { file, ..self.clone() }));
        }
        builds
    }
}

/// Returns the recipe of the fixture guests that are small enough to be committed.
pub fn fixtures(root: &Path) -> Result<Recipe> {
    Ok(Recipe {
        folder: root.join("fixtures/guests"),
        workspace: root.join("fixtures/guests/rust"),
        output: root.join("fixtures/prebuilt"),
        sources: vec!["fixtures/guests/c", "fixtures/guests/rust", "wit"],
        root: root.into(),
        is_shaped: false,
        parts: read(&root.join("fixtures/guests/parts.toml"))?,
    })
}

fn read(file: &Path) -> Result<Vec<Part>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Parts {
        part: Vec<Part>,
    }

    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))?;
    let Parts { part } = toml::from_str(&text).with_context(|| format!("in `{}`", file.display()))?;
    Ok(part)
}
