//! The JSON Schema of project files, for editors. It is made of the types that read them.

use super::{Entry, Project, TABLES};
use crate::adapters::settings::schema::Text;
use schemars::{JsonSchema, generate::SchemaSettings};
use std::{collections::BTreeMap, fs, path::Path};

/// The committed schema.
const COMMITTED: &str = "schema/msgcompose.schema.json";

/// The compositions of a project of msgcompose, which describes it in
/// `docs/project-file.md`.
#[derive(JsonSchema)]
#[schemars(title = "msgcompose.toml", deny_unknown_fields)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct File {
    /// Texts that `${NAME}` in a text stands for. `msgcompose build --var NAME=VALUE` goes over them.
    #[serde(default)]
    variables: BTreeMap<String, Text>,
    /// The compositions, by their names.
    composition: BTreeMap<String, Entry>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn generated() -> serde_json::Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<File>().to_value()
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = root().join(COMMITTED);
    let text = serde_json::to_string_pretty(&generated()).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "BLESS=1 rewrites `{COMMITTED}`");
}

#[test]
fn keys_for_suggestions_are_the_fields() {
    let schema = generated();
    let properties = |schema: &serde_json::Value| schema["properties"].as_object().unwrap().keys().cloned().collect();
    let file: Vec<String> = properties(&schema);
    assert_eq!(file, TABLES);
}

/// The files that the schema takes and refuses, as a test of xtask says, msgcompose takes and refuses.
#[test]
fn project_files_are_taken_and_refused_as_the_schema_says() {
    let mut count = 0;
    for (folder, good) in [("good", true), ("bad", false)] {
        for file in fs::read_dir(root().join("tests/projects").join(folder)).unwrap() {
            let path = file.unwrap().path();
            let project = Project::parse(&fs::read_to_string(&path).unwrap(), &BTreeMap::new());
            assert_eq!(project.is_ok(), good, "{}: {project:?}", path.display());
            count += 1;
        }
    }
    assert!(count > 10, "only {count} files");
}
