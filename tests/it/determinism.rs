//! The same inputs give the same bytes, in another process, from another folder, and with options in any order.

use crate::support::{FLAGSHIP, compose, fixture};
use std::{fs, process::Command};

const GUESTS: [&str; 5] = ["quote-desk", "pricer", "survey", "chatty", "stubborn"];

#[test]
fn every_process_writes_the_same_bytes() {
    for guest in GUESTS {
        let expected = compose(guest, &[]);
        // Hash seeds differ from process to process.
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let file = format!("{guest}.wasm");
            fs::write(folder.path().join(&file), fixture(guest)).unwrap();
            let status = Command::new(env!("CARGO_BIN_EXE_msgcompose"))
                .args(["plug", &file, "--adapter", FLAGSHIP, "--set", "reply-topic=replies", "-o", "out.wasm"])
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(status.status.success());
            assert!(fs::read(folder.path().join("out.wasm")).unwrap() == expected, "{guest} differs");
        }
    }
}

#[test]
fn the_order_of_options_does_not_matter() {
    let one = compose("quote-desk", &[("bucket", "b"), ("headers", "kafka"), ("client", "c")]);
    let other = compose("quote-desk", &[("client", "c"), ("bucket", "a"), ("headers", "kafka"), ("bucket", "b")]);
    assert!(one == other);
}

#[test]
fn other_options_give_other_bytes() {
    assert!(compose("quote-desk", &[("bucket", "a")]) != compose("quote-desk", &[("bucket", "b")]));
}
