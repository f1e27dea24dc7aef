//! Checks the oldest Rust that the library is for, and the one that it is developed with.

use crate::root;
use serde_json::Value;
use std::{collections::BTreeSet, process::Command};

/// Parses a version into numbers; `1.88` becomes `1.88.0`.
fn version(text: &str) -> [u64; 3] {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

/// Returns the ids of all packages that are linked into `root`, including itself.
fn linked<'a>(metadata: &'a Value, root: &'a str) -> BTreeSet<&'a str> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let (mut found, mut open) = (BTreeSet::new(), vec![root]);
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let node = nodes.iter().find(|node| node["id"] == id).unwrap();
            let is_normal =
                |dep: &&Value| dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
            open.extend(
                node["deps"].as_array().unwrap().iter().filter(is_normal).map(|dep| dep["pkg"].as_str().unwrap()),
            );
        }
    }
    found
}

#[test]
fn the_library_declares_the_highest_rust_version_of_its_dependencies() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--offline", "--features", "msgcompose/sbom"]);
    let output = cargo.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let library = packages.iter().find(|package| package["name"] == "msgcompose").unwrap();

    let linked = linked(&metadata, library["id"].as_str().unwrap());
    let others = packages.iter().filter(|package| package["id"] != library["id"]);
    let versions = others.filter(|package| linked.contains(package["id"].as_str().unwrap())).filter_map(|package| {
        let needed = package["rust_version"].as_str()?;
        Some((version(needed), package["name"].as_str().unwrap()))
    });
    let (highest, by) = versions.max().unwrap();
    let declared = version(library["rust_version"].as_str().unwrap());
    assert_eq!(declared, highest, "`{by}` needs {highest:?}; Cargo.toml declares {declared:?} in `rust-version`");
}

#[test]
fn the_workflow_runs_on_the_toolchain_of_the_repository() {
    let toolchain: toml::Table = super::text("rust-toolchain.toml").parse().unwrap();
    let image = format!("container: rust:{}-", toolchain["toolchain"]["channel"].as_str().unwrap());
    assert!(super::text(".github/workflows/ci.yml").contains(&image), "no `{image}`");
}
