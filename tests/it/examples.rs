//! Types the commands of the walk-throughs in `examples/`, and compares their output.
//!
//! All `sh` blocks of a walk-through are typed into one shell. The `text` block after an `sh` block shows the complete
//! output meanwhile, line by line, and `…` stands for any text within a line. A command in the background is ready once
//! it has printed what the text shows, so it must print something. Each port in the text is replaced by a free one.

use crate::{http::server::free_port, support::root};
use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::symlink, process::CommandExt},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Longer than any command takes unless it hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the shell prints after a block's last command.
const DONE: &str = "-- done --";

/// A block to type and the output to expect.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    typed: String,
    shown: Option<String>,
}

/// Returns the steps of a walk-through. A `text` block that follows no `sh` block is an illustration.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_answered = true;
    // Every second part is inside a fence.
    for block in text.split("```").skip(1).step_by(2) {
        match block.split_once('\n') {
            Some(("sh", typed)) => {
                steps.push(Step { typed: typed.into(), shown: None });
                is_answered = false;
            }
            Some(("text", shown)) if !is_answered => {
                steps.last_mut().unwrap().shown = Some(shown.into());
                is_answered = true;
            }
            Some(("text", _)) if steps.is_empty() => {}
            // The content of a file, not for the shell.
            Some(("rust" | "toml" | "wit", _)) => {}
            _ => panic!("what is this block for?\n{block}"),
        }
    }
    steps
}

/// Returns whether a line of the text matches a line of output.
fn stands_for(shown: &str, printed: &str) -> bool {
    match shown.split_once('…') {
        None => shown == printed,
        Some((before, after)) => printed.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.any(|at| stands_for(after, &rest[at..]))
        }),
    }
}

/// Finds a free port for each port in an address of the text.
fn ports(text: &str) -> BTreeMap<&str, String> {
    let mut ports = BTreeMap::new();
    for address in text.split("127.0.0.1:").skip(1) {
        let port = &address[..address.find(|c: char| !c.is_ascii_digit()).unwrap_or(address.len())];
        ports.entry(port).or_insert_with(|| free_port().to_string());
    }
    ports
}

/// Returns the text with its ports replaced.
fn with_ports(text: &str, ports: &BTreeMap<&str, String>) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_digit());
    let replaced = words.map(|word| {
        let number = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        ports.get(number).map_or(word.to_owned(), |port| word.replacen(number, port, 1))
    });
    replaced.collect()
}

/// A shell in a folder with the project's files. When it ends, so do all processes that it started.
struct Shell {
    bash: Child,
    input: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
}

impl Drop for Shell {
    fn drop(&mut self) {
        let group = format!("-{}", self.bash.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.bash.wait();
    }
}

impl Shell {
    fn start(folder: &Path, variables: &[(&str, &Path)]) -> Self {
        let mut bash = Command::new("bash")
            // A failing command ends the shell, and so the test.
            .args(["-e", "-s"])
            .current_dir(folder)
            .env("PATH", path())
            .envs(variables.iter().copied())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = bash.stdin.take().unwrap();
        writeln!(input, "exec 2>&1").unwrap();
        let output = BufReader::new(bash.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        Self { bash, input: Some(input), lines }
    }

    /// Types a step. Returns its output, once the step is done and has printed at least as many lines as shown.
    fn take(&mut self, step: &Step) -> Result<Vec<String>, String> {
        let wanted = step.shown.as_deref().map_or(0, |shown| shown.lines().count());
        let mut printed = Vec::new();
        self.type_in(&format!("{{\n{}}} < /dev/null", step.typed))?;
        while printed.len() < wanted {
            printed.push(self.line(&printed)?);
        }
        // Only now, because a server may print its first line in pieces.
        self.type_in(&format!("echo '{DONE}'"))?;
        loop {
            match self.line(&printed)? {
                line if line == DONE => break,
                line => printed.push(line),
            }
        }
        Ok(printed)
    }

    fn type_in(&mut self, text: &str) -> Result<(), String> {
        writeln!(self.input.as_mut().unwrap(), "{text}").map_err(|error| error.to_string())
    }

    /// Returns the next line of output.
    fn line(&self, printed: &[String]) -> Result<String, String> {
        self.lines.recv_timeout(PATIENCE).map_err(|error| format!("{error}, after {printed:#?}"))
    }

    /// Ends the shell, once no process can print any more.
    fn end(mut self) -> Result<(), String> {
        drop(self.input.take());
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(error) => return Err(format!("something is not stopped: {error}")),
            }
        }
        let status = self.bash.wait().unwrap();
        status.success().then_some(()).ok_or_else(|| status.to_string())
    }
}

/// Returns a search path that starts with the built and fetched programs.
pub fn path() -> std::ffi::OsString {
    let wasmtime = env::var_os("MSGCOMPOSE_WASMTIME").expect("`cargo xtask test` sets `MSGCOMPOSE_WASMTIME`");
    let nats = env::var_os("MSGCOMPOSE_NATS_SERVER").expect("`cargo xtask test` sets `MSGCOMPOSE_NATS_SERVER`");
    let programs = [Path::new(env!("CARGO_BIN_EXE_msgcompose")), Path::new(&wasmtime), Path::new(&nats)];
    let folders = programs.map(|program| program.parent().unwrap().to_owned());
    let others = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.into_iter().chain(env::split_paths(&others))).unwrap()
}

/// Runs a walk-through.
fn walk(text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    for part in ["examples", "fixtures"] {
        symlink(root().join(part), folder.path().join(part)).unwrap();
    }
    let python = env::var_os("MSGCOMPOSE_NATS_PY").expect("`cargo xtask test` sets `MSGCOMPOSE_NATS_PY`");
    walk_in(folder.path(), &[("PYTHONPATH", Path::new(&python))], text)
}

