//! Runs the host's program with everything in memory.

use crate::{
    lab,
    support::{compose, compose_in, host, root},
};
use msgcompose::Remedied;
use std::{
    fs,
    io::Write,
    process::{Output, Stdio},
};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs `quote-desk` and `pricer` together.
fn run(arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let desk = compose("quote-desk", &[("reply-topic", "quotes.replies")], folder.path());
    let pricer = compose("pricer", &[], folder.path());
    let mut command = host();
    command.arg(format!("{}=quotes,quotes.replies", desk.display())).arg(format!("{}=prices", pricer.display()));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_delivered_message_is_followed_to_its_answer() {
    let output = run(&["--deliver", "quotes=ACME", "--metadata", "reply-to=answers"], "");
    let events = text(&output.stdout);
    let mut without_ids: Vec<&str> = events.lines().map(|line| line.split(" correlation-id").next().unwrap()).collect();
    without_ids.sort_unstable();
    let answer = without_ids.iter().position(|line| line.starts_with("quote-desk sent answers")).unwrap();
    assert!(without_ids.remove(answer).contains("\"ACME at 32.58\" message-id="), "{events}");
    let expected = [
        "pricer handled prices: ok",
        "pricer sent quotes.replies \"32.58\"",
        "quote-desk handled quotes.replies: ok",
        "quote-desk handled quotes: ok",
        "quote-desk sent prices \"ACME\"",
    ];
    assert_eq!(without_ids, expected);
    assert_eq!(text(&output.stderr), "ready\nsent 3, handled 3, answered 0, errors 0, traps 0\n");
    assert!(output.status.success());
}

#[test]
fn lines_of_standard_input_are_messages() {
    let output = run(&["--stdin", "--metadata", "reply-to=answers"], "quotes=A\nnonsense\nquotes=B\n");
    let events = text(&output.stdout);
    assert_eq!(events.lines().filter(|line| line.contains("sent answers")).count(), 2, "{events}");
    assert!(text(&output.stderr).contains("`nonsense` is not TOPIC=DATA"));
    assert!(output.status.success());
}

#[test]
fn quiet_is_quiet() {
    let output = run(&["--deliver", "quotes=ACME", "--quiet"], "");
    assert_eq!((text(&output.stdout), text(&output.stderr)), (String::new(), String::new()));
    assert!(output.status.success());
}

#[test]
fn a_trap_is_told_and_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let stubborn = compose("stubborn", &[("reply-topic", "replies")], folder.path());
    let output = host().arg(format!("{}=work", stubborn.display())).args(["--deliver", "work=trap"]).output().unwrap();
    assert!(text(&output.stdout).contains("stubborn handled work: trap: "), "{output:?}");
    assert!(text(&output.stderr).ends_with("sent 0, handled 0, answered 0, errors 0, traps 1\n"), "{output:?}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_guest_that_traps_in_the_second_call_of_an_instance_is_told_what_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let setup = compose("setup", &[], folder.path());
    let run = |instance: &str| {
        let mut command = host();
        command.arg(format!("{}=work", setup.display())).args(["--instance", instance]);
        command.args(["work=1", "work=2", "work=3", "work=4"].map(|message| ["--deliver", message]).as_flattened());
        text(&command.output().unwrap().stdout)
    };
    let events = run("shared");
    let lines = events.lines().filter(|line| line.starts_with("setup"));
    let lines: Vec<_> = lines.map(|line| line.split("trap: ").next().unwrap()).collect();
    let hint = "setup traps in the second call of an instance, and not in the first: it may rely on a fresh instance for \
                each call; try `--instance fresh`";
    let handled =
        ["setup handled work: ok", hint, "setup handled work: ", "setup handled work: ok", "setup handled work: "];
    assert_eq!(lines, handled, "once is enough");
    assert_eq!(run("fresh"), "setup handled work: ok\n".repeat(4));
}

#[test]
fn replies_that_shared_instances_drop_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let options = [("reply-topic", "replies"), ("mailbox", "memory"), ("inbox", "shared")];
    let desk = compose_in("mixed", "quote-desk", &options, folder.path());
    let mut command = host();
    command.arg(format!("{}=quotes,replies", desk.display())).args(["--instance", "shared:2", "--inbox", "replies"]);
    command.args(["--deliver", "replies=late", "--metadata", &format!("correlation-id={}", "0".repeat(32))]);
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    assert!(said.ends_with("handled 2, answered 0, errors 0, traps 0\ndropped replies: unknown 2\n"), "{said}");
    assert!(output.status.success());
}

#[test]
fn a_program_runs_with_its_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let survey = compose("survey", &[("reply-topic", "replies")], folder.path());
    let chatty = compose("chatty", &[], folder.path());
    let mut command = host();
    command.arg(format!("{}=replies", survey.display())).arg(format!("{}=crowd", chatty.display()));
    for argument in ["crowd", "3", "20000", "anybody?"] {
        command.args(["--arg", argument]);
    }
    // One reply after the other, so that their order is fixed.
    let output = command.args(["--concurrency", "1"]).output().unwrap();
    let events = text(&output.stdout);
    assert!(events.contains("survey sent survey.results \"1 of 3\\n2 of 3\\n3 of 3\""), "{events}");
    assert!(events.contains("survey ran: ok"), "{events}");
    assert!(output.status.success());
}

