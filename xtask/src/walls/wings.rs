//! The order of the wings of `src/`, and the rules for its `lib.rs` and `main.rs`.

use super::{
    Walls,
    tree::{LIBRARY, PROGRAM},
};

/// The folders of `src/`, lowest first. Each may use those before it, and must not use those after it.
pub const ORDER: [&str; 13] = [
    "common",
    "wasm",
    "types",
    "adapters",
    "uplift",
    "plan",
    "provenance",
    "hosts",
    "link",
    "picture",
    "compose",
    "project",
    "cli",
];

/// The files that belong to no wing, without `.rs`.
const FRONT: [&str; 2] = ["lib", "main"];

impl Walls {
    /// Returns the top folder that a file belongs to. Both `a.rs` and `a/b.rs` belong to `a`.
    pub fn wing(&self, file: usize) -> &str {
        let path = self.files[file].path.as_str();
        path.split_once('/').map_or(path.trim_end_matches(".rs"), |(folder, _)| folder)
    }

    /// Lists files in no wing of this order, and those that use a higher wing.
    pub fn against(&self, order: &[&str]) -> Vec<String> {
        let place = |file: usize| order.iter().position(|wing| *wing == self.wing(file));
        let inside = |file: &usize| !FRONT.contains(&self.wing(*file));
        let strays = (0..self.files.len()).filter(inside).filter(|file| place(*file).is_none());
        let strays = strays.map(|file| format!("{} is in no wing", self.files[file].path));
        let up = self.edges.between.keys().filter(|(from, to)| {
            matches!((place(*from), place(*to)), (Some(from), Some(to)) if from < to) || inside(from) && !inside(to)
        });
        let up = up.map(|(from, to)| format!("{} uses the higher {}", self.files[*from].path, self.used(*from, *to)));
        strays.chain(up).collect()
    }

    /// Lists violations of the fronts: in `lib.rs`, everything but documentation, `mod` and `pub use`; paths of the
    /// library through `lib.rs`; in `main.rs`, everything but the one entry.
    pub fn beyond_a_front(&self) -> Vec<String> {
        let library = self.files.iter().find(|file| file.path == LIBRARY);
        let beyond = library.into_iter().flat_map(|file| &file.beyond_a_face);
        let beyond = beyond.map(|item| format!("lib.rs has {item}: it is for documentation, `mod` and `pub use`"));
        let through = self.edges.through_the_face.iter();
        let through = through.map(|(file, path)| {
            format!("{}: `{path}` leads through lib.rs; name the module that defines it", self.files[*file].path)
        });
        let is_main = |file: usize| self.files[file].path == PROGRAM;
        let modules = self.files.iter().filter(|file| file.parent.is_some_and(is_main));
        let modules = modules.map(|file| format!("{} is a module of main.rs: move it into the library", file.path));
        let entries: Vec<_> = self.edges.entries.iter().filter(|(file, _)| is_main(*file)).collect();
        let entries = entries.iter().skip(1).map(|(_, path)| format!("main.rs: `{path}` is a second entry"));
        beyond.chain(through).chain(modules).chain(entries).collect()
    }
}
