//! Which file each path leads to.
//!
//! A path leads to the file that defines the item, through any number of re-exports. What cannot be found in a module, for
//! example because a macro makes it, counts as defined there. Paths into other crates lead nowhere.

use super::{
    paths::{Kind, Path},
    tree::{Name, Tree},
};
use std::collections::{BTreeMap, BTreeSet};

/// Re-exports lead through re-exports, but not without end.
const DEEPEST: usize = 32;

/// What leads from file to file, and paths that break a rule by themselves.
#[derive(Default)]
pub struct Edges {
    /// The names that the first file uses of the second.
    pub between: BTreeMap<(usize, usize), BTreeSet<String>>,
    /// Paths of the library that go through a re-export of its own `lib.rs`.
    pub through_the_face: BTreeSet<(usize, String)>,
    /// Imports of all names of a module.
    pub globs: BTreeSet<(usize, String)>,
    /// Paths of `main.rs` and its modules into the library.
    pub entries: BTreeSet<(usize, String)>,
}

/// Follows all paths of a package.
pub fn edges(tree: &Tree) -> Edges {
    let mut edges = Edges::default();
    for (index, module) in tree.modules.iter().enumerate() {
        for path in &module.paths {
            let mut search = Search { tree, found: BTreeSet::new(), face: false, module: false };
            search.look_up(index, path);
            let written = path.segments.join("::");
            for (file, name) in search.found {
                if file != module.file {
                    edges.between.entry((module.file, file)).or_default().insert(name);
                }
                if tree.files[file].in_library && !tree.files[module.file].in_library {
                    edges.entries.insert((module.file, written.clone()));
                }
            }
            if search.face && tree.files[module.file].in_library && module.parent.is_some() {
                edges.through_the_face.insert((module.file, written.clone()));
            }
            if path.kind == Kind::Glob && search.module {
                edges.globs.insert((module.file, written));
            }
        }
    }
    edges
}

struct Search<'a> {
    tree: &'a Tree,
    /// Files, and what is meant in each.
    found: BTreeSet<(usize, String)>,
    /// Whether it went through a re-export of `lib.rs`.
    face: bool,
    /// Whether it ended at a module.
    module: bool,
}

impl Search<'_> {
    fn look_up(&mut self, module: usize, path: &Path) {
        let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
        if let (Kind::Macro, [name]) = (path.kind, segments.as_slice())
            && !self.tree.modules[module].names.contains_key(*name)
        {
            return self.textual_macro(module, name);
        }
        self.relative(module, &segments, None, path.kind == Kind::Glob, 0);
    }

    /// A macro that is in scope because it is defined further up in the text.
    fn textual_macro(&mut self, module: usize, name: &str) {
        let mut place = Some(module);
        while let Some(module) = place {
            if let Some(file) = self.tree.modules[module].macros.get(name) {
                self.found.insert((*file, format!("{name}!")));
                return;
            }
            place = self.tree.modules[module].parent;
        }
    }

    /// Follows a path as it is written in a module; `import` is the name that it is imported as there.
    fn relative(&mut self, mut module: usize, segments: &[&str], import: Option<&str>, glob: bool, depth: usize) {
        let modules = &self.tree.modules;
        let (mut rest, mut explicit) = (segments, false);
        while let [first, after @ ..] = rest {
            module = match *first {
                "crate" => modules[module].root,
                "self" => module,
                "super" => modules[module].parent.unwrap_or(module),
                _ => break,
            };
            (rest, explicit) = (after, true);
        }
        if let ([first, after @ ..], Some(library), false) = (rest, self.tree.library, explicit)
            && *first == self.tree.library_name
            && modules[module].root != library
        {
            return self.walk(library, after, None, glob, depth);
        }
        let known = |name: &str| {
            let names = modules[module].names.get(name).into_iter().flatten();
            names.filter(|found| import != Some(name) || !matches!(found, Name::Import(_))).count() > 0
        };
        if explicit || rest.first().is_some_and(|first| known(first)) {
            self.walk(module, rest, import.filter(|_| !explicit), glob, depth);
        }
    }

    /// Follows what is left of a path in a module.
    fn walk(&mut self, module: usize, segments: &[&str], import: Option<&str>, glob: bool, depth: usize) {
        let here = &self.tree.modules[module];
        let [first, rest @ ..] = segments else {
            self.module = true;
            self.found.insert((here.file, here.name.clone()));
            if glob {
                self.everything(module, depth);
            }
            return;
        };
        let mut is_known = false;
        for name in here.names.get(*first).into_iter().flatten() {
            match name {
                Name::Item(file) => _ = self.found.insert((*file, (*first).to_owned())),
                Name::Module(child) => self.walk(*child, rest, None, glob, depth),
                Name::Import(_) if import == Some(*first) => continue,
                Name::Import(path) if depth < DEEPEST => {
                    self.face |= self.tree.library == Some(module);
                    let path: Vec<&str> = path.iter().map(String::as_str).chain(rest.iter().copied()).collect();
                    self.relative(module, &path, Some(first), glob, depth + 1);
                }
                Name::Import(_) => {}
            }
            is_known = true;
        }
        if !is_known && depth < DEEPEST {
            let before = self.found.len();
            for path in &here.globs {
                let path: Vec<&str> = path.iter().map(String::as_str).chain(segments.iter().copied()).collect();
                self.relative(module, &path, None, glob, depth + 1);
            }
            if self.found.len() == before {
                self.found.insert((here.file, (*first).to_owned()));
            }
        }
    }

    /// All that a glob import of a module could mean.
    fn everything(&mut self, module: usize, depth: usize) {
        if depth < DEEPEST {
            for name in self.tree.modules[module].names.keys() {
                self.walk(module, &[name], None, false, depth + 1);
            }
        }
    }
}
