//! `parts.lock`: the hashes of the committed components, of their sources and of the compiler.

use crate::recipe::Recipe;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The lock of one [`Recipe`].
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The hash of all sources.
    pub sources: String,
    /// The compiler's name and version.
    pub compiler: String,
    /// The components, by file.
    pub parts: BTreeMap<String, Entry>,
}

/// One component.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The SHA-256 hash, in hexadecimal digits.
    pub sha256: String,
    /// The size in bytes.
    pub size: u64,
}

impl Entry {
    /// Computes the entry of a component.
    pub fn of(bytes: &[u8]) -> Self {
        Self { sha256: hex(&Sha256::digest(bytes)), size: bytes.len() as u64 }
    }
}

impl Lock {
    /// Returns the path of a recipe's lock.
    pub fn path(recipe: &Recipe) -> PathBuf {
        recipe.output.join("parts.lock")
    }

    /// Reads the committed lock.
    pub fn read(recipe: &Recipe) -> Result<Self> {
        let path = Self::path(recipe);
        let text = fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in `{}`", path.display()))
    }

    /// Writes the lock.
    pub fn write(&self, recipe: &Recipe) -> Result<()> {
        let text = format!(
            "# Written by `cargo xtask`. `sources` is over the names and contents of all files in {}.\n{}",
            recipe.sources.join(", "),
            toml::to_string(self)?
        );
        Ok(fs::write(Self::path(recipe), text)?)
    }
}

/// Returns the hash of all sources of `recipe`.
pub fn hash_sources(recipe: &Recipe) -> Result<String> {
    hash_files(&recipe.root, &recipe.sources, &[])
}

/// Returns a hash of the names and contents of all files, sorted by name, and of `more`.
pub fn hash_files(root: &Path, sources: &[&str], more: &[u8]) -> Result<String> {
    let mut files = Vec::new();
    for source in sources {
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        // Hash the bytes unchanged: `.gitattributes` makes line ends the same everywhere.
        let content = fs::read(&file)?;
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
    }
    hash.update(more);
    Ok(hex(&hash.finalize()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.into());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("failed to read `{}`", path.display()))? {
        let path = entry?.path();
        if !path.ends_with("target") {
            collect(&path, files)?;
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
