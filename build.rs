//! Builds the catalogue and the host profiles into the library. Each folder of `adapters/` with a manifest becomes an
//! adapter, and each file of `profiles/` a host profile.

use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo::rerun-if-changed=adapters");
    let adapters = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("adapters");
    // Static: of a constant, each unit of code that uses it has a copy.
    let mut table = String::from("static FOLDERS: &[Folder] = &[\n");
    for folder in entries(&adapters).into_iter().filter(|path| path.join("adapter.toml").exists()) {
        writeln!(table, "    Folder {{ name: {:?}, manifest: {:?}, files: &[", name(&folder), manifest(&folder))
            .expect("memory");
        for file in entries(&folder).into_iter().filter(|path| path.is_file()) {
            writeln!(table, "        ({:?}, include_bytes!({:?})),", name(&file), text(&file)).expect("memory");
        }
        table.push_str("    ] },\n");
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("catalogue.rs"), table).expect("OUT_DIR can be written");
    fs::write(out.join("profiles.rs"), profiles()).expect("OUT_DIR can be written");
}

/// Returns an adapter's manifest as JSON, because parsing JSON takes a third of the time.
fn manifest(folder: &Path) -> String {
    let file = folder.join("adapter.toml");
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("failed to read `{}`: {error}", file.display()));
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("`{}`: {error}", file.display()));
    serde_json::to_string(&table).expect("tables with names can be written as JSON")
}

/// Returns the source of the table of host profiles, by the names of their files.
fn profiles() -> String {
    println!("cargo::rerun-if-changed=profiles");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("profiles");
    let mut table = String::from("static PROFILES: &[(&str, &str)] = &[\n");
    for file in entries(&folder) {
        let stem = text(Path::new(file.file_stem().expect("an entry has a name")));
        writeln!(table, "    ({stem:?}, include_str!({:?})),", text(&file)).expect("memory");
    }
    table + "];\n"
}

/// Returns the paths in a folder. They are sorted, so that the same sources give the same binary.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("failed to read `{}`: {error}", folder.display()));
    let mut paths: Vec<_> = read.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> &str {
    text(Path::new(path.file_name().expect("an entry has a name")))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths are UTF-8")
}
