//! What runs on which host, and what does not, and why. Each row was seen when the composition ran on that host, or is
//! what its sources say; the profile tells which. A new host means a profile and rows here.

use crate::support::{FLAGSHIP, OVER_HTTP, dummy, dummy_core, fixture};
use msgcompose::{Composition, Form, Remedied, adapters, hosts, hosts::check, inspect, types::Dialect};

/// A component to check.
#[derive(Clone, Copy)]
enum What {
    /// A guest of the fixtures with adapters and options.
    Plugged(&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]),
    /// The same, lifted to `async`.
    Lifted(&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]),
    /// A component of a world with these imports and exports.
    World(&'static str),
}
use What::{Lifted, Plugged, World};

impl What {
    fn component(self) -> Vec<u8> {
        let (guest, names, options, dialect) = match self {
            World(items) => return dummy(&format!("// alone\npackage t:t;\n{PACKAGES}\nworld w {{ {items} }}")),
            Plugged(guest, [], _) => return fixture(guest),
            Plugged(guest, adapters, options) => (guest, adapters, options, None),
            Lifted(guest, [], _) => {
                return msgcompose::uplift::uplift(guest, fixture(guest), Dialect::Async).unwrap().bytes.into_owned();
            }
            Lifted(guest, adapters, options) => (guest, adapters, options, Some(Dialect::Async)),
        };
        let mut composition = Composition::new(guest, fixture(guest)).with(|all| all.dialect = dialect);
        composition.adapters = names.iter().map(|name| adapters::get(name).unwrap()).collect();
        for (name, value) in options {
            composition = composition.set(*name, *value);
        }
        composition.compose().unwrap().component.to_bytes()
    }
}

/// Interfaces in versions that are not in `wit/`, as far as their names and functions decide.
const PACKAGES: &str = "
package wasi:random@0.2.99 { interface random { get-random-u64: func() -> u64; } }
package wasi:cli@0.2.12 {
  interface run { run: func() -> result; }
  interface exit { exit-with-code: func(code: u8); }
}
package wasi:cli@0.3.0 { interface run { run: async func() -> result; } }
package wasi:sockets@0.2.12 { interface network { network-error-code: func(); } }
package wasi:http@0.3.0 { interface handler { handle: async func(); } interface client { send: async func(); } }
package wasi:http@0.2.0 { interface incoming-handler { handle: func(); } }
package wasi:keyvalue@0.2.0-draft { interface store { open: async func(); } }
package wasi:keyvalue@0.2.0-draft2 { interface store { open: async func(); } interface atomics { increment: func(); } }
package wasi:config@0.2.0-rc.1 { interface store { get: func(); } }
package wasi:logging@0.1.0-draft { interface logging { log: func(); } }
package wasi:otel@0.2.0-rc.2 { interface logs { emit: func(); } }
package wasi:blobstore@0.2.0-draft { interface blobstore { create: func(); } }
package wasmcloud:messaging@0.2.0 {
  interface consumer { publish: func(); }
  interface handler { handle-message: func(); }
}
package acme:orders { interface db { query: func(); } }
";

const HTTP: &[&str] = &[OVER_HTTP];
const STACK: &[&str] = &[FLAGSHIP, OVER_HTTP];
const URL: (&str, &str) = ("base-url", "http://broker");
const REPLIES: (&str, &str) = ("reply-topic", "replies");
const MEMORY: &[(&str, &str)] = &[REPLIES, ("mailbox", "memory")];
const BUCKET: &[(&str, &str)] = &[REPLIES, URL];
const BUCKET2: &[(&str, &str)] = &[REPLIES, URL, ("keyvalue", "0.2.0-draft2")];

