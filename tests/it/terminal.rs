//! What is not written to a terminal.

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
