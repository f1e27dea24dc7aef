//! The value of a secret option never appears: every run here is given a canary as the value, and nothing that is printed
//! or written may have it in it. The exception is the component that secrets are baked into.

use crate::{reproduction::PANICS, support::fixture};
use msgcompose::{Composition, adapters};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const CANARY: &str = "C4naryT0ken";

/// An adapter with secrets of several types, which a duty names and another option must differ from.
const MANIFEST: &str = r#"
summary = "has secrets"

[type.pairs]
shown = "A=B, …"
checks = ["list", { pair = { separator = "=", otherwise = "is not A=B" } }]

[[part]]
name = "provider"
role = "provider"
file = "provider.wasm"

[[option]]
name = "pin"
type = { number = { min = 1, max = 9 } }
default = "1"
secret = true
parts = ["provider"]
help = "A number."

[[option]]
name = "pairs"
type = "pairs"
default = ""
secret = true
parts = ["provider"]
help = "A list."

[[option]]
name = "at"
type = { url-template = { placeholders = ["a"] } }
default = "http://h/{a}"
secret = true
parts = ["provider"]
help = "A template."

[[option]]
name = "word"
type = "text"
default = ""
secret = true
parts = ["provider"]
help = "A text."

[[option]]
name = "plain"
type = "text"
default = ""
differs-from = ["word"]
parts = ["provider"]
help = "Another text."

[[option]]
name = "token.<name>"
type = "text"
secret = true
parts = ["provider"]
help = "Texts."

[[host]]
with = "provider"
kind = "know"
value = "{word}"
text = "know `{word}`"

[[host]]
with = "provider"
kind = "know"
value = "{token.<name>}"
text = "know `{token.<name>}`"
"#;

/// A folder with guests and an adapter. All that runs there print is kept.
struct Place {
    folder: tempfile::TempDir,
    printed: Vec<(String, Output)>,
    /// The files that were given and not written.
    given: Vec<PathBuf>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut place = Self { folder, printed: Vec::new(), given: Vec::new() };
        place.write("ticker.wasm", fixture("ticker"));
        place.write("panics.wat", PANICS);
        place.write("mine/adapter.toml", MANIFEST);
        place.write("mine/provider.wasm", provider());
        place
    }

    fn write(&mut self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        self.given.push(path);
    }

    /// Runs the program and returns its exit status and what it says.
    fn run(&mut self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
        let output = command.args(arguments).current_dir(self.folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let status = output.status.code();
        self.printed.push((arguments.join(" "), output));
        (status, said)
    }

    /// Runs the program, which must refuse and say this.
    #[track_caller]
    fn refused(&mut self, arguments: &[&str], says: &str) {
        let (status, said) = self.run(arguments);
        assert!(matches!(status, Some(1 | 2)) && said.contains(says), "{arguments:?}: {said}");
    }

    #[track_caller]
    fn succeeds(&mut self, arguments: &[&str]) {
        let (status, said) = self.run(arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
    }

    /// Fails if a stream or a file has the canary in it. The files in `but` may.
    #[track_caller]
    fn keeps_silent(self, but: &[&str]) {
        for (command, Output { stdout, stderr, .. }) in &self.printed {
            for (stream, bytes) in [("stdout", stdout), ("stderr", stderr)] {
                assert!(!has_canary(bytes), "{stream} of `{command}`:\n{}", String::from_utf8_lossy(bytes));
            }
        }
        let but: Vec<_> = but.iter().map(|name| self.folder.path().join(name)).chain(self.given).collect();
        for path in files(self.folder.path()).iter().filter(|path| !but.contains(path)) {
            assert!(!has_canary(&fs::read(path).unwrap()), "{}", path.display());
        }
    }
}

fn has_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window.eq_ignore_ascii_case(CANARY.as_bytes()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The bytes of a part that provides messaging.
fn provider() -> Vec<u8> {
    let adapter = adapters::get("messaging-over-http").unwrap();
    let part = adapter.parts.iter().find(|part| part.name == "provider").unwrap();
    adapter.file(part, |_| "0.2.0").unwrap().to_vec()
}

/// The command line that composes with `messaging-over-http`, and what is added to it.
fn plug<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let all = ["plug", "ticker.wasm", "--adapter", "messaging-over-http", "--set", "base-url=http://broker"];
    [&all[..], more].concat()
}

/// The same with the adapter of this test.
fn mine<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["plug", "ticker.wasm", "--adapter", "./mine/"][..], more].concat()
}