/// The component, the host, and the flags with which it runs, or a part of the reason why it does not.
const VERDICTS: &[(What, &str, Result<&str, &str>)] = &[
    // A store of each instance is no mailbox, and wasmtime's command line has only that.
    (Plugged("pricer", HTTP, &[]), "wasmtime-serve", Ok("")),
    (Plugged("quote-desk", HTTP, &[URL]), "wasmtime-serve", Ok("")),
    (Plugged("quote-desk", STACK, BUCKET), "wasmtime-serve", Err("there, each instance has a store of its own")),
    (Plugged("pricer", STACK, &[URL]), "wasmtime-serve", Ok("")),
    (World("export wasi:http/handler@0.3.0; import wasi:http/client@0.3.0;"), "wasmtime-serve", Ok("")),
    (
        Plugged("ticker", &[], &[]),
        "wasmtime-serve",
        Err("is a program (`wasi:cli/run@0.2.0`), and the host calls none"),
    ),
    (
        World("import acme:orders/db; export wasi:http/handler@0.3.0;"),
        "wasmtime-serve",
        Err("imports `acme:orders/db`, which neither the host nor any adapter has"),
    ),
    // wasmtime and jco link every version of a track. Only functions may be missing.
    (World("import wasi:random/random@0.2.99; export wasi:cli/run@0.2.12;"), "wasmtime-run", Ok("")),
    (World("import wasi:random/random@0.2.99; export wasi:cli/run@0.2.12;"), "jco-run", Ok("")),
    (World("export wasi:cli/run@0.3.0;"), "wasmtime-run", Ok("")),
    (World("export wasi:cli/run@0.3.0;"), "jco-run", Err("the host calls `wasi:cli/run@0.2.0`")),
    (
        World("import wasi:sockets/network@0.2.12; export wasi:cli/run@0.2.12;"),
        "wasmtime-run",
        Ok("-S network-error-code"),
    ),
    (World("import wasi:cli/exit@0.2.12; export wasi:cli/run@0.2.12;"), "wasmtime-run", Ok("")),
    (
        World("import wasi:keyvalue/atomics@0.2.0-draft2; export wasi:cli/run@0.2.12;"),
        "wasmtime-run",
        Err("and the host has `wasi:keyvalue@0.2.0-draft`"),
    ),
    (Plugged("quote-desk", HTTP, &[URL]), "jco-serve", Ok("")),
    // Spin.
    (Plugged("quote-desk", STACK, BUCKET2), "spin", Ok("")),
    (Plugged("quote-desk", STACK, BUCKET), "spin", Err("and the host has `wasi:keyvalue@0.2.0-draft2`")),
    (World("import wasi:random/random@0.2.99; export wasi:http/handler@0.3.0;"), "spin", Ok("")),
    (World("import wasi:cli/exit@0.2.12; export wasi:http/handler@0.3.0;"), "spin", Err("without `exit-with-code`")),
    // wasmCloud: an instance a message; a service takes one message at a time.
    (Plugged("pricer", HTTP, &[]), "wasmcloud", Ok("")),
    (Plugged("courier", HTTP, &[URL]), "wasmcloud", Ok("")),
    (Plugged("quote-desk", STACK, BUCKET), "wasmcloud", Ok("")),
    (Plugged("quote-desk", &[FLAGSHIP], MEMORY), "wasmcloud", Err("there, each call gets a fresh instance")),
    (
        Plugged("quote-desk", &[FLAGSHIP], MEMORY),
        "wasmcloud-service",
        Err("there, an instance takes one call at a time"),
    ),
    (World("import wasmcloud:messaging/consumer@0.2.0; export wasi:cli/run@0.2.12;"), "wasmcloud-service", Ok("")),
    (
        World("import wasmcloud:messaging/consumer@0.2.0; export wasmcloud:messaging/handler@0.2.0;"),
        "wasmcloud",
        Ok(""),
    ),
    (
        World(
            "import wasi:logging/logging@0.1.0-draft; import wasi:otel/logs@0.2.0-rc.2; import wasi:blobstore/blobstore@0.2.0-draft; export wasi:http/handler@0.3.0;",
        ),
        "wasmcloud",
        Ok(""),
    ),
    // omnia: async, and an instance a message.
    (Lifted("pricer", &[], &[]), "omnia", Ok("")),
    (Lifted("quote-desk", &[], &[]), "omnia", Ok("")),
    (Lifted("courier", &[], &[]), "omnia", Ok("")),
    (Lifted("crowd", &[], &[]), "omnia", Ok("")),
    (Lifted("crowd-program", &[], &[]), "omnia", Ok("")),
    (Plugged("quote-desk", &[], &[]), "omnia", Err("in the dialect `async`, and the component in `sync`")),
    (Lifted("crowd", &[FLAGSHIP], MEMORY), "omnia", Err("there, each call gets a fresh instance")),
    (
        World(
            "import wasi:keyvalue/store@0.2.0-draft2; import wasi:config/store@0.2.0-rc.1; export wasi:http/handler@0.3.0;",
        ),
        "omnia",
        Ok(""),
    ),
    (
        World("import wasi:keyvalue/atomics@0.2.0-draft2; export wasi:http/handler@0.3.0;"),
        "omnia",
        Err("the host has its functions as async functions"),
    ),
    // The development host.
    (Plugged("quote-desk", &[FLAGSHIP], MEMORY), "msgcompose-host", Ok("--instance shared")),
    (Plugged("quote-desk", &[FLAGSHIP], &[REPLIES]), "msgcompose-host", Ok("")),
    (World("export wasi:http/handler@0.3.0; import wasi:http/client@0.3.0;"), "msgcompose-host", Ok("--http PORT")),
    (
        World("export wasi:http/handler@0.3.0; import wasi:http/handler@0.3.0;"),
        "msgcompose-host",
        Err("it imports `wasi:http/handler@0.3.0`"),
    ),
    (
        World("import wasi:keyvalue/store@0.2.0-draft; export wasi:http/incoming-handler@0.2.0;"),
        "msgcompose-host",
        Err("the host has its functions as sync functions"),
    ),
];

