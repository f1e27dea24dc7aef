//! That it is there and of the right version. `cargo test` builds a program only for tests such as this one.

use std::process::Command;

/// What it prints.
fn wasmtime(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wasmtime")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_is_of_the_version_of_the_engine() {
    assert_eq!(wasmtime(&["--version"]), "wasmtime 48.0.8\n");
    let lock = include_str!("../../../Cargo.lock");
    assert!(lock.contains("name = \"wasmtime\"\nversion = \"48.0.8\"\n"));
}

#[test]
fn it_runs_and_serves() {
    assert!(wasmtime(&["run", "--help"]).contains("--invoke"));
    assert!(wasmtime(&["serve", "--help"]).contains("--max-instance-reuse-count"));
}