/// Runs a walk-through in a folder, with variables in the environment.
pub fn walk_in(folder: &Path, variables: &[(&str, &Path)], text: &str) -> Result<(), String> {
    let mut shell = Shell::start(folder, variables);
    for step in steps(&with_ports(text, &ports(text))) {
        if step.typed.contains(" &\n") && step.shown.is_none() {
            return Err(format!("nothing is shown by which it is ready:\n{}", step.typed));
        }
        let printed = shell.take(&step).map_err(|error| format!("{}{error}", step.typed))?;
        let Some(shown) = &step.shown else { continue };
        let is_shown = shown.lines().count() == printed.len()
            && shown.lines().zip(&printed).all(|(shown, printed)| stands_for(shown, printed.trim_end()));
        if !is_shown {
            return Err(format!("{}--- shown\n{shown}--- printed\n{}", step.typed, printed.join("\n")));
        }
    }
    shell.end()
}

fn walk_example(name: &str) {
    walk_file(&format!("examples/{name}/README.md"));
}

fn walk_file(path: &str) {
    let text = fs::read_to_string(root().join(path)).unwrap();
    walk(&text).unwrap_or_else(|error| panic!("{path}:\n{error}"));
}

/// Returns the section of the README with this heading.
fn readme(heading: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    readme.split("\n## ").find(|section| section.starts_with(heading)).unwrap().to_owned()
}

#[test]
fn the_readme_over_http() {
    walk(&readme("Over HTTP")).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_readme_over_nats() {
    walk(&readme("Over NATS")).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_program_over_nats() {
    walk_file("docs/messaging-over-nats.md");
}

#[test]
fn the_readme_without_a_broker() {
    walk(&readme("Without a broker")).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_readme_over_http_with_a_guest_in_javascript() {
    let guests = env::var("MSGCOMPOSE_GUESTS").expect("`cargo xtask test` sets `MSGCOMPOSE_GUESTS`");
    let text =
        readme("Over HTTP").replace("fixtures/prebuilt/quote-desk.wasm", &format!("{guests}/quote-desk-js.wasm"));
    let text = text.replace("composed `quote-desk.wasm`", "composed `quote-desk-js.wasm`");
    // It imports its whole world, whether called or not.
    let asked = "  wasi:messaging/request-reply@0.2.0-draft     provided by messaging-over-http/provider\n";
    let sent = asked.replace("request-reply@0.2.0-draft     ", "producer@0.2.0-draft          ");
    assert!(text.contains(asked));
    walk(&text.replacen(asked, &(asked.to_owned() + &sent), 1)).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_webhook() {
    walk_example("webhook");
}

#[test]
fn a_knative_broker() {
    walk_example("knative");
}

#[test]
fn a_dapr_sidecar() {
    walk_example("dapr");
}

/// This runs in the project itself, because the example builds the project's library. It uses the project's versions
/// and a target folder that is kept.
#[test]
fn a_build_script() {
    let folder = root().join("examples/build-script");
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-script");
    // Build it before the walk, because the build takes longer than the walk waits.
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--offline", "--quiet"]).current_dir(&folder).env("CARGO_TARGET_DIR", &target);
    assert!(build.status().unwrap().success());
    let text = fs::read_to_string(folder.join("README.md")).unwrap();
    let variables = [("CARGO_TARGET_DIR", &*target), ("CARGO_TERM_COLOR", Path::new("never"))];
    walk_in(&root(), &variables, &text).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_provenance_of_a_component() {
    walk_file("docs/provenance.md");
}

#[test]
fn a_program_with_its_mailbox_in_memory() {
    walk_file("docs/mailboxes.md");
}

#[test]
fn a_guest_with_http_of_its_own() {
    walk_file("docs/messaging-over-http.md");
}

#[test]
fn a_guest_of_wasmcloud() {
    walk_file("docs/wasmcloud-over-messaging.md");
}

#[test]
fn a_shop() {
    walk_example("shop");
}

#[test]
fn every_example_is_walked_through_and_linked() {
    let index = fs::read_to_string(root().join("examples/README.md")).unwrap();
    let entries = fs::read_dir(root().join("examples")).unwrap().map(Result::unwrap);
    let mut names: Vec<_> =
        entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["build-script", "dapr", "knative", "shop", "webhook"], "each has a test above");
    for name in names {
        assert!(index.contains(&format!("[{name}]({name}/README.md)")), "{name}");
    }
}

#[test]
fn output_that_differs_from_the_text_is_found() {
    let walked = |typed: &str, shown: &str| walk(&format!("```sh\n{typed}\n```\n```text\n{shown}\n```"));
    assert_eq!(walked("echo one; echo two", "one\ntwo"), Ok(()));
    assert_eq!(walked("echo id-7f3a, one", "id-…, one"), Ok(()));
    assert_eq!(walked("(sleep 0.2; echo ready) &", "ready"), Ok(()));
    for (typed, shown) in [("echo one", "two"), ("echo one; echo two", "one"), ("false", "…"), ("echo ab", "…a")] {
        assert!(walked(typed, shown).is_err(), "{typed}");
    }
    assert!(walk("```sh\nsleep 9 &\n```\n").is_err(), "when is it ready?");
}

#[test]
fn ports_are_replaced_as_numbers() {
    let ports = BTreeMap::from([("80", "1".to_owned()), ("8080", "2".to_owned())]);
    assert_eq!(with_ports("a:8080/ 80 180 b80,\n80", &ports), "a:2/ 1 180 b1,\n1");
}
