//! The programs are there, and measure what they are told to. `cargo test` builds programs only for tests such as this
//! one.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use wasm_compose::{
    composer::ComponentComposer,
    config::{Config, Dependency, Instantiation, InstantiationArg},
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/prebuilt").join(name).with_extension("wasm")
}

/// Returns the answers to these lines.
fn answers(lines: &[String]) -> Vec<String> {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_msgcompose-bench"));
    let mut worker = worker.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    worker.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    let output = worker.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn numbers(answer: &str) -> Vec<f64> {
    answer.split(' ').map(|number| number.parse().unwrap_or_else(|_| panic!("{answer}"))).collect()
}

/// Returns the numbers of host calls: each counts all that the guest imports and calls.
fn host_calls(guest: &str, topics: &[(&str, &str)]) -> Vec<f64> {
    let line =
        |(topic, prefix): &(&str, &str)| format!("calls\t{}\ton\t{topic}\t{prefix}\t64\t1", fixture(guest).display());
    let lines: Vec<_> = topics.iter().map(line).collect();
    answers(&lines).iter().map(|answer| numbers(answer)[1]).collect()
}

#[test]
fn calls_of_the_host_are_counted() {
    // `data`, a new message, its content type, `reply`.
    assert_eq!(host_calls("echo", &[("echo", "")]), [4.0]);
    // `publish`; the courier publishes, and requests and then replies.
    let topics = [("echo", ""), ("forward", "there "), ("ask", "there "), ("nothing", "")];
    assert_eq!(host_calls("wasmcloud-courier", &topics), [1.0, 1.0, 2.0, 0.0]);
}

#[test]
fn instances_are_counted_and_weighed() {
    let line = |allocator: &str| format!("starting\t{}\t{allocator}\t1", fixture("bare-echo").display());
    let answers = answers(&[line("pool"), line("demand")]);
    let [pool, demand] = [&answers[0], &answers[1]].map(|answer| numbers(answer));
    assert_eq!(pool[2..], [3.0, 1.0, 1.0], "{pool:?}");
    assert!(pool[0] > 0.0 && demand[0] > 0.0 && demand[1] > 0.0, "{demand:?}");
}

/// `cargo xtask bench --small` counts those of parts.
#[test]
fn allocations_of_a_guest_are_not_counted() {
    let answers = answers(&[format!("allocations\t{}\techo\t\t64", fixture("echo").display())]);
    assert!(answers[0].contains("no part allocates"), "{answers:?}");
}

#[test]
fn a_failure_says_why() {
    let answers = answers(&["calls\tnowhere.wasm\ton\techo\t\t64\t1".to_owned(), "nonsense".to_owned()]);
    assert!(answers[0].starts_with("error: ") && answers[1].starts_with("error: "), "{answers:?}");
}

/// A program that needs little memory is not said to need what this test has.
#[test]
fn what_a_program_uses_is_measured() {
    let large = vec![1_u8; 200_000_000];
    let mut measure = Command::new(env!("CARGO_BIN_EXE_msgcompose-bench-files"));
    let output = measure.args(["measure", env!("CARGO_BIN_EXE_msgcompose-bench-files"), "copy"]);
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("measured.wasm");
    let output = output.args([fixture("echo"), out]).output().unwrap();
    let numbers = numbers(String::from_utf8(output.stdout).unwrap().trim_end());
    let [cpu, wall, peak] = numbers[..] else { panic!("{numbers:?}") };
    assert!(cpu < 60.0 && wall > 0.0, "{numbers:?}");
    assert!((100_000.0..100_000_000.0).contains(&peak), "{numbers:?}");
    drop(large);
}

#[test]
fn files_are_copied_and_plugged() {
    let run = |arguments: &[&Path]| {
        let mut files = Command::new(env!("CARGO_BIN_EXE_msgcompose-bench-files"));
        assert!(files.args(arguments).stdout(Stdio::null()).status().unwrap().success());
    };
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("files.wasm");
    run(&["copy".as_ref(), &fixture("echo"), &out]);
    assert_eq!(fs::read(&out).unwrap(), fs::read(fixture("echo")).unwrap());
    run(&["plug".as_ref(), &fixture("direct"), &fixture("pacer"), &out]);
    let plugged = fs::metadata(&out).unwrap().len();
    assert!(plugged > fs::metadata(fixture("direct")).unwrap().len() + fs::metadata(fixture("pacer")).unwrap().len());
}

/// What the page says of `wasm-tools compose`: it puts parts around a guest one at a time, as long as none of them has a
/// resource of its own that another one needs too. Then it needs a file that names all instances.
#[test]
fn what_the_composer_of_wasm_tools_wires() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm-tools");
    fs::create_dir_all(&folder).unwrap();
    let part = |adapter: &str, file: &str, name: &str| {
        let path = folder.join(name).with_extension("wasm");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters").join(adapter).join(file);
        fs::copy(from, &path).unwrap();
        path
    };
    let compose = |definition: &Path, root: &Path, out: &Path| {
        let mut files = Command::new(env!("CARGO_BIN_EXE_msgcompose-bench-files"));
        let output = files.arg("compose").args([definition, root, out]).env("RUST_BACKTRACE", "0").output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let [half, whole] = ["half.wasm", "whole.wasm"].map(|name| folder.join(name));
    let provider = part("reqreply-over-pubsub", "provider-0.2.0-draft.wasm", "provider");
    let interceptor = part("reqreply-over-pubsub", "interceptor-0.2.0-draft.wasm", "interceptor");
    assert_eq!(compose(&provider, &fixture("probe"), &half), "");
    assert_eq!(compose(&half, &interceptor, &whole), "");
    let unnamed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/reqreply-over-pubsub/provider-0.2.0-draft.wasm");
    let refused = compose(&unnamed, &fixture("probe"), &half);
    assert!(refused.contains("`provider-0.2.0-draft` is not in kebab case"), "{refused}");

    let receiver = part("messaging-over-http", "receiver.wasm", "receiver");
    let interceptor = part("messaging-over-http", "interceptor.wasm", "http-interceptor");
    assert_eq!(compose(&receiver, &fixture("echo"), &half), "");
    let refused = compose(&half, &interceptor, &whole);
    assert!(refused.contains("resource types are not the same"), "{refused}");

    let handler = "wasi:messaging/incoming-handler@0.2.0-draft";
    let types = "wasi:messaging/types@0.2.0-draft";
    let reply = "wasi:messaging/request-reply@0.2.0-draft";
    let exchange = "msgcompose:http/exchange@0.1.0";
    let mut config = Config::default();
    for (name, path) in [("receiver", receiver), ("guest", fixture("echo"))] {
        config.dependencies.insert(name.to_owned(), Dependency { path: std::path::absolute(path).unwrap() });
    }
    let instances = [
        ("root", &[(handler, "guest"), (types, "receiver"), (exchange, "receiver")][..]),
        ("guest", &[(types, "receiver"), (reply, "receiver")]),
    ];
    for (name, arguments) in instances {
        let arguments = arguments.iter().map(|(import, instance)| {
            let export = Some((*import).to_owned());
            ((*import).to_owned(), InstantiationArg { instance: (*instance).to_owned(), export })
        });
        let made = Instantiation { dependency: None, arguments: arguments.collect() };
        config.instantiations.insert(name.to_owned(), made);
    }
    let composed = ComponentComposer::new(&interceptor, &config).compose();
    println!("{:?}", composed.as_ref().map(Vec::len));
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(&composed.unwrap()).unwrap();
}
