//! `cargo xtask walls`: which file uses which, and where files use one another in a circle.
//!
//! Takes a source folder and gives its graph of files. A file uses another when a path in it, outside `#[cfg(test)]`, leads
//! to an item that the other defines. Re-exports are followed to the definition; see [`resolve`]. A call of a method is no
//! such path: the caller has the type from somewhere, and that counts.
//!
//! # What a circle is
//!
//! A parent and its own child module may use each other. The parent puts its children together, and it may own the types
//! that they share. So a file with child modules stands for two nodes:
//!
//! ```text
//!         whole        what everybody else uses, and what uses the children
//!        /  |  \
//!    child child child     siblings form no circle
//!        \  |  /
//!        shared        what the children use of their parent
//! ```
//!
//! - A child that uses its own parent uses `shared`.
//! - A parent that uses what is below it does so from `whole`.
//! - Whoever else uses the parent uses `whole`: nobody can see which of its items need the children.
//! - Whatever the parent uses elsewhere, it uses from `shared`: the children's types may need it.
//! - `whole` uses `shared`.
//!
//! A circle of files is a circle in this graph. Therefore:
//!
//! | `p.rs` has the child modules `p/a.rs` and `p/b.rs` | circle |
//! |---|---|
//! | `p` → `a` → `p` | no |
//! | `p` → `a` → `b` → `p` | no: `b` and `a` use what `p` shares, and `p` uses both |
//! | `a` → `b` → `a` | yes: siblings |
//! | `a` → `x` → `b` → `a`, where `x` is elsewhere | yes |
//! | `p` → `a` → `x` → `p` | yes: `x` is no child of `p` |
//! | `p` → `a` → `a/c.rs` → `p` | yes: `c` is not an own child of `p`, but of `a` |

mod attributes;
mod circles;
mod imports;
mod paths;
mod resolve;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;
pub mod wings;

use crate::root;
use anyhow::{Context, Result};
use circles::Circle;
use resolve::Edges;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use tree::{File, Tree};

/// A source folder, and which of its files use which.
pub struct Walls {
    files: Vec<File>,
    edges: Edges,
    circles: Vec<Circle>,
}

impl Walls {
    /// Reads a source folder: that of a package, beside its `Cargo.toml`.
    pub fn read(folder: &Path) -> Result<Self> {
        let manifest = folder.join("../Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(&manifest)
            .with_context(|| format!("failed to read `{}`", manifest.display()))?
            .parse()?;
        let name = manifest["package"]["name"].as_str().unwrap_or_default().replace('-', "_");
        Self::of(&name, &|path| {
            let path = folder.join(path);
            if !path.is_file() {
                return Ok(None);
            }
            Ok(Some(fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))?))
        })
        .with_context(|| format!("failed to read the sources in `{}`", folder.display()))
    }

    fn of(library: &str, reader: tree::Reader) -> Result<Self> {
        let tree = Tree::read(library, reader)?;
        let edges = resolve::edges(&tree);
        let circles = circles::find(&tree.files, &edges.between);
        Ok(Self { files: tree.files, edges, circles })
    }

    /// Lists the circles: their files, with what each uses of the next.
    pub fn circles(&self) -> Vec<String> {
        let circle = |Circle(files): &Circle| {
            let next = files.iter().cycle().skip(1);
            let steps = files.iter().zip(next).map(|(from, to)| self.used(*from, *to));
            [self.files[files[0]].path.clone()].into_iter().chain(steps).collect::<Vec<_>>().join(" → ")
        };
        self.circles.iter().map(circle).collect()
    }

    /// Lists imports of all names of a module, which hide what is used.
    pub fn globs(&self) -> Vec<String> {
        let globs = self.edges.globs.iter();
        globs.map(|(file, path)| format!("{}: `use {path}::*`; name what is used", self.files[*file].path)).collect()
    }

    /// A file, with the names that another uses of it.
    fn used(&self, from: usize, to: usize) -> String {
        let names = self.edges.between.get(&(from, to)).into_iter().flatten();
        let names: Vec<&str> = names.map(String::as_str).collect();
        format!("{} ({})", self.files[to].path, names.join(", "))
    }
}

/// Prints which files and wings of source folders use which, and what breaks the rules.
pub fn run(folders: &[PathBuf]) -> Result<()> {
    for folder in folders {
        let walls = Walls::read(folder)?;
        println!("{}: {} files", folder.display(), walls.files.len());
        println!("\nfiles");
        for (from, to) in walls.edges.between.keys() {
            println!("  {} → {}", walls.files[*from].path, walls.used(*from, *to));
        }
        println!("\nwings");
        let mut wings: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (from, to) in walls.edges.between.keys().filter(|(from, to)| walls.wing(*from) != walls.wing(*to)) {
            wings.entry(walls.wing(*from)).or_default().insert(walls.wing(*to));
        }
        for (from, to) in wings {
            println!("  {from} → {}", to.into_iter().collect::<Vec<_>>().join(", "));
        }
        let mut lists = vec![("imports by `*`", walls.globs()), ("circles", walls.circles())];
        if folder.canonicalize()? == root().join("src") {
            lists.push(("against the order of wings", walls.against(&wings::ORDER)));
            lists.push(("beyond a front", walls.beyond_a_front()));
        }
        for (what, list) in lists {
            println!("\n{what}: {}", list.len());
            for line in list {
                println!("  {line}");
            }
        }
    }
    Ok(())
}
