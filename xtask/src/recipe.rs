//! What is prebuilt, from what: `parts.toml` beside the sources, read into types.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A wasm workspace and the components that are built from it.
#[derive(Debug)]
pub struct Recipe {
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
    /// The crate that it is built from.
    pub package: String,
    /// The crate's features.
    #[serde(default)]
    pub features: Vec<String>,
    /// What it may import; all of it must be.
    pub imports: BTreeSet<String>,
    /// What it must export, and nothing else.
    pub exports: BTreeSet<String>,
}

/// The adapters' parts.
pub fn adapters(root: &Path) -> Result<Recipe> {
    Recipe::read(root, "adapters/crates", "adapters", vec!["adapters/crates", "wit"])
}

/// The fixture guests.
pub fn fixtures(root: &Path) -> Result<Recipe> {
    Recipe::read(
        root,
        "fixtures/guests/rust",
        "fixtures/prebuilt",
        vec!["adapters/crates/runtime", "fixtures/guests/rust", "wit"],
    )
}

impl Recipe {
    fn read(root: &Path, workspace: &str, output: &str, sources: Vec<&'static str>) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            part: Vec<Part>,
        }

        let file = root.join(workspace).join("parts.toml");
        let text = std::fs::read_to_string(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        let Parts { part: parts } = toml::from_str(&text).with_context(|| format!("in `{}`", file.display()))?;
        Ok(Self { workspace: root.join(workspace), output: root.join(output), sources, root: root.into(), parts })
    }
}