#[test]
fn a_bad_value_is_not_shown() {
    let mut place = Place::new();
    let told = "the value is not shown, because the option is secret";
    let secret = format!("header.authorization=Bearer {CANARY}\n");
    place.refused(&plug(&["--bake-secrets", "--set", &secret, "-o", "out.wasm"]), told);
    place.refused(&plug(&["--bake-secrets", "--set", &secret, "-o", "out.wasm"]), "it ends in a line break");
    place.refused(&plug(&["--bake-secrets", "--set", &secret, "-o", "out.wasm", "--json"]), told);
    place.refused(&plug(&["--bake-secrets", "--set", &secret, "-o", "out.wasm", "-v"]), told);
    place.refused(&plug(&["--bake-secrets", "--set", &secret, "--plan"]), told);
    place.refused(&plug(&["--set", &secret, "-o", "out.wasm"]), "is secret, and what is set here can be read");
    let valid = format!("header.authorization={CANARY}");
    place.refused(&plug(&["--bake-secrets", "--set", &valid, "--set", "nope=1"]), "no option `nope`");
    for (option, value) in
        [("pin", ""), ("pairs", "a=b, "), ("at", "http://h/{"), ("word", "\u{1}"), ("token.a", "\u{1}")]
    {
        let closed = if option == "at" { "}" } else { "" };
        let value = format!("{option}={value}{CANARY}{closed}");
        place.refused(&mine(&["--bake-secrets", "--set", &value, "-o", "out.wasm"]), told);
    }
    let [word, plain] = ["word", "plain"].map(|option| format!("{option}={CANARY}"));
    let both = ["--bake-secrets", "--set", &word, "--set", &plain, "-o", "out.wasm"];
    place.refused(&mine(&both), "is the value of `word` too");
    place.keeps_silent(&[]);
}

#[test]
fn the_value_of_an_option_that_is_left_to_run_time_is_not_shown() {
    let mut place = Place::new();
    for option in ["default-timeout-ms", "ce-source", "header.authorization"] {
        let [value, pair] = ["", "\u{1}"].map(|bad| format!("{option}={bad}{CANARY}"));
        for set in [&value, &pair] {
            let secret = ["--secret", option, "--set", set, "--config-from", "env", "-o", "out.wasm"];
            place.refused(&plug(&secret), "option");
        }
        place.refused(&plug(&["--secret", &value, "--config-from", "env", "-o", "out.wasm"]), "has a value");
    }
    place.refused(&mine(&["--secret", &format!("token.x={CANARY}"), "--config-from", "env"]), "has a value");
    place.keeps_silent(&[]);
}

#[test]
fn a_setting_that_cannot_be_read_is_not_shown() {
    let mut place = Place::new();
    place.refused(&plug(&["--set", &format!("header.authorization:{CANARY}")]), "an option is set by KEY=VALUE");
    place.refused(&plug(&[&format!("--set=header.authorization:{CANARY}")]), "an option is set by KEY=VALUE");
    // As Base64 ends.
    place.refused(&plug(&["--set", &format!("header.authorization: {CANARY}==")]), "option `header.<name>`");
    place.refused(&plug(&["--set", &format!("authorization: {CANARY}==")]), "no option `authorization…`");
    let link = ["link", "ticker.wasm", "--handler", "a=ticker.wasm", "--set"];
    let alone = format!("authorization: {CANARY}==");
    place.refused(&[&link[..], &[&alone]].concat(), "option `authorization…` is of an adapter");
    place.refused(&["build", "--var", CANARY], "a variable is set by NAME=VALUE");
    place.refused(&["build", &format!("-D{CANARY}")], "a variable is set by NAME=VALUE");
    place.keeps_silent(&[]);
}