#[test]
fn components_that_cannot_run_are_refused_with_the_reason() {
    let guest = root().join("fixtures/prebuilt/quote-desk.wasm");
    let ticker = root().join("fixtures/prebuilt/ticker.wasm");
    for (arguments, reason) in [
        (vec![guest.to_str().unwrap().to_owned()], "--adapter reqreply-over-pubsub"),
        (vec!["no-such.wasm".to_owned()], "failed to read `no-such.wasm`"),
        (vec![format!("{}=ticks", ticker.display())], "so it cannot subscribe"),
        (vec![ticker.display().to_string(), "--keyvalue".into(), "nats".into()], "needs `--broker nats://"),
        (vec![ticker.display().to_string(), "--broker".into(), "nats://127.0.0.1:1".into()], "no NATS server at"),
    ] {
        let output = host().args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    }
}

/// A program that does nothing, as text.
const PROGRAM: &str = r#"
    (component
      (core module $m (func (export "run") (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (func $run (result (result)) (canon lift (core func $i "run")))
      (instance $run (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $run)))
"#;

#[test]
fn a_core_module_with_its_component_type_and_a_component_as_text_run() {
    let folder = tempfile::tempdir().unwrap();
    let (module, program) = (folder.path().join("lab.wasm"), folder.path().join("idle.wat"));
    fs::write(&module, lab::module(lab::SYNC)).unwrap();
    fs::write(&program, PROGRAM).unwrap();
    let apps = [format!("{}=work", module.display()), program.display().to_string()];
    let output = host().args(apps).args(["--deliver", "work=c"]).output().unwrap();
    let events = text(&output.stdout);
    assert!(events.contains("lab sent counts ") && events.contains("lab handled work: ok\n"), "{output:?}");
    assert!(events.contains("idle ran: ok\n") && output.status.success(), "{output:?}");
}

#[test]
fn what_is_no_component_is_named_as_the_tool_names_it() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, reason) in [
        ("module.wasm", &b"\0asm\x01\0\0\0"[..], "`{}` is a core module without a component type"),
        ("module.wat", b"(module)", "`{}` is a core module without a component type"),
        ("old.wasm", b"\0asm\x0c\0\x01\0", "`{}` is a component in the format of 2023 (version 0x0c), which no tool"),
        ("cut.wasm", b"\0asm\x0d\0\x01\0\x07", "`{}` is truncated or damaged"),
        ("wrong.wat", b"(component (import))", "`{}` is WebAssembly text, but cannot be read as such"),
        ("page.html", b"<html>", "`{}` is not WebAssembly: it begins with `<html>`"),
        ("empty.wasm", b"", "`{}` is empty"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let output = host().arg(&path).output().unwrap();
        let error = msgcompose::read_component(path.to_str().unwrap(), bytes).unwrap_err();
        let said = text(&output.stderr);
        let reason = reason.replace("{}", path.to_str().unwrap());
        assert!(said.starts_with(&format!("error: {error}\n")) && error.to_string().starts_with(&reason), "{said}");
        assert!(said.ends_with(&format!("\nhint: {}\n", error.remedy().unwrap())), "{said}");
        assert_eq!(output.status.code(), Some(1), "{said}");
    }
}

#[test]
fn a_handler_says_by_configure_which_topics_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let pricer = compose("pricer", &[], folder.path());
    for (dialect, mailbox) in [("sync", "keyvalue"), ("mixed", "memory"), ("async", "memory")] {
        let options = [("reply-topic", "orders.replies"), ("mailbox", mailbox), ("inbox", "shared")];
        let options = if mailbox == "memory" { &options[..] } else { &options[..2] };
        let guest = compose_in(dialect, "subscriber", options, folder.path());
        let mut command = host();
        command.arg(format!("{}=orders.replies", guest.display())).arg(format!("{}=prices", pricer.display()));
        if mailbox == "memory" {
            command.args(["--instance", "shared", "--inbox", "orders.replies"]);
        }
        let output = command.args(["--deliver", "returns=ACME", "--metadata", "reply-to=answers"]).output().unwrap();
        let (events, notes) = (text(&output.stdout), text(&output.stderr));
        assert!(notes.starts_with("`subscriber` takes `orders`, as it says by `configure`\n"), "{notes}");
        assert!(events.lines().any(|line| line.starts_with("subscriber sent answers \"32.58\"")), "{events}\n{notes}");
    }
}

#[test]
fn a_guest_in_javascript_says_by_configure_which_topics_it_takes() {
    let folder = std::env::var("MSGCOMPOSE_GUESTS").expect("`cargo xtask test` sets `MSGCOMPOSE_GUESTS`");
    let guest = std::fs::read(std::path::Path::new(&folder).join("subscriber-js.wasm")).unwrap();
    let adapter = msgcompose::adapters::get("reqreply-over-pubsub").unwrap();
    let composed =
        msgcompose::Composition::new("subscriber-js.wasm", guest).adapter(adapter).set("reply-topic", "replies");
    let composed = composed.compose().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("subscriber-js.wasm");
    std::fs::write(&path, composed.component.to_bytes()).unwrap();
    let mut command = host();
    command.arg(path).args(["--deliver", "orders=ACME", "--metadata", "reply-to=answers"]);
    let output = command.output().unwrap();
    let events = text(&output.stdout);
    assert!(events.lines().any(|line| line.starts_with("subscriber-js sent answers \"ACME\"")), "{output:?}");
}
