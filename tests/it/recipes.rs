//! Runs the recipes of `docs/build-recipes.md` and the steps of `action.yml` as written.

use crate::support::{fixture, root};
use serde_yaml_ng::Value;
use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Command, Output},
};

/// Returns the recipes' block in this language.
fn recipe(language: &str) -> String {
    let text = fs::read_to_string(root().join("docs/build-recipes.md")).unwrap();
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let mut found = blocks.filter(|(of, _)| *of == language).map(|(_, block)| block.to_owned());
    found.next().filter(|_| found.next().is_none()).unwrap_or_else(|| panic!("one block in `{language}`"))
}

/// Returns a folder with a guest and its options, as in the recipes.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("guest.wasm"), fixture("quote-desk")).unwrap();
    fs::write(folder.path().join("options.toml"), "[reqreply-over-pubsub]\nreply-topic = \"replies\"\n").unwrap();
    folder
}

/// Returns a program in a folder. Its path starts with `first`, then the folder of the built `msgcompose`.
fn program(name: &str, folder: &Path, first: Option<&Path>) -> Command {
    let built = Path::new(env!("CARGO_BIN_EXE_msgcompose")).parent().unwrap();
    let others = env::var_os("PATH").unwrap_or_default();
    let folders = first.into_iter().chain([built]).map(Path::to_owned).chain(env::split_paths(&others));
    let mut command = Command::new(name);
    command.current_dir(folder).env("PATH", env::join_paths(folders).unwrap());
    command
}

fn bash(script: &str, folder: &Path) -> Output {
    program("bash", folder, None).args(["-c", script]).output().unwrap()
}

/// Returns whether a file is a composed component.
fn is_composed(path: &Path) -> bool {
    let Ok(bytes) = fs::read(path) else { return false };
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(&bytes).is_ok()
        && msgcompose::inspect("app.wasm", &bytes).unwrap().composed.is_some()
}

fn make(makefile: &str, folder: &Path) -> Output {
    fs::write(folder.join("Makefile"), makefile).unwrap();
    program("make", folder, None).output().unwrap()
}

#[test]
fn make_composes_and_only_when_something_has_changed() {
    let (project, makefile) = (project(), recipe("make"));
    let app = project.path().join("app.wasm");
    let output = make(&makefile, project.path());
    assert!(output.status.success() && is_composed(&app), "{output:?}");
    let output = make(&makefile, project.path());
    assert!(String::from_utf8_lossy(&output.stdout).contains("up to date"), "{output:?}");
    let output = bash("touch -d '+1 minute' options.toml && make", project.path());
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("plug guest.wasm"));

    let other = self::project();
    let output = make(&makefile.replace("--config options.toml", "--config no-options.toml"), other.path());
    assert!(!output.status.success() && !other.path().join("app.wasm").exists(), "{output:?}");
}

/// Runs the one recipe of a justfile without `just`, which is not on every machine. It would run the same lines.
fn by_hand(justfile: &str, folder: &Path) -> Output {
    let variables = justfile.lines().filter_map(|line| line.split_once(" := "));
    let lines = justfile.lines().filter_map(|line| line.strip_prefix("    "));
    let script: Vec<_> = lines.map(str::to_owned).collect();
    assert!(!script.is_empty() && justfile.lines().any(|line| line == "app:"), "{justfile}");
    let filled = variables.fold(script.join("\n"), |script, (name, value)| {
        script.replace(&format!("{{{{{name}}}}}"), value.trim_matches('"'))
    });
    assert!(!filled.contains("{{"), "a variable is not set: {filled}");
    bash(&format!("set -eu\n{filled}"), folder)
}

