//! On a terminal: refused output, colours and widths, verbosity, and completions for the shell.

use crate::support::{FLAGSHIP, root};
use std::{
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Command, Stdio},
};

/// A script that runs a program on a terminal with this many columns, and passes on its output and exit code.
const ON_A_TERMINAL: &str = "\
import fcntl, os, pty, struct, sys, termios
child, terminal = pty.fork()
if not child:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
try:
    while data := os.read(terminal, 4096):
        sys.stdout.buffer.write(data)
except OSError:
    pass
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))";

/// Runs `msgcompose` on a terminal and returns its output and exit code.
fn on_a_terminal(columns: usize, arguments: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let output = Command::new("python3")
        .args(["-c", ON_A_TERMINAL, &columns.to_string(), env!("CARGO_BIN_EXE_msgcompose")])
        .args(arguments)
        .current_dir(root())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TERM", "xterm")
        .envs(variables.iter().copied())
        .output()
        .expect("python3 is there");
    assert!(output.stderr.is_empty(), "{output:?}");
    (String::from_utf8_lossy(&output.stdout).replace('\r', ""), output.status.code())
}

/// Runs `msgcompose` with pipes and returns standard output and standard error.
fn in_a_pipe(arguments: &[&str], variables: &[(&str, &str)]) -> [String; 2] {
    let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
    let output =
        command.args(arguments).current_dir(root()).env_clear().envs(variables.iter().copied()).output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[test]
fn a_component_is_not_written_to_a_terminal() {
    let arguments = ["plug", "fixtures/prebuilt/pricer.wasm", "--adapter", FLAGSHIP];
    let (printed, code) = on_a_terminal(80, &arguments, &[("NO_COLOR", "1")]);
    let expected =
        "error: a component is not written to a terminal\n\nhint: pass `-o FILE`, or redirect standard output\n";
    assert_eq!((&*printed, code), (expected, Some(2)));
}

#[test]
fn a_report_is_written_at_once() {
    // A datagram socket keeps separate writes apart.
    let (ours, its) = UnixDatagram::pair().unwrap();
    let composed = tempfile::tempdir().unwrap();
    let guest = ["plug", "fixtures/prebuilt/pricer.wasm", "--adapter", FLAGSHIP, "-o"];
    for (arguments, start) in [(&guest[..], "composed `pricer.wasm`"), (&["adapters", "pigeon"], "error: ")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
        command.args(arguments).stdout(Stdio::null()).stderr(OwnedFd::from(its.try_clone().unwrap()));
        if arguments.ends_with(&["-o"]) {
            command.arg(composed.path().join("app.wasm"));
        }
        command.current_dir(root()).env_clear().status().unwrap();
        let mut report = [0; 1 << 16];
        let length = ours.recv(&mut report).unwrap();
        let report = String::from_utf8_lossy(&report[..length]);
        assert!(report.starts_with(start) && report.ends_with('\n') && report.lines().count() > 2, "{report}");
        ours.set_nonblocking(true).unwrap();
        assert!(ours.recv(&mut [0; 1]).is_err(), "more was written than\n{report}");
        ours.set_nonblocking(false).unwrap();
    }
}

#[test]
fn there_are_colours_where_they_are_wanted() {
    let wrong = ["adapters", "pigeon"];
    let coloured = |text: &str| text.contains('\u{1b}');
    let (printed, _) = on_a_terminal(80, &wrong, &[]);
    assert!(printed.starts_with("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m"), "{printed:?}");
    assert!(!coloured(&on_a_terminal(80, &wrong, &[("NO_COLOR", "1")]).0));
    assert!(!coloured(&on_a_terminal(80, &wrong, &[("TERM", "dumb")]).0));
    assert!(!coloured(&in_a_pipe(&wrong, &[])[1]));
    assert!(coloured(&in_a_pipe(&wrong, &[("CLICOLOR_FORCE", "1")])[1]));
    // Help and lists follow the same rules.
    for arguments in [["adapters", FLAGSHIP], ["plug", "--help"]] {
        assert!(coloured(&on_a_terminal(80, &arguments, &[]).0), "{arguments:?}");
        assert!(!coloured(&on_a_terminal(80, &arguments, &[("NO_COLOR", "1")]).0), "{arguments:?}");
        assert!(!coloured(&in_a_pipe(&arguments, &[])[0]), "{arguments:?}");
    }
}

#[test]
fn prose_is_as_wide_as_the_terminal_and_whole_in_a_pipe() {
    for arguments in [&["adapters", FLAGSHIP][..], &["check", "fixtures/prebuilt/pricer.wasm", "--host", "jco-serve"]] {
        let whole = &in_a_pipe(arguments, &[])[0];
        assert!(whole.lines().any(|line| line.len() > 100), "nothing to break: {whole}");
        for columns in [60, 100] {
            let (printed, _) = on_a_terminal(columns, arguments, &[("NO_COLOR", "1")]);
            // An error is not wrapped: it contains commands that somebody may copy.
            let printed = printed.split("error: ").next().unwrap();
            let long = |line: &&str| line.chars().count() > columns && line.trim().contains(' ');
            assert_eq!(printed.lines().find(long), None, "{columns} columns\n{printed}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(whole), words(printed));
        }
    }
    // JSON is for programs and stays unchanged.
    let json = ["adapters", FLAGSHIP, "--json"];
    assert_eq!(on_a_terminal(60, &json, &[]).0, in_a_pipe(&json, &[])[0]);
    // A terminal with an unknown width.
    let list = ["adapters"];
    assert_eq!(on_a_terminal(0, &list, &[("NO_COLOR", "1")]).0, in_a_pipe(&list, &[])[0]);
}

#[test]
fn verbose_tells_the_stages_and_what_was_looked_at_and_quiet_tells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app.wasm").display().to_string();
    let plug = ["plug", "fixtures/prebuilt/pricer.wasm", "--adapter", FLAGSHIP, "-o", &app];
    let [out, told] = in_a_pipe(&[&plug[..], &["-v"]].concat(), &[]);
    assert_eq!(out, "");
    let stage = |line: &str| {
        let (time, stage) = line.split_once(" ms  ")?;
        assert!(time.trim().parse::<f64>().is_ok(), "{line}");
        Some(stage.to_owned())
    };
    let stages: Vec<_> = told.lines().filter_map(stage).collect();
    let expected = [
        "read the guest",
        "read the adapters and options",
        "read the guest's types",
        "check the options",
        "read the adapters' parts",
        "plan",
        "bake the configuration",
        "encode",
        "put the guest in its place",
        "validate",
        "report",
        "write the component",
    ];
    assert_eq!(stages, expected);
    assert!(told.contains("left to the host\n"), "as with --explain: {told}");
    assert!(!in_a_pipe(&plug, &[])[1].contains(" ms "));
    assert_eq!(in_a_pipe(&[&plug[..], &["-q"]].concat(), &[]), ["", ""]);

    // The failing stage is the last one that is printed.
    let [_, told] = in_a_pipe(&[&plug[..], &["-v", "--set", "pigeon=1"]].concat(), &[]);
    let before = told.split_once("error:").unwrap().0;
    assert!(before.lines().last().unwrap().ends_with("check the options"), "{told}");

    let check = |flag| in_a_pipe(&["check", &app, "--host", "msgcompose-host", flag], &[]);
    assert_eq!(check("-q"), ["", ""]);
    let [out, told] = check("-v");
    assert!(out.contains("\n    run: in the tests\n"), "the source of a fact: {out}");
    assert!(told.ends_with("check against the host\n"), "{told}");
    // These flags exclude each other.
    for flags in [["-q", "-v"], ["-q", "--json"], ["-v", "--json"], ["-q", "--explain"], ["-q", "--plan"]] {
        let told = &in_a_pipe(&[&plug[..4], &flags].concat(), &[])[1];
        assert!(told.contains("cannot be used with"), "{flags:?}: {told}");
    }
}

/// Each shell gets a script. The test also lets bash complete a flag with its own.
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

/// Names of adapters, hosts and options are completed, and adapters may be paths all the same.
#[test]
fn names_of_adapters_hosts_and_options_are_completed() {
    let ask = "source <(\"$0\" completions bash); COMP_WORDS=(msgcompose \"${@:1}\"); COMP_CWORD=$#; \
               _msgcompose msgcompose \"${@: -1}\" \"${@: -2:1}\" 2>/dev/null; echo \"${COMPREPLY[@]}\"";
    let completed = |words: &[&str]| {
        let mut bash = Command::new("bash");
        let output = bash.args(["-c", ask, env!("CARGO_BIN_EXE_msgcompose")]).args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let over = "messaging-over-http messaging-over-nats";
    assert_eq!(completed(&["plug", "g.wasm", "--adapter", "mess"]), over);
    assert_eq!(completed(&["plug", "g.wasm", "--adapter", "./mine"]), "", "bash goes on with files");
    assert_eq!(completed(&["graph", "g.wasm", "--set", "reply-topic"]), "reply-topic=");
    assert_eq!(completed(&["link", "g.wasm", "--set", "header."]), "header.");
    assert_eq!(completed(&["plug", "g.wasm", "--secret", "base-u"]), "base-url");
    assert_eq!(completed(&["plug", "g.wasm", "--host", "wasmtime-s"]), "wasmtime-serve");
    assert_eq!(completed(&["check", "g.wasm", "--host", "jco-s"]), "jco-serve");
    assert_eq!(completed(&["adapters", "reqreply-o"]), "reqreply-over-pubsub");

    let script = |shell| {
        let output = Command::new(env!("CARGO_BIN_EXE_msgcompose")).args(["completions", shell]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let bash = script("bash");
    assert!(bash.matches("; compopt -o nospace").count() == 3, "{bash}");
    let zsh = script("zsh");
    let adapters = msgcompose::adapters::names().collect::<Vec<_>>().join(" ");
    assert!(zsh.matches(&format!(":{{compadd {adapters}; _files}}'")).count() >= 4, "{zsh}");
    assert!(zsh.matches(":KEY=VALUE:{compadd -S \"\" -- ").count() == 3, "{zsh}");
    assert!(zsh.contains("'*:guests -- ") && !zsh.contains("'*::guests"), "{zsh}");
    let fish = script("fish");
    let lines: Vec<_> = fish.lines().filter(|line| line.contains(" -l adapter ")).collect();
    assert!(lines.len() == 3 && lines.iter().all(|line| line.contains(" -r -F -a \"messaging-over-http")), "{lines:?}");
    // The names are in the scripts only: a path is as good as before.
    let output = in_a_pipe(&["plug", "--help"], &[]);
    assert!(!output[0].contains("possible values: messaging"), "{output:?}");
}
