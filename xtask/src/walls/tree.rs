//! The modules of a crate and the files they are in.
//!
//! Takes the root files of a package's source folder, follows every `mod`, and gives all modules outside `#[cfg(test)]`.
//! Does not look paths up: see [`super::resolve`].

use super::{attributes::is_test, paths::Path, syntax};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use syn::{Item, ItemMod};

/// The root of a library.
pub const LIBRARY: &str = "lib.rs";

/// The root of a program.
pub const PROGRAM: &str = "main.rs";

/// All modules of a package.
pub struct Tree {
    /// Source files, relative to the source folder.
    pub files: Vec<File>,
    /// Their modules.
    pub modules: Vec<Module>,
    /// The module of `lib.rs`, if there is one.
    pub library: Option<usize>,
    /// What the library is called in `use`.
    pub library_name: String,
}

/// A source file.
pub struct File {
    /// Its path, with `/`.
    pub path: String,
    /// The file that has its `mod`; none for a root.
    pub parent: Option<usize>,
    /// Whether it is part of the library, and not only of the program.
    pub in_library: bool,
    /// What is beside `mod` and `pub use` in it, outside inline modules.
    pub beyond_a_face: Vec<String>,
}

/// A module: that of a file, or an inline one.
pub struct Module {
    /// Its name, `crate` for a root.
    pub name: String,
    /// The file it is in.
    pub file: usize,
    /// The module that has its `mod`; none for a root.
    pub parent: Option<usize>,
    /// The root of its crate.
    pub root: usize,
    /// What its names stand for.
    pub names: BTreeMap<String, Vec<Name>>,
    /// What it imports by `*`.
    pub globs: Vec<Vec<String>>,
    /// Macros in its textual scope, by `macro_rules!` in it or `#[macro_use]`, and the file of each.
    pub macros: BTreeMap<String, usize>,
    /// The paths in it.
    pub paths: Vec<Path>,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Name {
    /// An item defined in this file.
    Item(usize),
    /// A child module.
    Module(usize),
    /// What this path leads to.
    Import(Vec<String>),
}

/// Reads source files: gives the text of one, none if there is no such file.
pub type Reader<'a> = &'a dyn Fn(&str) -> Result<Option<String>>;

impl Tree {
    /// Reads `lib.rs` and `main.rs`, those of them that there are, and all files below them.
    pub fn read(library_name: &str, reader: Reader) -> Result<Self> {
        let mut tree =
            Self { files: Vec::new(), modules: Vec::new(), library: None, library_name: library_name.to_owned() };
        for path in [LIBRARY, PROGRAM] {
            if let Some(text) = reader(path)? {
                let root = tree.add_file(path, &text, "crate", None, "", reader)?;
                if path == LIBRARY {
                    tree.library = Some(root);
                }
            }
        }
        ensure!(!tree.files.is_empty(), "there is no `lib.rs` and no `main.rs`");
        Ok(tree)
    }

    fn add_file(
        &mut self,
        path: &str,
        text: &str,
        name: &str,
        parent: Option<usize>,
        folder: &str,
        reader: Reader,
    ) -> Result<usize> {
        let parsed = syn::parse_file(text).with_context(|| format!("failed to parse `{path}`"))?;
        let file = self.files.len();
        let parent_file = parent.map(|parent| self.modules[parent].file);
        let in_library = parent_file.map_or(path == LIBRARY, |parent| self.files[parent].in_library);
        self.files.push(File { path: path.to_owned(), parent: parent_file, in_library, beyond_a_face: Vec::new() });
        let items = if is_test(&parsed.attrs) { &[][..] } else { &parsed.items };
        let (module, beyond_a_face) = self.add_module(items, name, file, parent, folder, reader)?;
        self.files[file].beyond_a_face = beyond_a_face;
        Ok(module)
    }

    /// Adds a module whose children are in `folder`, with these.
    fn add_module(
        &mut self,
        items: &[Item],
        name: &str,
        file: usize,
        parent: Option<usize>,
        folder: &str,
        reader: Reader,
    ) -> Result<(usize, Vec<String>)> {
        let contents = syntax::read(items);
        let this = self.modules.len();
        let root = parent.map_or(this, |parent| self.modules[parent].root);
        let mut names: BTreeMap<String, Vec<Name>> = BTreeMap::new();
        for item in contents.items {
            names.entry(item).or_default().push(Name::Item(file));
        }
        for (name, paths) in contents.imports {
            names.entry(name).or_default().extend(paths.into_iter().map(Name::Import));
        }
        let macros = contents.macros.keys().map(|name| (name.clone(), file)).collect();
        let (globs, paths) = (contents.globs, contents.paths);
        self.modules.push(Module { name: name.to_owned(), file, parent, root, names, globs, macros, paths });
        for (name, _) in contents.macros.into_iter().filter(|(_, exported)| *exported) {
            self.modules[root].names.entry(name).or_default().push(Name::Item(file));
        }
        for child in contents.children {
            let module = self.add_child(child, this, folder, reader)?;
            let name = self.modules[module].name.clone();
            self.modules[this].names.entry(name).or_default().push(Name::Module(module));
            if child.attrs.iter().any(|attribute| attribute.path().is_ident("macro_use")) {
                let macros = self.modules[module].macros.clone();
                self.modules[this].macros.extend(macros);
            }
        }
        Ok((this, contents.beyond_a_face))
    }

    fn add_child(&mut self, child: &ItemMod, parent: usize, folder: &str, reader: Reader) -> Result<usize> {
        let name = child.ident.to_string().trim_start_matches("r#").to_owned();
        let below = format!("{folder}{name}/");
        if let Some((_, items)) = &child.content {
            let file = self.modules[parent].file;
            return Ok(self.add_module(items, &name, file, Some(parent), &below, reader)?.0);
        }
        if child.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
            bail!("`#[path]` of `mod {name}` hides where its file is");
        }
        for path in [format!("{folder}{name}.rs"), format!("{below}mod.rs")] {
            if let Some(text) = reader(&path)? {
                return self.add_file(&path, &text, &name, Some(parent), &below, reader);
            }
        }
        bail!("neither `{folder}{name}.rs` nor `{below}mod.rs` is there")
    }
}
