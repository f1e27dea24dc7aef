//! The plans of `wasmcloud-over-messaging`: which parts each guest gets, and what it stacks under.

use super::{component, seen};
use crate::support::{FLAGSHIP, OVER_HTTP, dummy, fixture};
use msgcompose::{Composition, adapters, hosts};
use std::collections::BTreeSet;

const CONSUMER: &str = "wasmcloud:messaging/consumer@0.2.0";
const HANDLER: &str = "wasmcloud:messaging/handler@0.2.0";

fn around(name: &str, guest: Vec<u8>) -> Composition {
    Composition::new(format!("{name}.wasm"), guest).adapter(adapters::get("wasmcloud-over-messaging").unwrap())
}

/// Compares the plan with its golden file. Returns the names of the parts.
fn parts(name: &str, composition: Composition) -> BTreeSet<String> {
    let plan = composition.clone().compose().unwrap_or_else(|error| panic!("{error:?}")).plan;
    let report = seen(name, composition);
    let names = || report.imports.iter().chain(&report.exports);
    assert!(!names().any(|name| name.contains("wasmcloud")), "{report:?}");
    let part = |line: &str| line.strip_prefix("wasmcloud-over-messaging/").map(str::to_owned);
    plan.lines().filter_map(part).collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn each_guest_has_the_parts_that_it_needs() {
    let courier = || around("wasmcloud-courier", fixture("wasmcloud-courier"));
    assert_eq!(parts("wasmcloud-requester", courier()), set(["provider", "interceptor"]));
    let echo = || around("wasmcloud-echo", fixture("wasmcloud-echo"));
    assert_eq!(parts("wasmcloud-publisher", echo()), set(["publisher", "interceptor"]));
    // A guest of `0.3.0` has the parts with streams, without an option.
    let streams = around("wasmcloud-streams", fixture("wasmcloud-streams"));
    assert_eq!(parts("wasmcloud-streams", streams), set(["streams", "streams-interceptor"]));
    // A guest that sends nothing imports only the type of messages.
    let sink = around("sink", component("sink", &[], &[HANDLER]));
    assert_eq!(parts("wasmcloud-sink", sink), set(["publisher", "interceptor"]));
    // Nothing is delivered to a program.
    let program = around("program", component("program", &[CONSUMER], &["wasi:cli/run@0.2.0"]));
    assert_eq!(parts("wasmcloud-program", program), set(["provider"]));

    // A publisher needs no `request` of the host, so the responder is enough, which needs no store.
    let imports = echo().adapter(adapters::get(FLAGSHIP).unwrap()).compose().unwrap().report.imports;
    assert!(!imports.iter().any(|name| name.contains("keyvalue")), "{imports:?}");
}

#[test]
fn it_stacks_under_every_other_adapter() {
    let courier = || around("wasmcloud-courier", fixture("wasmcloud-courier"));
    let over_http =
        |inner: Composition| inner.adapter(adapters::get(OVER_HTTP).unwrap()).set("base-url", "http://broker");
    let over_pubsub =
        |inner: Composition| inner.adapter(adapters::get(FLAGSHIP).unwrap()).set("reply-topic", "replies");
    parts("wasmcloud-over-http", over_http(courier()));
    parts("wasmcloud-over-pubsub", over_pubsub(courier()));
    parts("wasmcloud-over-pubsub-over-http", over_http(over_pubsub(courier())));
}

/// Whatever the host offers, the tool finds the adapters by their types.
#[test]
fn the_stack_is_found_for_a_host() {
    let url = Some(("base-url", "http://broker"));
    for (guest, host, option, outer) in [
        ("wasmcloud-echo", "wasmtime-serve", url, OVER_HTTP),
        ("wasmcloud-courier", "wasmtime-serve", url, OVER_HTTP),
        ("wasmcloud-prices", "jco-serve", url, OVER_HTTP),
        ("wasmcloud-courier", "msgcompose-host", Some(("reply-topic", "replies")), FLAGSHIP),
    ] {
        let composition = Composition::new(format!("{guest}.wasm"), fixture(guest))
            .with(|all| all.host = Some(hosts::get(host).unwrap()));
        let composition = option.into_iter().fold(composition, |all, (key, value)| all.set(key, value));
        let composed = composition.compose().unwrap_or_else(|error| panic!("{guest} on {host}: {error:?}"));
        assert_eq!(composed.report.adapters, ["wasmcloud-over-messaging", outer], "{guest} on {host}");
    }
}

/// A guest with an HTTP handler of its own keeps that.
#[test]
fn a_guest_with_its_own_http_handler_gets_the_router() {
    let front = component("front", &[CONSUMER], &[HANDLER, "wasi:http/incoming-handler@0.2.0"]);
    let composition =
        around("front", front).adapter(adapters::get(OVER_HTTP).unwrap()).set("base-url", "http://broker");
    let report = seen("wasmcloud-over-http-router", composition);
    assert!(report.exports.contains("wasi:http/incoming-handler@0.2.0"), "{report:?}");
}

/// The same names with other types are refused, and both sides are shown.
#[test]
fn other_types_are_refused() {
    let other = dummy(
        "// alone
        package t:guest;
        world guest { import wasmcloud:messaging/consumer@0.2.0; }
        package wasmcloud:messaging@0.2.0 {
            interface types { record broker-message { subject: string, body: list<u8> } }
            interface consumer { use types.{broker-message}; publish: func(msg: broker-message) -> result<_, string>; }
        }",
    );
    let error = format!("{:?}", around("guest", other).compose().unwrap_err());
    assert!(error.contains("broker-message"), "{error}");
}
