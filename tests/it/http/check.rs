//! What `check` says of a host is what the host does.

use crate::{
    engine::{Mailbox, Variant, World},
    http::{compose, hosts::tool},
    support::{dummy, fixture, root},
};
use msgcompose::{Composition, ConfigFrom, catalogue, check::check, profile};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

/// Whether `wasmtime serve` takes a component, with these flags.
fn is_served(component: &[u8], flags: &[String]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("component.wasm");
    fs::write(&file, component).unwrap();
    let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
    command.args(["serve", "--addr", "127.0.0.1:0"]).args(flags.iter().flat_map(|flag| flag.split(' '))).arg(file);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // It says that it serves, or why not and ends.
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let is_served = said.any(|line| line.starts_with("Serving HTTP on"));
    child.kill().unwrap();
    child.wait().unwrap();
    is_served
}

/// The desk with options at run time.
fn configured(from: ConfigFrom) -> Vec<u8> {
    let composition = Composition::new("quote-desk.wasm", fixture("quote-desk")).with(|all| all.config_from = from);
    let adapter = catalogue::get("messaging-over-http").unwrap();
    composition.adapter(adapter).compose().unwrap().component.to_bytes()
}

/// The desk with a mailbox, over HTTP.
fn stacked() -> Vec<u8> {
    let composition = Composition::new("quote-desk.wasm", fixture("quote-desk"))
        .adapter(catalogue::get("reqreply-over-pubsub").unwrap())
        .adapter(catalogue::get("messaging-over-http").unwrap());
    let composition = composition.set("reply-topic", "replies").set("base-url", "http://localhost");
    composition.compose().unwrap().component.to_bytes()
}

#[test]
fn wasmtime_serves_what_check_says_and_with_its_flags_only() {
    let serve = profile::get("wasmtime-serve").unwrap();
    for (name, component, runs, flags) in [
        ("bare-echo", fixture("bare-echo"), true, ""),
        ("pricer", compose(fixture("pricer"), &[]), true, ""),
        ("environment", configured(ConfigFrom::Env), true, "-S cli"),
        ("host's store", configured(ConfigFrom::Host), true, "-S config"),
        ("stack", stacked(), true, "-S keyvalue"),
        ("gateway as it is", fixture("gateway"), false, ""),
        ("front as it is", fixture("front"), false, ""),
    ] {
        let outcome = check(name, &component, &serve).unwrap();
        assert_eq!((outcome.runs, outcome.flags.join(" ")), (runs, flags.to_owned()), "{name}");
        assert_eq!(is_served(&component, &outcome.flags), runs, "{name}");
        assert!(flags.is_empty() || !is_served(&component, &[]), "{name} runs without a flag too");
    }
}

/// Whether `jco run` takes a program that does nothing.
fn is_run_by_jco(wit: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("program.wasm");
    fs::write(&file, program(wit)).unwrap();
    let mut command = Command::new(tool("MSGCOMPOSE_NODE"));
    command.arg(tool("MSGCOMPOSE_JCO")).args(["run", "--jco-dir"]).arg(folder.path().join("js")).arg(file);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // One that is taken traps, since it has no code.
    assert!(!output.status.success());
    let traps = said.contains("unreachable");
    assert!(traps || said.contains("wasi:"), "{said}");
    traps
}

/// A program that imports these interfaces.
fn program(imports: &str) -> Vec<u8> {
    let imports: String = imports.split_whitespace().map(|name| format!("import {name};\n")).collect();
    dummy(&format!("package t:t;\nworld program {{\n{imports}export wasi:cli/run@0.2.0;\n}}"))
}

#[test]
fn jco_runs_what_check_says() {
    let run = profile::get("jco-run").unwrap();
    for (imports, runs) in [
        ("", true),
        ("wasi:http/outgoing-handler@0.2.0 wasi:random/random@0.2.0 wasi:cli/environment@0.2.0", true),
        ("wasi:clocks/monotonic-clock@0.2.0 wasi:io/streams@0.2.0", true),
        ("wasi:keyvalue/store@0.2.0-draft", false),
        ("wasi:messaging/producer@0.2.0-draft", false),
    ] {
        let outcome = check("program", &program(imports), &run).unwrap();
        assert_eq!((outcome.runs, is_run_by_jco(imports)), (runs, runs), "{imports}");
    }
}

#[test]
fn the_development_host_takes_what_check_says() {
    let threads = tokio::runtime::Runtime::new().unwrap();
    let _entered = threads.enter();
    let world = World::new(Variant { mailbox: Mailbox::KeyValue("0.2.0-draft"), concurrency_support: true });
    let host = profile::get("msgcompose-host").unwrap();
    let mut verdicts = Vec::new();
    for entry in fs::read_dir(root().join("fixtures/prebuilt")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "wasm") {
            let bytes = fs::read(&path).unwrap();
            let runs = check("guest", &bytes, &host).unwrap().runs;
            assert_eq!(world.takes(&bytes), runs, "{}", path.display());
            verdicts.push(runs);
        }
    }
    assert!(verdicts.contains(&true) && verdicts.contains(&false));
    let clocks = program("wasi:clocks/monotonic-clock@0.3.0 wasi:clocks/system-clock@0.3.0");
    for component in [configured(ConfigFrom::Env), configured(ConfigFrom::Host), stacked(), clocks] {
        assert!(check("composed", &component, &host).unwrap().runs && world.takes(&component));
    }
}
