//! Every command's help has examples and exit codes, and the examples run.

use crate::support::{OVER_HTTP, dummy, fixture, root};
use msgcompose::{Composition, adapters};
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

/// Returns the help text of a command.
fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_msgcompose")).args(command).arg("--help").output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let names = commands.map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.filter(|name| name != "help").collect()
}

/// Returns all commands and subcommands.
fn commands() -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut next = 0;
    while next < found.len() {
        let command = found[next].clone();
        found.extend(listed(&help(&command)).into_iter().map(|name| [&command[..], &[name]].concat()));
        next += 1;
    }
    found
}

#[test]
fn every_command_has_examples_and_exit_codes() {
    let commands = commands();
    for name in ["plug", "adapters", "inspect", "check", "completions"] {
        assert!(commands.contains(&vec![name.to_owned()]), "`{name}` is not found in {commands:?}");
    }
    for command in commands {
        let (name, help) = (command.join(" "), help(&command));
        let Some((_, ends)) = help.split_once("\nExamples:\n") else {
            panic!("no examples in `{name} --help`\n{help}")
        };
        let (examples, codes) = ends.split_once("\nExit status:\n").unwrap_or_else(|| panic!("`{name}`\n{help}"));
        let uses: Vec<_> = examples.lines().filter(|line| line.contains(&format!("msgcompose {name}"))).collect();
        assert!(!uses.is_empty(), "no example in `{name} --help` uses it:\n{examples}");
        for code in ["  0  ", "  1  ", "  2  ", "  3  "] {
            assert!(codes.contains(code), "`{name} --help` does not explain exit status {code}");
        }
    }
}

/// Every command has `--json`, except those that the documentation names.
#[test]
fn json_is_documented_for_the_commands_that_have_it() {
    let is_leaf = |command: &Vec<String>| !command.is_empty() && listed(&help(command)).is_empty();
    let has_json = |command: &Vec<String>| help(command).lines().any(|line| line.trim_start().starts_with("--json"));
    let (with, without): (Vec<_>, Vec<_>) = commands().into_iter().filter(is_leaf).partition(has_json);
    let quoted = |command: &Vec<String>| format!("`{}`", command.join(" "));
    let text = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let mut without: Vec<_> = without.iter().map(quoted).collect();
    without.sort();
    let without = without.join(" and ");
    assert!(text.contains(&format!("Every command takes `--json`, except {without}")), "except {without}");
    let (_, row) = text.split_once("| `command` | ").unwrap();
    let row = row.lines().next().unwrap();
    assert!(with.iter().all(|command| row.contains(&quoted(command))), "{with:?}: {row}");
}

/// Returns the examples in a help text, as a terminal of this width shows them.
fn examples(command: &[String], columns: &str) -> String {
    let mut help = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
    help.args(command).arg("--help").env("COLUMNS", columns).stdin(Stdio::null());
    let help = String::from_utf8(help.output().unwrap().stdout).unwrap();
    let (_, ends) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{help}"));
    ends.split_once("\nExit status:\n").unwrap().0.to_owned()
}

/// The project that the examples of `build` are for.
const PROJECT: &str = "
[variables]
stage = 'test'

[composition.shop]
guest = 'guest.wasm'
adapters = ['reqreply-over-pubsub']
options = { reply-topic = 'shop.replies' }
output = 'dist/${stage}.wasm'
";

/// Returns a component that hosts with HTTP run.
fn for_http(guest: &str) -> Vec<u8> {
    let adapter = adapters::get(OVER_HTTP).unwrap();
    let composition = Composition::new(guest, fixture(guest)).adapter(adapter).set("base-url", "http://broker:8080");
    composition.compose().unwrap().component.to_bytes()
}

/// Returns the world of a new adapter's part, in one document with the interfaces that it uses.
fn part_of(template: &Path) -> String {
    let nested = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let (package, interfaces) = text[text.find("package ").unwrap()..].split_once(';').unwrap();
        format!("{package} {{{interfaces}}}\n")
    };
    let deps = ["cli", "io", "logging", "logging-draft"].map(|dep| template.join(format!("deps/{dep}.wit")));
    let deps: String = deps.iter().chain([&root().join("wit/config/config.wit")]).map(|path| nested(path)).collect();
    format!("// alone\n{}{deps}", fs::read_to_string(template.join("provider.wit")).unwrap())
}

/// Puts all files into a folder that examples name.
fn set_up(command: &str, folder: &Path) {
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("guest.wasm", &fixture(if command == "adapter new" { "logger" } else { "quote-desk" }));
    write("guests/pricer.wasm", &fixture("pricer"));
    write("guests/quote-desk.wasm", &fixture("quote-desk"));
    write("options.toml", b"[reqreply-over-pubsub]\nreply-topic = 'my.replies'\n");
    write("app.wasm", &if command == "check" { for_http("quote-desk") } else { fixture("quote-desk") });
    write("desk.wasm", &for_http("quote-desk"));
    write("prices.wasm", &fixture("shop-prices"));
    write("audit.wasm", &fixture("shop-audit"));
    write("msgcompose.toml", PROJECT.as_bytes());
    // An adapter of the user's, and `make`, which would take minutes to build one.
    let template = root().join("src/cli/adapter/template");
    let part = dummy(&part_of(&template));
    write("mine/adapter.toml", &fs::read(template.join("adapter.toml")).unwrap());
    write("mine/provider.wasm", &part);
    write("bin/make", b"#!/bin/sh\ntest -f \"$2/Makefile\" && cp mine/provider.wasm \"$2/\"\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.join("bin/make"), mode).unwrap();
}

/// Whoever pastes an example gets what it says: none is wrapped on a usual terminal, and all run.
#[test]
fn examples_can_be_pasted_and_run() {
    for command in commands() {
        let examples = examples(&command, "80");
        assert_eq!(examples, self::examples(&command, "300"), "a line is longer than 80 columns");
        let folder = tempfile::tempdir().unwrap();
        set_up(&command.join(" "), folder.path());
        let program = Path::new(env!("CARGO_BIN_EXE_msgcompose")).parent().unwrap().to_owned();
        let others = env::var_os("PATH").unwrap();
        let path = [folder.path().join("bin"), program].into_iter().chain(env::split_paths(&others));
        let mut shell = Command::new("bash");
        shell.args(["-e", "-o", "pipefail", "-c", &examples]).current_dir(folder.path()).stdin(Stdio::null());
        let output = shell.env("PATH", env::join_paths(path).unwrap()).env("HOME", folder.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{}`\n{examples}\n{told}", command.join(" "));
    }
}

#[test]
fn a_command_that_is_not_listed_is_found_out() {
    assert_eq!(
        listed("Usage\n\nCommands:\n  plug  Put\n          around\n  help  Print\n\nOptions:\n  -h\n"),
        ["plug"]
    );
}
