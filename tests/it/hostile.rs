//! Names from outside have no effect where they are shown: not on a terminal, not in pictures, not on the lines of a report.

use std::{
    fs,
    process::{Command, Output},
};
use wasm_encoder::{CustomSection, Section};

/// Sets the title, clears the screen, hides text, turns its direction, goes back, and begins a line, in one name.
const EVIL: &str = "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[1mFORGED\u{1b}[8m\u{9b}2J\u{202e}\u{2066}\r\u{8}\nFORGED line\n\
                    hint: FORGED\u{2028}FORGED";

/// `EVIL` within a text of WebAssembly.
fn quoted() -> String {
    EVIL.bytes().fold(String::new(), |text, byte| format!("{text}\\{byte:02x}"))
}

/// Components with such names, by their files.
fn components() -> Vec<(&'static str, Vec<u8>)> {
    let evil = quoted();
    let parse = |text: String| wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"));
    let section = |mut bytes: Vec<u8>, name: &str, data: &str| {
        CustomSection { name: name.into(), data: data.as_bytes().into() }.append_to(&mut bytes);
        bytes
    };
    let json = serde_json::to_string(EVIL).unwrap();
    let forged = format!(
        r#"{{"version":{json},"guest":{{"name":{json},"version":{json},"sha256":{json}}},
            "handlers":[{{"name":{json},"sha256":{json},"patterns":[{json}]}}],
            "adapters":[{{"name":{json},"version":{json},"parts":{{{json}:{json}}},"options":{{{json}:{json}}}}}],
            "config-from":{json}}}"#
    );
    let named = format!(
        r#"(component (component $"{evil}" (import "a" (func)) (export "b" (func 0))) (import "f" (func $f))
            (instance $"{evil}" (instantiate 0 (with "a" (func $f)))) (export "a:b/c" (instance 0)))"#
    );
    vec![
        ("forged.wasm", section(section(parse(named.clone()), "version", EVIL), "msgcompose", &forged)),
        ("named.wasm", parse(named)),
        ("import.wasm", parse(format!(r#"(component (import "{evil}" (func)))"#))),
        ("export.wasm", parse(format!(r#"(component (import "f" (func)) (export "{evil}" (func 0)))"#))),
        ("url.wasm", parse(format!(r#"(component (import "url=<{evil}>" (component)))"#))),
        ("field.wasm", parse(format!(r#"(component (type (record (field "{evil}" u8))))"#))),
        ("core.wasm", parse(format!(r#"(module (import "wasi_{evil}" "f" (func)))"#))),
        ("inside.wasm", parse(format!(r#"(component (core module (import "{evil}" "{evil}" (func))))"#))),
        ("text.wat", format!("(component {EVIL})").into_bytes()),
        ("not.wasm", EVIL.as_bytes().to_vec()),
        (EVIL_FILE, b"\0asm".to_vec()),
    ]
}

/// A file name has no `/`.
const EVIL_FILE: &str = "\u{1b}]0;t\u{7}\u{202e}\nFORGED line.wasm";

const MANIFEST: &str = "
[[part]]
name = 'provider'
role = 'provider'
file = 'provider.wasm'
";

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in components() {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        fs::create_dir(folder.path().join("mine")).unwrap();
        let evil = toml::Value::from(EVIL);
        let manifest = format!("summary = {evil}\nversion = {evil}\n{MANIFEST}help = {evil}\n");
        fs::write(folder.path().join("mine/adapter.toml"), manifest).unwrap();
        fs::write(folder.path().join("mine/provider.wasm"), &components()[1].1).unwrap();
        Self(folder)
    }

    /// Runs the program as on a terminal, and checks what it prints and writes.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
        let Output { stdout, stderr, status } = command
            .args(arguments)
            .current_dir(self.0.path())
            .env("CLICOLOR_FORCE", "1")
            .env_remove("NO_COLOR")
            .output()
            .unwrap();
        assert!(matches!(status.code(), Some(0..=2)), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        let told = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        told.iter().for_each(|text| harmless(text, &format!("{arguments:?}")));
        if arguments.contains(&"--json") || arguments.contains(&"--sbom") {
            let is_json = |text: &String| text.is_empty() || serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert!(told.iter().all(is_json), "{arguments:?}: {told:?}");
        }
        told.concat()
    }

    #[track_caller]
    fn wrote(&self, file: &str) {
        let path = self.0.path().join(file);
        harmless(&fs::read_to_string(&path).unwrap(), file);
        fs::remove_file(path).unwrap();
    }
}

/// Fails for a text that does something, or has a line that a name began.
#[track_caller]
fn harmless(text: &str, of: &str) {
    assert!(!text.contains("\u{1b}[1mFORGED"), "{of}: a name has a style: {text:?}");
    // The styles of the program itself.
    let plain = ["0", "1", "2", "31", "34", "35", "36"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""));
    let is_harmless = |c: char| {
        c == '\n'
            || !c.is_control()
                && !matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(plain.chars().all(is_harmless), "{of}: {plain:?}");
    let is_forged = |line: &str| {
        let line = line.trim_start();
        line.starts_with("FORGED") || line.starts_with("hint: FORGED")
    };
    assert!(!plain.lines().any(is_forged), "{of}: {plain}");
}

#[test]
fn every_command_that_reads_a_component_shows_its_names_without_their_effect() {
    let place = Place::new();
    let mut said = String::new();
    for (file, _) in components() {
        let one = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=a"];
        for arguments in [
            &["inspect", file][..],
            &["inspect", file, "--json"],
            &["check", file, "--host", "wasmtime-serve"],
            &["check", file, "--host", "wasmtime-serve", "-v"],
            &["check", file, "--host", "wasmtime-serve", "--json"],
            &["graph", file],
            &["graph", file, "--json"],
            &["uplift", file, "--dialect", "async", "-o", "out.wasm"],
            &["link", file, "--handler", "a=forged.wasm", "-o", "out.wasm"],
            &["link", "named.wasm", "--handler", &format!("a={file}"), "-o", "out.wasm"],
            &["plug", "named.wasm", "--adapter", &format!("./{file}"), "-o", "out.wasm"],
            &["plug", file, "--host", "wasmtime-serve", "-o", "out.wasm", "--explain"],
            &["adapters", &format!("./{file}")],
        ] {
            said += &place.run(arguments);
        }
        for more in [&["--plan"][..], &["-o", "out.wasm", "-v"], &["-o", "out.wasm", "--json"], &["-o", "no/out.wasm"]]
        {
            said += &place.run(&[&["plug", file][..], &one, more].concat());
        }
        for picture in ["svg", "dot", "mmd", "txt"] {
            let output = format!("out.{picture}");
            place.run(&["graph", file, "-o", &output]);
            if place.0.path().join(&output).exists() {
                place.wrote(&output);
            }
        }
        let project = format!(
            "[composition.{name}]\nguest = {file}\nadapters = ['reqreply-over-pubsub']\noutput = 'out.wasm'\n",
            name = toml::Value::from(EVIL),
            file = toml::Value::from(file),
        );
        fs::write(place.0.path().join("msgcompose.toml"), project).unwrap();
        said += &place.run(&["build"]);
        said += &place.run(&["build", "--json"]);
    }
    place.run(&["inspect", "forged.wasm", "--sbom"]);
    place.run(&["adapters", "./mine/"]);
    place.run(&["adapters", "./mine/", "--json"]);
    place.run(&["plug", "named.wasm", "--adapter", "./mine/", "--plan"]);
    place.run(&["plug", ".", "--adapter", "reqreply-over-pubsub", "--set", "reply-topic=a", "-o", "out/"]);
    place.run(&["plug", ".", "--adapter", "reqreply-over-pubsub", "--set", "reply-topic=a", "-o", "out/", "--json"]);
    // The names are there.
    assert!(said.contains("\\u{1b}]0;title\\u{7}") && said.contains("\\nFORGED line\\nhint: FORGED"), "{said}");
}

#[test]
fn what_is_composed_of_such_components_is_harmless_too() {
    let place = Place::new();
    let folder = place.0.path();
    // An adapter that fits, in a folder of such a name, and a guest of such a name.
    let adapter = folder.join(format!("{EVIL_FILE}.d"));
    fs::create_dir(&adapter).unwrap();
    let provider = r#"(component (instance) (export "a:b/c" (instance 0)))"#;
    fs::write(adapter.join("provider.wasm"), wat::parse_str(provider).unwrap()).unwrap();
    let evil = toml::Value::from(EVIL);
    let manifest = format!(
        "summary = {evil}\nversion = {evil}\n{MANIFEST}help = {evil}\n[[option]]\nname = 'o'\ntype = 'text'\n\
         parts = ['provider']\ndefault = ''\nhelp = {evil}\n[[host]]\nwith = 'provider'\nkind = {evil}\n\
         value = {evil}\ntext = {evil}\n"
    );
    fs::write(adapter.join("adapter.toml"), manifest).unwrap();
    let guest = folder.join("g").join(EVIL_FILE);
    fs::create_dir(guest.parent().unwrap()).unwrap();
    fs::write(
        &guest,
        wat::parse_str(r#"(component (import "a:b/c" (instance)) (import "d:e/f" (instance)))"#).unwrap(),
    )
    .unwrap();
    let [guest, adapter] = [&guest, &adapter].map(|path| path.to_str().unwrap());
    let plug = ["plug", guest, "--adapter", adapter];
    for more in [&["--plan"][..], &["-o", "o.wasm"], &["-o", "o.wasm", "-v"], &["-o", "o.wasm", "--json"]] {
        let said = place.run(&[&plug[..], more].concat());
        assert!(!said.contains("error"), "{said}");
    }
    for arguments in
        [&["inspect", "o.wasm"][..], &["graph", "o.wasm"], &["adapters", adapter], &["inspect", "o.wasm", "--json"]]
    {
        place.run(arguments);
    }
}

/// What the host serves stays readable: only what is not seen is escaped.
#[test]
fn other_names_stay_as_they_are() {
    let place = Place::new();
    let text = r#"(component $"naïve 🦀" (import "a:b/c" (instance)))"#;
    fs::write(place.0.path().join("naïve 🦀.wasm"), wat::parse_str(text).unwrap()).unwrap();
    assert!(place.run(&["inspect", "naïve 🦀.wasm"]).contains("naïve 🦀.wasm"));
}
