//! What `check` says about a host is what the host does.

use crate::{
    engine::{Mailbox, Variant, World},
    http::{compose, hosts::tool},
    support::{dummy, fixture, root},
};
use msgcompose::{Composition, ConfigFrom, adapters, hosts, hosts::check};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

/// Returns whether `wasmtime serve` accepts a component, with these flags.
fn is_served(component: &[u8], flags: &[String]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("component.wasm");
    fs::write(&file, component).unwrap();
    let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
    command.args(["serve", "--addr", "127.0.0.1:0"]).args(flags.iter().flat_map(|flag| flag.split(' '))).arg(file);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // It prints that it serves, or the reason why not before it ends.
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let is_served = said.any(|line| line.starts_with("Serving HTTP on"));
    child.kill().unwrap();
    child.wait().unwrap();
    is_served
}

/// Composes the desk with options at run time.
fn configured(from: ConfigFrom) -> Vec<u8> {
    let composition = Composition::new("quote-desk.wasm", fixture("quote-desk")).with(|all| all.config_from = from);
    let adapter = adapters::get("messaging-over-http").unwrap();
    composition.adapter(adapter).compose().unwrap().component.to_bytes()
}

/// Composes the desk with a mailbox, over HTTP.
fn stacked() -> Vec<u8> {
    let composition = Composition::new("quote-desk.wasm", fixture("quote-desk"))
        .adapter(adapters::get("reqreply-over-pubsub").unwrap())
        .adapter(adapters::get("messaging-over-http").unwrap());
    let composition = composition.set("reply-topic", "replies").set("base-url", "http://localhost");
    composition.compose().unwrap().component.to_bytes()
}

#[test]
fn wasmtime_serves_what_check_says_and_with_its_flags_only() {
    let serve = hosts::get("wasmtime-serve").unwrap();
    for (name, component, runs, flags) in [
        ("bare-echo", fixture("bare-echo"), true, ""),
        ("pricer", compose(fixture("pricer"), &[]), true, ""),
        ("environment", configured(ConfigFrom::Env), true, "-S cli"),
        ("host's store", configured(ConfigFrom::Host), true, "-S config"),
        ("of WASI 0.3", dummy(P3), true, ""),
        ("gateway as it is", fixture("gateway"), false, ""),
        ("front as it is", fixture("front"), false, ""),
    ] {
        let outcome = check(name, &component, &serve).unwrap();
        assert_eq!((outcome.runs, outcome.flags.join(" ")), (runs, flags.to_owned()), "{name}");
        assert_eq!(is_served(&component, &outcome.flags), runs, "{name}");
        assert!(flags.is_empty() || !is_served(&component, &[]), "{name} runs without a flag too");
    }
    // Its store would be one for each instance. It is served, but `check` knows what it is for.
    let outcome = check("stack", &stacked(), &serve).unwrap();
    assert!(!outcome.runs && outcome.unmet[0].duty.kind == "offer-bucket" && is_served(&stacked(), &outcome.flags));
}

/// A component that imports and exports HTTP of WASI 0.3, as far as its names decide.
const P3: &str = "// alone
package t:t;
package wasi:http@0.3.0 { interface handler { handle: async func(); } }
package wasi:random@0.3.0 { interface random { get-random-u64: func() -> u64; } }
world component { import wasi:random/random@0.3.0; export wasi:http/handler@0.3.0; }";

/// Returns a program with these imports, in versions that are not in `wit/`.
fn program_of_versions(imports: &str, run: &str) -> Vec<u8> {
    dummy(&format!(
        "// alone
package t:t;
package wasi:random@0.2.99 {{ interface random {{ get-random-u64: func() -> u64; }} }}
package wasi:cli@0.2.12 {{
  interface run {{ run: func() -> result; }}
  interface exit {{ exit-with-code: func(code: u8); }}
}}
package wasi:cli@0.3.0 {{ interface run {{ run: async func() -> result; }} }}
package wasi:clocks@0.2.12 {{ interface timezone {{ utc-offset: func(); }} }}
package wasi:io@0.2.12 {{ interface error {{ resource error; }} }}
package wasi:sockets@0.2.12 {{
  interface network {{
    use wasi:io/error@0.2.12.{{error}};
    enum error-code {{
      unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, concurrency-conflict,
      not-in-progress, would-block, invalid-state, new-socket-limit, address-not-bindable, address-in-use,
      remote-unreachable, connection-refused, connection-reset, connection-aborted, datagram-too-large,
      name-unresolvable, temporary-resolver-failure, permanent-resolver-failure
    }}
    network-error-code: func(err: borrow<error>) -> option<error-code>;
  }}
}}
world program {{ {imports} export {run}; }}"
    ))
}

