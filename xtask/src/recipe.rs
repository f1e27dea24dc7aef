//! What is prebuilt, from what: `parts.toml` beside the sources, read into types.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Sources and the components that are built from them.
#[derive(Debug)]
pub struct Recipe {
    /// Where `parts.toml` is.
    pub folder: PathBuf,
    /// The cargo workspace.
    pub workspace: PathBuf,
    /// Where the components go, and `parts.lock` with them.
    pub output: PathBuf,
    /// All folders and files that the components are made from, relative to `root`.
    pub sources: Vec<&'static str>,
    /// The folder of this project.
    pub root: PathBuf,
    /// The components.
    pub parts: Vec<Part>,
}

/// One component.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Part {
    /// Its file, relative to the output folder.
    pub file: String,
    /// The crate that it is built from, if it is in Rust.
    pub package: Option<String>,
    /// The crate's features.
    #[serde(default)]
    pub features: Vec<String>,
    /// What it is built from, if it is in C: files beside `parts.toml`.
    #[serde(default)]
    pub c: Vec<PathBuf>,
    /// What it may import; all of it must be.
    pub imports: BTreeSet<String>,
    /// What it must export, and nothing else.
    pub exports: BTreeSet<String>,
}

/// The adapters' parts.
pub fn adapters(root: &Path) -> Result<Recipe> {
    Ok(Recipe {
        folder: root.join("adapters/crates"),
        workspace: root.join("adapters/crates"),
        output: root.join("adapters"),
        sources: vec!["adapters/crates", "wit"],
        root: root.into(),
        parts: read(&root.join("adapters/crates/parts.toml"))?,
    })
}

/// The fixture guests that are small enough to be committed.
pub fn fixtures(root: &Path) -> Result<Recipe> {
    Ok(Recipe {
        folder: root.join("fixtures/guests"),
        workspace: root.join("fixtures/guests/rust"),
        output: root.join("fixtures/prebuilt"),
        sources: vec!["adapters/crates/runtime", "fixtures/guests/c", "fixtures/guests/rust", "wit"],
        root: root.into(),
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
