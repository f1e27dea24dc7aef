//! At a terminal: what is not written to one, and completions for its shell.

use crate::support::{FLAGSHIP, root};
use std::process::Command;

/// Runs a program on a terminal of its own, and gives its exit code on.
const ON_A_TERMINAL: &str = "\
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

#[test]
fn a_component_is_not_written_to_a_terminal() {
    let output = Command::new("python3")
        .args(["-c", ON_A_TERMINAL, env!("CARGO_BIN_EXE_msgcompose"), "plug", "fixtures/prebuilt/pricer.wasm"])
        .args(["--adapter", FLAGSHIP])
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("python3 is there");
    let printed = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let expected =
        "error: a component is not written to a terminal\n\nhint: pass `-o FILE`, or redirect standard output\n";
    assert_eq!(printed, expected);
    assert_eq!(output.status.code(), Some(2));
}

/// What a shell is given, that shell can read: bash is there to ask.
#[test]
fn every_shell_gets_its_completions_and_bash_can_read_them() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Command::new(env!("CARGO_BIN_EXE_msgcompose")).args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains("config-from"), "{shell}: {script}");
    }
    let ask = "source <(\"$0\" completions bash); COMP_WORDS=(msgcompose plug --config-fr); COMP_CWORD=2; \
               _msgcompose msgcompose --config-fr plug; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", ask, env!("CARGO_BIN_EXE_msgcompose")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "--config-from");
}