#[test]
fn just_composes() {
    let (project, justfile) = (project(), recipe("just"));
    let output = by_hand(&justfile, project.path());
    assert!(output.status.success() && is_composed(&project.path().join("app.wasm")), "{output:?}");
    let output = by_hand(&justfile.replace("--host msgcompose-host", "--host wasmtime-serve"), project.path());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    if Command::new("just").arg("--version").output().is_ok() {
        let other = self::project();
        fs::write(other.path().join("justfile"), justfile).unwrap();
        let output = program("just", other.path(), None).output().unwrap();
        assert!(output.status.success() && is_composed(&other.path().join("app.wasm")), "{output:?}");
    }
}

#[test]
fn a_shell_composes_and_keeps_a_record() {
    let (project, script) = (project(), recipe("sh"));
    let output = bash(&script, project.path());
    assert!(output.status.success() && is_composed(&project.path().join("app.wasm")), "{output:?}");
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(project.path().join("app.json")).unwrap()).unwrap();
    assert_eq!(record["command"], "inspect");

    let output = bash(&script.replace("msgcompose-host", "wasmtime-serve"), project.path());
    assert_eq!(output.status.code(), Some(1), "a host that does not run it ends the script: {output:?}");
}

#[test]
fn the_build_dependency_is_this_version_and_without_default_features() {
    let recipe: toml::Table = recipe("toml").parse().unwrap();
    let dependency = &recipe["build-dependencies"]["msgcompose"];
    assert_eq!(dependency["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(dependency["default-features"].as_bool(), Some(false));
}

/// Replaces each `${{ … }}` by its value. An unknown one is a mistake of the workflow.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut pieces = text.split("${{");
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |filled, piece| {
        let (name, rest) = piece.split_once("}}").expect("an expression ends");
        let value = known.get(name.trim()).unwrap_or_else(|| panic!("`{}` is not known", name.trim()));
        filled + value + rest
    })
}

/// Returns whether a step is taken, by a condition `NAME == 'TEXT'` or with `!=`. An unknown name is empty.
fn is_taken(step: &Value, known: &BTreeMap<String, String>) -> bool {
    let Some(condition) = step["if"].as_str() else { return true };
    let words: Vec<_> = condition.split_whitespace().collect();
    let [name, operator @ ("==" | "!="), text] = words[..] else { panic!("`{condition}`") };
    let value = known.get(name).map_or("", String::as_str);
    (value == text.trim_matches('\'')) == (operator == "==")
}

/// Runs the action like a GitHub runner. Its `cargo` installs the already built `msgcompose` instead.
struct Runner {
    folder: tempfile::TempDir,
    known: BTreeMap<String, String>,
    /// The arguments of each call of cargo.
    cargo: Vec<String>,
}

const CARGO: &str = r#"#!/usr/bin/env bash
set -eu
echo "$PWD: $*" >> "$CALLS"
while [ "$1" != --root ]; do shift; done
mkdir -p "$2/bin"
cp "$BUILT" "$2/bin/msgcompose-of-the-action"
"#;

