//! Checks of the repository itself that build nothing.

mod messages;
mod rust_version;
mod walls;

use crate::{
    lock::{Entry, Lock, hash_sources},
    recipe::{self, Part, Recipe},
    root, verify,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn recipes() -> [Recipe; 2] {
    [recipe::adapters(&root()).unwrap(), recipe::fixtures(&root()).unwrap()]
}

/// Returns all files below a folder, except build results.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns all components of a recipe: the parts, each with its other builds.
fn components(recipe: &Recipe) -> Vec<Part> {
    let parts = recipe.parts.iter();
    if recipe.is_shaped {
        parts.flat_map(Part::builds).map(|(_, part)| part).collect()
    } else {
        parts.cloned().collect()
    }
}

#[test]
fn committed_components_are_from_these_sources() {
    for recipe in recipes() {
        let lock = Lock::read(&recipe).unwrap();
        let what = recipe.output.file_name().unwrap().display().to_string();
        assert_eq!(
            lock.sources,
            hash_sources(&recipe).unwrap(),
            "the sources of `{what}` have changed: `cargo xtask adapters` and `cargo xtask fixtures` build them anew"
        );
        let listed: BTreeSet<String> = components(&recipe).into_iter().map(|part| part.file).collect();
        assert_eq!(
            lock.parts.keys().cloned().collect::<BTreeSet<_>>(),
            listed,
            "`parts.lock` and `parts.toml` of `{what}`"
        );
    }
}

#[test]
fn committed_components_are_those_of_the_lock_and_hold_nothing_unexpected() {
    for recipe in recipes() {
        let lock = Lock::read(&recipe).unwrap();
        for part in components(&recipe) {
            let bytes = fs::read(recipe.output.join(&part.file)).unwrap();
            assert_eq!(lock.parts[&part.file], Entry::of(&bytes), "{}", part.file);
            verify::verify(&part, &bytes).unwrap();
        }
    }
}

#[test]
fn every_committed_component_has_a_recipe() {
    let [adapters, fixtures] = recipes();
    let listed: BTreeSet<PathBuf> = [adapters, fixtures]
        .iter()
        .flat_map(|recipe| components(recipe).into_iter().map(|part| recipe.output.join(part.file)))
        .collect();
    let committed = ["adapters", "fixtures"].iter().flat_map(|folder| files(&root().join(folder)));
    let committed: BTreeSet<_> = committed.filter(|path| path.extension().is_some_and(|end| end == "wasm")).collect();
    assert_eq!(committed, listed);
}

#[test]
fn every_fixture_is_used_by_a_test() {
    let tests: String = ["tests", "host/tests"]
        .iter()
        .flat_map(|folder| files(&root().join(folder)))
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    for part in recipe::fixtures(&root()).unwrap().parts {
        let name = part.file.trim_end_matches(".wasm");
        assert!(tests.contains(&format!("\"{name}\"")), "no test uses `{name}`");
    }
}

#[test]
fn every_adapter_is_documented() {
    let (readme, adapters) = (text("README.md"), text("adapters/README.md"));
    for path in files(&root().join("adapters")) {
        if path.ends_with("adapter.toml") {
            let name = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
            assert!(readme.contains(name) && adapters.contains(name), "`{name}` is not in the READMEs");
            let manifest: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            for option in manifest.get("option").and_then(toml::Value::as_array).into_iter().flatten() {
                let option = option["name"].as_str().unwrap();
                assert!(adapters.contains(&format!("| `{option}` ")), "option `{option}` is not in adapters/README.md");
            }
        }
    }
}

#[test]
fn the_changelog_knows_this_version() {
    assert!(text("CHANGELOG.md").contains(&format!("## {}", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn links_in_documents_lead_somewhere() {
    for document in files(&root()).into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let leads = link.contains("://") || file.is_empty() || document.parent().unwrap().join(file).exists();
            assert!(leads, "`{link}` in `{}`", document.display());
        }
    }
}

/// Each entry of the glossary is a paragraph that begins with its terms.
#[test]
fn the_glossary_explains_each_term_once_and_readme_links_it() {
    let glossary = text("docs/glossary.md");
    let entries = glossary.split("\n\n").filter_map(|entry| entry.strip_prefix("**")?.split_once("**: "));
    let terms: Vec<_> = entries.flat_map(|(terms, _)| terms.split(", ")).map(str::to_lowercase).collect();
    assert!(terms.len() > 60, "only {} terms: is the form of the page another?", terms.len());
    for (at, term) in terms.iter().enumerate() {
        assert!(!terms[..at].contains(term), "`{term}` is explained twice");
    }
    assert!(text("README.md").contains("](docs/glossary.md)"));
}

/// msgcompose must accept and refuse the same project files as the schema; `src/project/schema.rs` tests msgcompose.
#[test]
fn the_schema_takes_good_project_files_and_refuses_bad_ones() {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let schema = serde_json::from_str(&text("schema/msgcompose.schema.json")).unwrap();
    compiler.add_resource("msgcompose.schema.json", schema).unwrap();
    let schema = compiler.compile("msgcompose.schema.json", &mut schemas).unwrap();
    let takes = |text: &str| schemas.validate(&toml::from_str(text).unwrap(), schema).is_ok();

    for (folder, good) in [("good", true), ("bad", false)] {
        for path in files(&root().join("tests/projects").join(folder)) {
            assert_eq!(takes(&fs::read_to_string(&path).unwrap()), good, "{}", path.display());
        }
    }
    let document = text("docs/project-file.md");
    let example = document.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(example.starts_with("#:schema ") && takes(example), "{example}");
}

#[test]
fn nothing_is_left_unfinished() {
    // Put together from pieces, so that this file does not match.
    let marks = ["to", "unimplemented", "FIX"].map(|start| match start {
        "to" => format!("{start}do!("),
        "FIX" => format!("{start}ME"),
        start => format!("{start}!("),
    });
    for path in files(&root()).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let source = fs::read_to_string(&path).unwrap();
        for mark in &marks {
            assert!(!source.contains(mark.as_str()), "`{mark}` in `{}`", path.display());
        }
    }
}

/// Returns the crates that a package is built from, including itself.
fn crates(arguments: &[&str]) -> BTreeSet<String> {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args(["tree", "--package", "msgcompose", "--edges", "normal", "--prefix", "none", "--locked", "--offline"]);
    let output = cargo.args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Cargo prints `(*)` after a crate that was listed before.
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn the_command_line_is_made_of_at_most_150_crates_and_the_library_does_without_those_of_the_command_line() {
    let (all, library) = (crates(&[]), crates(&["--no-default-features"]));
    let has = |crates: &BTreeSet<String>, name: &str| crates.iter().any(|line| line.starts_with(&format!("{name} v")));
    assert!(has(&all, "wac-graph") && has(&library, "wac-graph"), "{library:?}");
    assert!(all.len() <= 150, "{} crates: {all:?}", all.len());
    for name in ["wasmtime", "tokio"] {
        assert!(!has(&all, name), "`{name}` is for the development host and the tests");
    }
    for name in ["clap", "anstream", "clap_complete", "indicatif", "tempfile", "textwrap"] {
        assert!(!has(&library, name), "`{name}` is for the command line: make it part of the feature `cli`");
    }
}

#[test]
fn every_copy_of_an_interface_is_in_the_index() {
    let index = text("wit/README.md");
    for entry in fs::read_dir(root().join("wit")).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().into_string().unwrap();
        assert!(index.contains(&format!("`{name}`")), "wit/README.md does not say what `{name}` is");
    }
}

#[test]
fn a_wasm_workspace_has_all_of_its_crates_in_its_folder() {
    // The path of any other crate gets into symbol names, and so changes the order of functions.
    for recipe in recipes() {
        for file in files(&recipe.workspace).into_iter().filter(|file| file.ends_with("Cargo.toml")) {
            let manifest = fs::read_to_string(&file).unwrap();
            assert!(!manifest.contains("path = \"../.."), "`{}` depends on what is elsewhere", file.display());
        }
    }
}