#[test]
fn check_says_what_runs_where() {
    for (what, host, verdict) in VERDICTS {
        let component = what.component();
        let outcome = check("app.wasm", &component, &hosts::get(host).unwrap()).unwrap();
        let name = match what {
            Plugged(guest, adapters, _) | Lifted(guest, adapters, _) => format!("{guest} with {adapters:?} on {host}"),
            World(items) => format!("{items} on {host}"),
        };
        let flags = outcome.flags.join(" ");
        let found = outcome.refusal().map_or(Ok(flags), |error| Err(error.to_string()));
        match (&found, verdict) {
            (Ok(flags), Ok(wanted)) => assert_eq!(flags, wanted, "{name}"),
            (Err(reason), Err(wanted)) => assert!(reason.contains(wanted), "{name}: {reason}"),
            _ => panic!("{name}: {found:?}, not {verdict:?}"),
        }
    }
}

#[test]
fn plug_refuses_on_a_host_what_check_refuses() {
    for (what, host, verdict) in VERDICTS {
        let Plugged(guest, names, options) = what else { continue };
        if names.is_empty() {
            continue;
        }
        let mut composition = Composition::new(*guest, fixture(guest));
        composition.adapters = names.iter().map(|name| adapters::get(name).unwrap()).collect();
        composition.host = Some(hosts::get(host).unwrap());
        for (name, value) in *options {
            composition = composition.set(*name, *value);
        }
        let composed = composition.compose();
        assert_eq!(composed.is_ok(), verdict.is_ok(), "{guest} with {names:?} on {host}");
        if let Err(error) = composed {
            assert!(error.remedy().is_some(), "{guest} with {names:?} on {host}: {error}");
        }
    }
}

#[test]
fn every_mailbox_that_a_profile_names_instead_runs_there() {
    for (host, options) in [
        ("spin", &[("mailbox", "keyvalue"), ("keyvalue", "0.2.0-draft2")][..]),
        ("wasmcloud", &[("mailbox", "keyvalue")]),
    ] {
        let mut composition = Composition::new("quote-desk", fixture("quote-desk")).set("reply-topic", "replies");
        composition.host = Some(hosts::get(host).unwrap());
        for (name, value) in options {
            composition = composition.set(*name, *value);
        }
        let composed = composition.set("base-url", "http://broker").compose().unwrap();
        assert_eq!(composed.report.adapters, STACK, "{host}");
    }
}

#[test]
fn a_core_module_is_no_component_but_becomes_one() {
    let host = hosts::get("wasmtime-run").unwrap();
    let module = dummy_core("package t:t;\nworld w { export wasi:cli/run@0.2.0; }");
    let outcome = check("app.wasm", &module, &host).unwrap();
    let error = outcome.refusal().unwrap();
    assert!(
        error.to_string().ends_with("it is a core module with a component type, and hosts take components"),
        "{error}"
    );
    assert!(error.remedy().unwrap().to_string().contains("with host `wasmtime-run` makes a component of it"));
    let composition = Composition::new("app.wasm", &module[..]).with(|all| all.host = Some(host.clone()));
    let component = composition.compose().unwrap().component.to_bytes();
    assert!(check("app.wasm", &component, &host).unwrap().runs);
    assert_eq!(inspect("app.wasm", &module).unwrap().form, Form::CoreModule);
    // One that would not run anyhow says that first.
    let module = dummy_core("package t:t;\nworld w { import wasi:config/store@0.2.0-rc.1; }");
    let error = check("app.wasm", &module, &host).unwrap().refusal().unwrap();
    assert!(error.to_string().contains("exports nothing that the host calls"), "{error}");
}

#[test]
fn a_component_of_2023_is_called_that() {
    let mut old = fixture("bare-echo");
    old[4] = 0x0c;
    let error = inspect("app.wasm", &old).unwrap_err();
    assert!(error.to_string().contains("in the format of 2023 (version 0x0c)"), "{error}");
}

#[test]
fn types_of_a_world_are_nothing_that_a_host_must_offer() {
    let component = wat::parse_str(
        r#"(component
  (type $string string)
  (import "payload" (type $payload (eq $string)))
  (component $run (import "run" (func $f (result (result)))) (export "run" (func $f)))
  (core module $m (func (export "run") (result i32) i32.const 0))
  (core instance $m (instantiate $m))
  (func $f (result (result)) (canon lift (core func $m "run")))
  (instance $run (instantiate $run (with "run" (func $f))))
  (export "wasi:cli/run@0.2.0" (instance $run)))"#,
    );
    assert!(check("app.wasm", &component.unwrap(), &hosts::get("wasmtime-run").unwrap()).unwrap().runs);
}
