//! Checks which source files may use which: the order of the wings, and no circles. [`crate::walls`] defines the rules.

use crate::{
    root,
    walls::{Walls, wings},
};
use std::{fs, path::Path};

/// Panics if a rule is broken, and lists where.
fn assert_none(what: &str, folder: &Path, broken: &[String]) {
    let (folder, list) = (folder.strip_prefix(root()).unwrap().display(), broken.join("\n  "));
    assert!(broken.is_empty(), "{what} in `{folder}` (`cargo xtask walls {folder}` shows who uses whom):\n  {list}");
}

/// Reads a source folder and checks that it has no circles and no glob imports.
fn read(folder: &Path) -> Walls {
    let walls = Walls::read(folder).unwrap();
    assert_none("files use one another in a circle", folder, &walls.circles());
    assert_none("an import hides what is used", folder, &walls.globs());
    walls
}

#[test]
fn no_files_use_one_another_in_a_circle() {
    let crates = fs::read_dir(root().join("adapters/crates")).unwrap().map(|entry| entry.unwrap().path().join("src"));
    let mut read_folders = 0;
    for folder in ["host/src", "simulator/src", "xtask/src"].map(|folder| root().join(folder)).into_iter().chain(crates)
    {
        if folder.is_dir() {
            read(&folder);
            read_folders += 1;
        }
    }
    assert!(read_folders > 10, "{read_folders}");
}

#[test]
fn a_lower_wing_knows_nothing_of_a_higher_one() {
    let folder = root().join("src");
    let walls = read(&folder);
    assert_none("a wing is used out of order", &folder, &walls.against(&wings::ORDER));
    assert_none("a front holds more than that", &folder, &walls.beyond_a_front());
    for wing in wings::ORDER {
        assert!(folder.join(wing).is_dir(), "`src/{wing}/` is in the order of wings, but not there");
    }
}
