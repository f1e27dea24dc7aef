//! A panic in a dependency is an internal error, with a file that reproduces it.

use msgcompose::SECTION;
use std::{fs, path::Path, process::Command};
use wasmparser::{Parser, Payload};

/// A component that makes the type reader panic: it imports a module that imports a function of an exact type. If the
/// reader is fixed, the guest is composed, and this test needs another one.
pub const PANICS: &str = r#"(component
  (core type $m (module
    (type $f (func))
    (import "a" "b" (func (exact (type $f))))
  ))
  (import "m" (core module (type $m)))
)"#;

fn plug(folder: &Path, guest: &str, options: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_msgcompose"))
        .args(["plug", guest, "--adapter", "reqreply-over-pubsub", "-o", "out.wasm"])
        .args(options)
        .current_dir(folder)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Returns the name of the only file that begins like a reproduction.
fn reproduction(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<_> = files.filter(|name| name.starts_with("msgcompose-reproduction-")).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn an_internal_error_leaves_a_file_that_reproduces_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut guest = wat::parse_str(PANICS).unwrap();
    // The guest's code must not get into a report.
    let secret = wat::parse_str(r#"(component (core module (memory 1) (data (i32.const 0) "my own code")))"#).unwrap();
    guest.extend_from_slice(&secret[8..]);
    fs::write(folder.path().join("guest.wasm"), guest).unwrap();
    let (exit, text) = plug(folder.path(), "guest.wasm", &["--set", "reply-topic=a"]);
    assert_eq!(exit, Some(3), "{text}");
    let name = reproduction(folder.path());
    assert!(text.starts_with("error: msgcompose has a bug\n") && text.contains(&name), "{text}");
    assert!(!folder.path().join("out.wasm").exists());

    let file = folder.path().join(&name);
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(11).any(|window| window == b"my own code"));
    let told = Parser::new(0).parse_all(&bytes).find_map(|payload| match payload.unwrap() {
        Payload::CustomSection(section) if section.name() == SECTION => Some(section.data().to_vec()),
        _ => None,
    });
    let told: serde_json::Value = serde_json::from_slice(&told.unwrap()).unwrap();
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    assert!(told["command"].as_array().unwrap().contains(&"reply-topic=a".into()), "{told}");

    // The file reproduces the error.
    let (exit, again) = plug(folder.path(), &name, &["--set", "reply-topic=a"]);
    let causes =
        |text: &str| text.lines().find(|line| line.contains("failed inside")).unwrap().replace(&name, "guest.wasm");
    assert_eq!((exit, causes(&again)), (Some(3), causes(&text)));
}

#[test]
fn a_secret_is_not_in_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("guest.wat"), PANICS).unwrap();
    let options = ["--adapter", "messaging-over-http", "--bake-secrets", "--set", "header.authorization=Bearer 5e9f"];
    let (exit, text) = plug(folder.path(), "guest.wat", &options);
    assert_eq!(exit, Some(3), "{text}");
    let bytes = fs::read(folder.path().join(reproduction(folder.path()))).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("5e9f"));
    assert!(bytes.starts_with(b"\0asm"), "text has become a component");
}