impl Runner {
    fn with(inputs: &[(&str, &str)]) -> Self {
        let folder = project();
        for name in ["stubs", "temp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("stubs/cargo"), CARGO).unwrap();
        assert!(bash("chmod +x stubs/cargo", folder.path()).status.success());
        let mut known = BTreeMap::from([
            ("github.action_path".to_owned(), root().display().to_string()),
            ("runner.temp".to_owned(), folder.path().join("temp").display().to_string()),
        ]);
        for (name, input) in action()["inputs"].as_mapping().unwrap() {
            let (name, default) = (name.as_str().unwrap(), input["default"].as_str().unwrap());
            let given = inputs.iter().find(|(given, _)| *given == name).map_or(default, |(_, value)| value);
            known.insert(format!("inputs.{name}"), given.to_owned());
        }
        for (name, _) in inputs {
            assert!(known.contains_key(&format!("inputs.{name}")), "the action has no input `{name}`");
        }
        Self { folder, known, cargo: Vec::new() }
    }

    /// Takes all steps, up to one that fails.
    fn run(&mut self) -> Option<Output> {
        let mut last = None;
        for step in action()["runs"]["steps"].as_sequence().unwrap() {
            if !is_taken(step, &self.known) {
                continue;
            }
            if let Some(run) = step["run"].as_str() {
                let output = self.step(step, run);
                let failed = !output.status.success();
                last = Some(output);
                if failed {
                    break;
                }
            } else {
                let with = step["with"].as_mapping().unwrap();
                assert!(step["uses"].as_str().unwrap().starts_with("actions/cache@"));
                for value in with.values() {
                    assert!(!filled(value.as_str().unwrap(), &self.known).is_empty());
                }
            }
        }
        last
    }

    fn step(&mut self, step: &Value, run: &str) -> Output {
        assert_eq!(step["shell"].as_str(), Some("bash"), "a composite action names the shell");
        assert!(!run.contains("${{"), "what comes in goes through `env`, not into the script: {run}");
        let here = self.folder.path();
        let (out, path, calls) = (here.join("output"), here.join("path"), here.join("calls"));
        let folder = step["working-directory"].as_str().map_or(".".to_owned(), |folder| filled(folder, &self.known));
        let mut command = program("bash", &here.join(folder), Some(&here.join("stubs")));
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", run]);
        for (name, value) in step["env"].as_mapping().into_iter().flatten() {
            command.env(name.as_str().unwrap(), filled(value.as_str().unwrap(), &self.known));
        }
        command.env("GITHUB_OUTPUT", &out).env("GITHUB_PATH", &path).env("CALLS", &calls);
        let output = command.env("BUILT", env!("CARGO_BIN_EXE_msgcompose")).output().unwrap();
        if let Some(id) = step["id"].as_str() {
            for (name, value) in fs::read_to_string(&out).unwrap().lines().filter_map(|line| line.split_once('=')) {
                self.known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        self.cargo = fs::read_to_string(&calls).unwrap_or_default().lines().map(str::to_owned).collect();
        output
    }
}

fn action() -> Value {
    serde_yaml_ng::from_str(&fs::read_to_string(root().join("action.yml")).unwrap()).unwrap()
}

/// Returns the arguments that the recipes' workflow passes to the action.
fn arguments() -> String {
    let workflow: Value = serde_yaml_ng::from_str(&recipe("yaml")).unwrap();
    let steps = workflow["jobs"]["compose"]["steps"].as_sequence().unwrap();
    let uses = |step: &&Value| step["uses"].as_str().is_some_and(|uses| uses.starts_with("msgcompose/msgcompose@v"));
    let step = steps.iter().find(uses).unwrap();
    assert!(step["uses"].as_str().unwrap().ends_with(env!("CARGO_PKG_VERSION")), "{step:?}");
    let inputs = step["with"].as_mapping().unwrap();
    let known = action()["inputs"].as_mapping().unwrap().clone();
    assert!(inputs.keys().all(|name| known.contains_key(name)), "{inputs:?}");
    step["with"]["args"].as_str().unwrap().to_owned()
}

#[test]
fn the_action_installs_from_its_sources_and_composes() {
    let mut runner = Runner::with(&[("args", &arguments())]);
    let output = runner.run().unwrap();
    assert!(output.status.success(), "{output:?}");
    let here = runner.folder.path();
    assert!(is_composed(&here.join("app.wasm")), "{output:?}");
    let bin = here.join("temp/msgcompose/bin");
    assert_eq!(fs::read_to_string(here.join("path")).unwrap().trim(), bin.display().to_string());
    assert!(bin.join("msgcompose-of-the-action").exists());
    let root = root().display().to_string();
    let install = format!("{root}: install --locked --path . --root {}", here.join("temp/msgcompose").display());
    assert_eq!(runner.cargo, [install]);
    let key = &runner.known["steps.key.outputs.key"];
    assert!(key.len() > "msgcompose-".len() + 40, "{key}");
}

/// The binary is built of more than `src`: whatever changes it changes the key of the cache.
#[test]
fn the_action_caches_by_all_that_the_binary_is_built_of() {
    let step = action()["runs"]["steps"][0]["run"].as_str().unwrap().to_owned();
    let sources = tempfile::tempdir().unwrap();
    for file in ["Cargo.toml", "Cargo.lock", "build.rs", "rust-toolchain.toml"] {
        fs::write(sources.path().join(file), "").unwrap();
    }
    for folder in ["src", "options", "adapters", "profiles", "schema", "wit"] {
        fs::create_dir(sources.path().join(folder)).unwrap();
        fs::write(sources.path().join(folder).join("a file"), "").unwrap();
    }
    let key = || {
        let mut command = Command::new("bash");
        let out = sources.path().join("out");
        let _ = fs::remove_file(&out);
        command.args(["-e", "-c", &step]).env("SOURCES", sources.path()).env("FOLDER", "f").env("GITHUB_OUTPUT", &out);
        assert!(command.status().unwrap().success());
        fs::read_to_string(out).unwrap()
    };
    let mut keys = vec![key()];
    for file in ["options/a file", "schema/a file", "wit/a file", "rust-toolchain.toml", "src/a file"] {
        fs::write(sources.path().join(file), "changed").unwrap();
        keys.push(key());
    }
    fs::rename(sources.path().join("src/a file"), sources.path().join("src/another")).unwrap();
    keys.push(key());
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 7);
}

/// A tag can be moved to another commit.
#[test]
fn the_action_pins_what_it_uses_to_commits() {
    let action = action();
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let uses: Vec<_> = steps.iter().filter_map(|step| step["uses"].as_str()).collect();
    assert!(!uses.is_empty());
    for uses in uses {
        let commit = uses.split_once('@').unwrap().1;
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
    }
}

/// The workflow's own step, run with the action's results.
#[test]
fn the_workflow_checks_what_the_action_made() {
    let workflow: Value = serde_yaml_ng::from_str(&recipe("yaml")).unwrap();
    let steps = workflow["jobs"]["compose"]["steps"].as_sequence().unwrap();
    let mut runner = Runner::with(&[("args", &arguments())]);
    runner.run();
    let runs: Vec<_> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(!runs.is_empty());
    for run in runs {
        let output = bash(run, runner.folder.path());
        assert!(output.status.success(), "{run}: {output:?}");
    }
}

#[test]
fn the_action_is_honest_about_what_it_is_given() {
    // Quoted words stay together, and nothing is executed.
    let arguments = "inspect 'a guest.wasm' '$(touch ran)' \n \"`touch ran`\"";
    let mut runner = Runner::with(&[("args", arguments)]);
    let output = runner.run().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("'$(touch ran)'"), "{output:?}");
    assert!(!runner.folder.path().join("ran").exists());

    // The exit status is that of msgcompose.
    for (arguments, exit) in [("inspect no.wasm", 1), ("plug guest.wasm", 2), ("inspect 'guest.wasm", 1)] {
        let output = Runner::with(&[("args", arguments)]).run().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{arguments}: {output:?}");
    }

    // Without arguments the action only installs msgcompose, and with a cached one not even that.
    let mut runner = Runner::with(&[("cache", "false"), ("working-directory", "stubs")]);
    assert!(runner.run().unwrap().status.success());
    assert_eq!(runner.cargo.len(), 1);
    let mut runner = Runner::with(&[]);
    runner.known.insert("steps.cache.outputs.cache-hit".to_owned(), "true".to_owned());
    assert!(runner.run().unwrap().status.success());
    assert!(runner.cargo.is_empty());
}

#[test]
fn every_input_of_the_action_is_used_and_documented() {
    let (text, page) = (
        fs::read_to_string(root().join("action.yml")).unwrap(),
        fs::read_to_string(root().join("docs/build-recipes.md")).unwrap(),
    );
    for (name, input) in action()["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        assert!(!input["description"].as_str().unwrap().is_empty());
        assert!(text.contains(&format!("inputs.{name}")), "`{name}` is not used");
        assert!(page.contains(&format!("| `{name}` ")), "`{name}` is not documented");
    }
}
