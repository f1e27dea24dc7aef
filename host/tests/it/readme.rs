//! Runs the commands that the README shows and compares their output.

use crate::support::root;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Returns the fenced blocks of one language under a heading.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let parts: Vec<&str> = section.split("```").collect();
    // Every second part is inside a fence.
    let inside = parts.iter().skip(1).step_by(2).filter_map(|block| block.strip_prefix(language));
    inside.map(|block| block.trim().to_owned()).collect()
}

/// Runs a command of the README in a folder. The programs that the tests have built replace `cargo run`.
fn run(command: &str, folder: &Path) -> Output {
    let host = Path::new(env!("CARGO_BIN_EXE_msgcompose-host"));
    let tool = host.with_file_name("msgcompose");
    assert!(tool.exists(), "`cargo xtask test` builds `{}`", tool.display());
    let arguments = command.strip_prefix("cargo run --release -- ").map(|arguments| (tool.as_path(), arguments));
    let arguments = arguments.or_else(|| Some((host, command.strip_prefix("cargo run -p msgcompose-host -- ")?)));
    let (program, arguments) = arguments.unwrap_or_else(|| panic!("`{command}` is not a command that this test knows"));
    Command::new(program)
        .args(arguments.split_whitespace().map(|word| word.replace('\'', "")))
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Removes random ids, which differ in each run; the README shows dots in their place.
fn without_ids(line: &str) -> String {
    let words = line.split(' ').filter(|word| !word.contains("-id="));
    // An inbox ends in random characters.
    let inbox = |word: &str| match word.split_once("replies.") {
        Some((start, _)) => format!("{start}replies.…"),
        None => word.to_owned(),
    };
    words.map(inbox).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_commands_to_try_print_what_the_readme_shows() {
    try_it("Try it");
}

#[test]
fn the_commands_without_a_store_print_what_the_readme_shows() {
    try_it("Without a store");
}

fn try_it(heading: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("fixtures/prebuilt")).unwrap();
    for guest in ["quote-desk", "pricer"] {
        let path = format!("fixtures/prebuilt/{guest}.wasm");
        fs::copy(root().join(&path), folder.path().join(&path)).unwrap();
    }
    let commands: Vec<String> =
        blocks(heading, "sh").iter().flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let shown = blocks(heading, "text");
    assert_eq!((commands.len(), shown.len()), (3, 2));

    let composed = run(&commands[0], folder.path());
    let report = String::from_utf8(composed.stderr).unwrap();
    assert!(composed.status.success(), "{report}");
    assert!(report.starts_with(&shown[0]), "{report}");

    assert!(run(&commands[1], folder.path()).status.success());

    let ran = run(&commands[2], folder.path());
    assert!(ran.status.success());
    // The components run at the same time, so the order of their lines varies.
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(without_ids).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&String::from_utf8(ran.stdout).unwrap()), sorted(&shown[1]));
}

#[test]
fn the_other_commands_are_known_to_the_tool() {
    let help = run("cargo run --release -- plug --help", &root());
    let help = String::from_utf8(help.stdout).unwrap();
    for option in ["--adapter", "--set", "--config", "--validate", "--json", "-o"] {
        assert!(help.contains(option), "{help}");
    }
    let usage = blocks("Use", "sh").join("\n");
    for command in ["plug", "adapters", "inspect"] {
        assert!(usage.contains(&format!("msgcompose {command}")));
        assert!(run(&format!("cargo run --release -- {command} --help"), &root()).status.success());
    }
}