#[test]
fn a_line_of_a_file_that_cannot_be_read_is_not_shown() {
    let mut place = Place::new();
    let lines = [
        format!("\"header.authorization\" = \"{CANARY}"),
        format!("\"header.authorization\" = {CANARY}"),
        format!("\"header.authorization\" = '{CANARY}' x"),
        format!("\"header.authorization\" = '''{CANARY}"),
        format!("\"header.authorization\" = '{CANARY}'\n\"header.authorization\" = '{CANARY}'"),
        format!("\"header.authorization\" = \"\\{CANARY}\""),
        format!("\"header.authorization\": {CANARY}"),
    ];
    for line in &lines {
        place.write("config.toml", format!("[messaging-over-http]\n{line}\n"));
        place.refused(
            &plug(&["--config", "config.toml", "-o", "out.wasm"]),
            "0: the configuration is not TOML\n  1: line ",
        );
        place.write("msgcompose.toml", format!("[composition.a.options]\n{line}\n"));
        place.refused(&["build"], "0: the project file is not TOML\n  1: line ");
        place.refused(&["build", "--json"], "line ");
    }
    place.keeps_silent(&[]);
}

#[test]
fn a_value_of_a_file_that_means_nothing_is_not_shown() {
    let mut place = Place::new();
    let begin = "[composition.a]\nguest = 'ticker.wasm'\nadapters = ['messaging-over-http']\noutput = 'out.wasm'\n";
    let wrong = [
        (format!("options = '{CANARY}'"), "expected a table"),
        (format!("options = ['{CANARY}']"), "expected a table"),
        (format!("options.'header.authorization' = {{ a = '{CANARY}', b = 1.5 }}"), "is a fraction"),
        (format!("options.'header.authorization' = [{{ a = '{CANARY}' }}]"), "is a table"),
        (format!("secrets = ['header.authorization={CANARY}']\nconfig-from = 'env'"), "has a value"),
        (format!("options.'header.authorization' = '{CANARY}${{'"), "options.header.authorization"),
        (format!("options.messaging-over-http.'header.authorization' = '{CANARY}'"), "is secret"),
    ];
    for (line, says) in &wrong {
        place.write("msgcompose.toml", format!("{begin}{line}\n"));
        place.refused(&["build"], says);
    }
    place.write("msgcompose.toml", format!("variables.token = '{CANARY}${{a}}'\n{begin}"));
    place.refused(&["build"], "variable `token` uses a variable");
    place.write("config.toml", format!("[messaging-over-http]\n'header.authorization' = [1.5, '{CANARY}']"));
    place.refused(&plug(&["--config", "config.toml"]), "a fraction");
    place.keeps_silent(&[]);
}

