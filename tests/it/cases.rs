//! Golden cases of the command line. A folder under `tests/cases` holds the inputs, the command and the expected
//! output.
//!
//! `case.toml` contains the command. Each `NAME.wit` beside it becomes a component `NAME.wasm` that does nothing, and
//! each `NAME.wat` a binary. All other files are used as they are. `BLESS=1` rewrites the expected output.

use crate::support::{dummy, fixture, golden, root};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    about: String,
    /// The arguments of `msgcompose`.
    args: Vec<String>,
    /// The exit code.
    exit: i32,
    /// Committed guests that the command can use, with their folders.
    #[serde(default)]
    fixtures: Vec<String>,
    /// Truncated guests: the file, and the number of bytes to keep.
    #[serde(default)]
    truncated: BTreeMap<String, usize>,
    /// The file to use as standard input.
    stdin: Option<String>,
    /// The component that the command must write. Without it, the folder must stay unchanged.
    output: Option<String>,
    /// The text file that the command must write. It is compared with the golden file of the same name under
    /// `expected/`.
    text: Option<String>,
    /// The files that the command must write, if there are several or if they are in folders.
    #[serde(default)]
    outputs: Vec<String>,
}

#[test]
fn every_case_prints_what_its_golden_files_say() {
    let mut failures = Vec::new();
    let mut cases: Vec<_> =
        fs::read_dir(root().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 50, "only {} cases", cases.len());
    for case in cases {
        if let Err(failure) = run(&case) {
            failures.push(format!("{}: {failure}", case.file_name().unwrap().display()));
        }
    }
    assert!(failures.is_empty(), "{} failed\n\n{}", failures.len(), failures.join("\n\n"));
}

fn run(folder: &Path) -> Result<(), String> {
    let text = fs::read_to_string(folder.join("case.toml")).map_err(|error| error.to_string())?;
    let case: Case = toml::from_str(&text).map_err(|error| error.to_string())?;
    assert!(!case.about.is_empty());
    let here = tempfile::tempdir().unwrap();
    set_up(&case, folder, here.path());
    let before = files(here.path());

    let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
    command.args(&case.args).current_dir(here.path()).env_clear().env("COLUMNS", "120");
    command.stdin(match &case.stdin {
        Some(file) => fs::File::open(here.path().join(file)).unwrap().into(),
        None => Stdio::null(),
    });
    let output = command.output().unwrap();

    let mut problems = Vec::new();
    if output.status.code() != Some(case.exit) {
        problems.push(format!("exit {:?}, not {}", output.status.code(), case.exit));
    }
    let mut expected = before;
    expected.extend(case.output.iter().chain(&case.text).chain(&case.outputs).cloned());
    expected.sort();
    if files(here.path()) != expected {
        problems.push(format!("files are {:?}, not {expected:?}", files(here.path())));
    } else {
        for component in case.output.iter().chain(&case.outputs).filter(|file| file.ends_with(".wasm")) {
            let bytes = fs::read(here.path().join(component)).unwrap();
            wasmparser::Validator::new().validate_all(&bytes).map_err(|error| error.to_string())?;
        }
    }
    if let Some(Ok(text)) = case.text.as_ref().map(|name| fs::read_to_string(here.path().join(name))) {
        let name = case.text.as_deref().unwrap_or_default();
        problems.extend(golden(&folder.join("expected").join(name), &text).err());
    }
    for (name, found) in [("stdout.txt", &output.stdout), ("stderr.txt", &output.stderr)] {
        let found = if found.starts_with(b"\0asm") { "(a component)\n".into() } else { String::from_utf8_lossy(found) };
        let path = folder.join(name);
        if !found.is_empty() || path.exists() {
            problems.extend(golden(&path, &as_on_unix(&without_sizes(&found), &path)).err());
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn set_up(case: &Case, folder: &Path, here: &Path) {
    for guest in &case.fixtures {
        let path = here.join(format!("{guest}.wasm"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, fixture(guest.rsplit('/').next().unwrap())).unwrap();
    }
    for (file, bytes) in &case.truncated {
        fs::write(here.join(file), &fixture(file.trim_end_matches(".wasm"))[..*bytes]).unwrap();
    }
    copy(folder, here);
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "expected" {
            continue;
        }
        if path.is_dir() {
            fs::create_dir_all(to.join(name)).unwrap();
            copy(&path, &to.join(name));
            continue;
        }
        let text = || fs::read_to_string(&path).unwrap();
        match name.rsplit_once('.') {
            Some(("case" | "stdout" | "stderr", "toml" | "txt")) => {}
            Some((stem, "wit")) => fs::write(to.join(format!("{stem}.wasm")), dummy(&text())).unwrap(),
            Some((stem, "wat")) => {
                fs::write(to.join(format!("{stem}.wasm")), wat::parse_str(text()).unwrap()).unwrap();
            }
            _ => drop(fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}

/// Returns the paths of all files, also those in folders.
fn files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match entry.path() {
            path if path.is_dir() => files.extend(self::files(&path).iter().map(|file| format!("{name}/{file}"))),
            _ => files.push(name),
        }
    }
    files.sort();
    files
}

/// Golden files come from Unix. Other systems word errors differently, write `\` in paths, and add endings to program
/// names.
fn as_on_unix(found: &str, path: &Path) -> String {
    if cfg!(unix) {
        return found.to_owned();
    }
    let golden = fs::read_to_string(path).unwrap_or_default();
    let mut golden = golden.lines();
    let lines = found.lines().map(|line| {
        let golden = golden.next().unwrap_or_default();
        let is_error = |line: &str| line.contains("(os error ");
        if is_error(line) && is_error(golden) {
            return format!("{golden}\n");
        }
        let line = line.replace("msgcompose.exe", "msgcompose");
        if golden.contains('\\') { format!("{line}\n") } else { format!("{}\n", line.replace('\\', "/")) }
    });
    lines.collect()
}

/// Removes sizes: they would change with every build of a part, and other tests check them.
fn without_sizes(text: &str) -> String {
    let sized = |line: &str| {
        let text = line.trim_start();
        text.contains(" bytes")
            || ["\"guest\": ", "\"composed\": ", "\"added\": ", "\"size\": "]
                .iter()
                .any(|key| text.strip_prefix(key).is_some_and(|value| value.starts_with(|c: char| c.is_ascii_digit())))
    };
    let mut result = String::new();
    for line in text.split_inclusive('\n') {
        if !sized(line) {
            result.push_str(line);
            continue;
        }
        let mut in_number = false;
        for c in line.chars() {
            if !c.is_ascii_digit() {
                result.push(c);
            } else if !in_number {
                result.push('#');
            }
            in_number = c.is_ascii_digit();
        }
    }
    result
}