#[test]
fn wasmtime_runs_what_check_says() {
    let host = hosts::get("wasmtime-run").unwrap();
    let run = "wasi:cli/run@0.2.12";
    for (imports, run, runs, flags) in [
        ("", run, true, ""),
        ("", "wasi:cli/run@0.3.0", true, ""),
        ("import wasi:random/random@0.2.99;", run, true, ""),
        ("import wasi:cli/exit@0.2.12;", run, true, ""),
        ("import wasi:clocks/timezone@0.2.12;", run, false, ""),
        ("import wasi:sockets/network@0.2.12;", run, true, "-S network-error-code"),
    ] {
        let component = program_of_versions(imports, run);
        let outcome = check("program", &component, &host).unwrap();
        assert_eq!((outcome.runs, outcome.flags.join(" ")), (runs, flags.to_owned()), "{imports}");
        assert_eq!(is_run_by_wasmtime(&component, &outcome.flags), runs, "{imports} {run}");
        assert!(flags.is_empty() || !is_run_by_wasmtime(&component, &[]), "{imports} runs without a flag too");
    }
}

/// Returns whether `wasmtime run` accepts a program that does nothing.
fn is_run_by_wasmtime(program: &[u8], flags: &[String]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("program.wasm");
    fs::write(&file, program).unwrap();
    let mut command = Command::new(tool("MSGCOMPOSE_WASMTIME"));
    command.arg("run").args(flags.iter().flat_map(|flag| flag.split(' '))).arg(file);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // An accepted program traps, since it has no code.
    assert!(!output.status.success());
    let traps = said.contains("unreachable");
    assert!(traps || said.contains("wasi:") || said.contains("implementation is missing"), "{said}");
    traps
}

/// Returns whether `jco run` accepts a program that does nothing.
fn is_run_by_jco(program: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("program.wasm");
    fs::write(&file, program).unwrap();
    let mut command = Command::new(tool("MSGCOMPOSE_NODE"));
    command.arg(tool("MSGCOMPOSE_JCO")).args(["run", "--jco-dir"]).arg(folder.path().join("js")).arg(file);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // An accepted program traps, since it has no code.
    assert!(!output.status.success());
    let traps = said.contains("unreachable");
    assert!(traps || said.contains("wasi:"), "{said}");
    traps
}

/// Returns a program that imports these interfaces.
fn program(imports: &str) -> Vec<u8> {
    let imports: String = imports.split_whitespace().map(|name| format!("import {name};\n")).collect();
    dummy(&format!("package t:t;\nworld program {{\n{imports}export wasi:cli/run@0.2.0;\n}}"))
}

#[test]
fn jco_runs_what_check_says() {
    let run = hosts::get("jco-run").unwrap();
    for (imports, runs) in [
        ("", true),
        ("wasi:http/outgoing-handler@0.2.0 wasi:random/random@0.2.0 wasi:cli/environment@0.2.0", true),
        ("wasi:clocks/monotonic-clock@0.2.0 wasi:io/streams@0.2.0", true),
        ("wasi:keyvalue/store@0.2.0-draft", false),
        ("wasi:messaging/producer@0.2.0-draft", false),
    ] {
        let outcome = check("program", &program(imports), &run).unwrap();
        assert_eq!((outcome.runs, is_run_by_jco(&program(imports))), (runs, runs), "{imports}");
    }
    let newer = program_of_versions("import wasi:random/random@0.2.99;", "wasi:cli/run@0.2.12");
    assert!(check("program", &newer, &run).unwrap().runs && is_run_by_jco(&newer));
}

#[test]
fn the_development_host_takes_what_check_says() {
    let threads = tokio::runtime::Runtime::new().unwrap();
    let _entered = threads.enter();
    let world = World::new(Variant { mailbox: Mailbox::KeyValue("0.2.0-draft"), concurrency_support: true });
    let host = hosts::get("msgcompose-host").unwrap();
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