#[test]
fn what_is_composed_with_a_secret_does_not_show_it() {
    let mut place = Place::new();
    let secret = format!("header.authorization=Bearer {CANARY}");
    let baked = plug(&["--bake-secrets", "--set", &secret]);
    let with = |more: &[&'static str]| -> Vec<String> {
        baked.iter().copied().chain(more.iter().copied()).map(str::to_owned).collect()
    };
    for more in [
        &["-o", "out.wasm"][..],
        &["-o", "out.wasm", "-v"],
        &["-o", "out.wasm", "--json"],
        &["-o", "out.wasm", "--explain", "--debug"],
        &["-o", "out.wasm", "--config-from", "env"],
        &["--plan"],
    ] {
        let arguments = with(more);
        place.succeeds(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for picture in ["svg", "dot", "mmd", "txt"] {
        let mut arguments = baked.clone();
        let output = format!("out.{picture}");
        arguments[0] = "graph";
        place.succeeds(&[&arguments[..], &["-o", &output]].concat());
    }
    place.succeeds(&["inspect", "out.wasm"]);
    place.succeeds(&["inspect", "out.wasm", "--json"]);
    place.succeeds(&["inspect", "out.wasm", "--sbom"]);
    place.succeeds(&["graph", "out.wasm"]);
    place.run(&["check", "out.wasm", "--host", "wasmtime-serve", "-v"]);
    place.run(&["check", "out.wasm", "--host", "wasmtime-serve", "--json"]);
    // A secret that a duty names.
    let [word, token] = ["word", "token.a"].map(|option| format!("{option}={CANARY}"));
    let duty = ["--bake-secrets", "--set", &word, "--set", &token, "-o", "mine.wasm"];
    place.succeeds(&mine(&duty));
    place.succeeds(&mine(&[&duty[..], &["--json"]].concat()));
    let said = String::from_utf8_lossy(&place.printed[place.printed.len() - 2].1.stderr).into_owned();
    assert!(said.contains("know `(secret)`"), "{said}");
    // A batch.
    place.write("guests/a.wasm", fixture("ticker"));
    place.write("guests/b.wasm", "not wasm");
    let batch = ["--set", "base-url=http://b", "--bake-secrets", "--set", &secret, "-o", "batch/"];
    place.run(&[&["plug", "guests/", "--adapter", "messaging-over-http"][..], &batch].concat());
    place.run(&[&["plug", "guests/", "--adapter", "messaging-over-http", "--json"][..], &batch].concat());
    place.keeps_silent(&["out.wasm", "mine.wasm", "batch/a.wasm"]);
}

#[test]
fn a_build_and_its_lock_do_not_show_it() {
    let mut place = Place::new();
    place.write(
        "msgcompose.toml",
        "[variables]\ntoken = 'none'\n[composition.a]\nguest = 'ticker.wasm'\nadapters = ['messaging-over-http']\n\
         bake-secrets = true\nconfig = 'config.toml'\noutput = 'a.wasm'\n[composition.a.options]\n\
         base-url = 'http://broker'\n'header.authorization' = 'Bearer ${token}'\n",
    );
    place.write("config.toml", format!("[messaging-over-http]\n'header.x-key' = '{CANARY}'"));
    let token = format!("token={CANARY}");
    place.succeeds(&["build", "--var", &token]);
    place.succeeds(&["build", "--var", &token, "--locked", "--json"]);
    place.succeeds(&["build", "--var", &token, "--locked", "-v"]);
    place.succeeds(&["build", "--var", &token, "--plan"]);
    place.refused(&["build", "--var", &format!("token={CANARY}2"), "--locked"], "has changed");
    place.keeps_silent(&["a.wasm"]);
}

#[test]
fn a_reproduction_does_not_show_it() {
    let mut place = Place::new();
    let secret = format!("header.authorization=Bearer {CANARY}");
    let start = ["plug", "panics.wat", "--adapter", "messaging-over-http", "--set", "base-url=http://broker"];
    for more in [
        &["--bake-secrets", "--set", &secret][..],
        &["--bake-secrets", &format!("--set={secret}")],
        &["--set", &secret],
        &["--secret", "ce-source", "--set", &format!("ce-source={CANARY}"), "--config-from", "env"],
    ] {
        let (status, said) = place.run(&[&start[..], more, &["-o", "out.wasm"]].concat());
        assert_eq!(status, Some(3), "{said}");
    }
    place.write(
        "msgcompose.toml",
        "variables.token = ''\n[composition.a]\nguest = 'panics.wat'\nadapters = ['messaging-over-http']\n\
         bake-secrets = true\noutput = 'a.wasm'\noptions.'header.authorization' = 'Bearer ${token}'\n",
    );
    for variable in [&["--var", &format!("token={CANARY}")][..], &[&format!("-Dtoken={CANARY}")]] {
        let (status, said) = place.run(&[&["build"][..], variable].concat());
        assert_eq!(status, Some(3), "{said}");
    }
    assert!(files(place.folder.path()).iter().any(|path| path.to_string_lossy().contains("reproduction")));
    place.keeps_silent(&[]);
}

#[test]
fn the_library_shows_no_value_of_an_option_when_it_prints_for_debugging() {
    let composition = Composition::new("ticker.wasm", fixture("ticker"))
        .adapter(adapters::get("messaging-over-http").unwrap())
        .set("header.authorization", CANARY);
    let error = composition.clone().compose().unwrap_err();
    for text in [format!("{:?}", composition.options), format!("{error:?}")] {
        assert!(!has_canary(text.as_bytes()), "{text}");
    }
}
