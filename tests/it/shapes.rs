//! What a component speaks is decided by its types. One row for each shape of messaging that is known: what `inspect`
//! says, and what is said where the shape is not today's.

use crate::{
    pictures::assert_same,
    support::{FLAGSHIP, OVER_HTTP, composition, dummy, fixture},
};
use msgcompose::{
    Adapter, Composed, Composition, Remedied, adapters, hosts, hosts::check, inspect, types::Dialect, uplift::uplift,
};

/// The types of December 2024, with a `topic` of this result, and `func` in place of `FUNC`.
fn types(topic: &str, func: &str) -> String {
    format!(
        "interface types {{
  type topic = string;
  variant error {{ timeout, connection(string), permission-denied(string), other(string) }}
  resource client {{ connect: static {func}(name: string) -> result<client, error>; }}
  resource message {{ constructor(data: list<u8>); topic: func() -> {topic}; data: func() -> list<u8>; }}
}}
interface producer {{
  use types.{{client, message, error, topic}};
  send: {func}(c: borrow<client>, topic: topic, message: message) -> result<_, error>;
}}"
    )
}

/// A request/reply interface and a handler, with these parameters and functions.
fn rest(topic: &str, func: &str, more: &str) -> String {
    format!(
        "interface request-reply {{
  use types.{{client, message, error, topic}};
  resource request-options {{ constructor(); }}
  request: {func}(c: borrow<client>, {topic}message: borrow<message>, options: option<request-options>)
    -> result<list<message>, error>;
}}
interface incoming-handler {{
  use types.{{message, error, topic}};
  handle: {func}(message: message) -> result<_, error>;
  {more}
}}
world guest {{ import producer; import request-reply; export incoming-handler; }}"
    )
}

fn draft(topic: &str, of_request: &str, func: &str, more: &str) -> Vec<u8> {
    let package = "package wasi:messaging@0.2.0-draft;";
    dummy(&format!("// alone\n{package}\n{}\n{}", types(topic, func), rest(of_request, func, more)))
}

/// A component of one package, with an interface that it imports.
fn importing(package: &str, interface: &str, functions: &str) -> Vec<u8> {
    dummy(&format!(
        "// alone\npackage {package};\ninterface {interface} {{ {functions} }}\nworld guest {{ import {interface}; }}"
    ))
}

/// Each shape, with a component of it.
pub fn rows() -> Vec<(&'static str, Vec<u8>)> {
    let configure = "record configuration { topics: list<topic> } configure: func() -> result<configuration, error>;";
    let topics = "get-topics: func() -> result<list<topic>, error>;";
    let february = "resource client; resource error;
  record message { data: list<u8> }
  send: func(c: borrow<client>, ch: string, m: list<message>) -> result<_, error>;";
    vec![
        ("wasi-2024-01", importing("wasi:messaging@0.1.0", "messaging-types", february)),
        ("wasi-2024-02", importing("wasi:messaging@0.2.0-draft", "messaging-types", february)),
        ("wasi-2024-10", draft("topic", "", "func", topics)),
        ("wasi-2024-11", draft("topic", "", "func", "")),
        ("wasi-2024-12-configure", draft("option<topic>", "topic: topic, ", "func", configure)),
        ("wasi-2024-12", draft("option<topic>", "topic: topic, ", "func", "")),
        ("wasi-2024-12", draft("option<topic>", "topic: topic, ", "async func", "")),
        ("wasi-unknown", importing("wasi:messaging@0.2.0-draft", "producer", "send: func(all: list<u8>);")),
        ("wasi-other", importing("wasi:messaging@0.2.0", "producer", "send: func(all: list<u8>);")),
        ("wasmcloud", importing("wasmcloud:messaging@0.2.0", "consumer", "publish: func(body: list<u8>);")),
        ("wasmcloud-1.9", importing("wasmcloud:messaging@0.3.0", "producer", "send: func(all: list<u8>);")),
        ("wasmcloud-0.3", importing("wasmcloud:messaging@0.3.0", "consumer", "publish: async func(body: list<u8>);")),
        ("cosmonic-kafka", importing("cosmonic:kafka@0.5.0", "producer", "send: async func(body: list<u8>);")),
        ("spin-mqtt", importing("spin:mqtt@3.0.0", "mqtt", "publish: func(body: list<u8>);")),
    ]
}

#[test]
fn inspect_names_every_shape_and_its_date() {
    let mut said = String::new();
    for (shape, component) in rows() {
        let spoken = &inspect("guest.wasm", &component).unwrap().dialects[0];
        assert_eq!(serde_json::to_value(spoken).unwrap()["shape"], shape);
        said.push_str(&format!("{shape}: {}\n", spoken.describe()));
    }
    let golden = crate::support::root().join("tests/shapes.txt");
    if let Err(difference) = crate::support::golden(&golden, &said) {
        panic!("{difference}");
    }
}

#[test]
fn older_drafts_are_refused_with_what_differs() {
    for (shape, component) in rows() {
        if !matches!(shape, "wasi-2024-02" | "wasi-2024-10" | "wasi-2024-11") {
            continue;
        }
        let lists = "lists of messages";
        let differs = if shape == "wasi-2024-02" { lists } else { "`message.topic` always gives a topic" };
        for adapter in [FLAGSHIP, OVER_HTTP] {
            let mut composition = Composition::new("guest.wasm", &component[..])
                .set(if adapter == FLAGSHIP { "reply-topic" } else { "base-url" }, "http://replies");
            composition.adapters.push(adapters::get(adapter).unwrap());
            let error = composition.compose().unwrap_err();
            let remedy = error.remedy().unwrap().to_string();
            assert!(remedy.contains(differs) && remedy.contains("of December 2024"), "{shape}, {adapter}: {remedy}");
        }
        let outcome = check("guest.wasm", &component, &hosts::get("msgcompose-host").unwrap()).unwrap();
        let caveat = outcome.imports[0].caveat.clone().unwrap();
        assert!(!outcome.imports[0].offered && caveat.contains(differs), "{shape}: {caveat}");
        assert_eq!(outcome.lift, None, "{shape}");
        let error = uplift("guest.wasm", &component, Dialect::Mixed).unwrap_err();
        assert!(error.to_string().contains("2024") && error.remedy().unwrap().to_string().contains(differs), "{error}");
    }
}

#[test]
fn a_draft_that_is_left_to_the_host_is_refused() {
    // It only replies, so the adapter serves it, and all the rest would be left to the host.
    let wit = format!(
        "// alone\npackage wasi:messaging@0.2.0-draft;\n{}
interface request-reply {{
  use types.{{message, error}};
  reply: func(reply-to: borrow<message>, message: message) -> result<_, error>;
}}
interface incoming-handler {{
  use types.{{message, error, topic}};
  handle: func(message: message) -> result<_, error>;
}}
world guest {{ import request-reply; export incoming-handler; }}",
        types("topic", "func")
    );
    let composition = Composition::new("guest.wasm", dummy(&wit)).adapter(adapters::get(FLAGSHIP).unwrap());
    let error = composition.compose().unwrap_err();
    assert!(error.to_string().contains("the WASI proposal of November 2024"), "{error}");
}

/// The shape of the messaging that a composed component has with its host.
fn shape(composed: &Composed<'_>) -> serde_json::Value {
    let spoken = &inspect("composed.wasm", &composed.component.to_bytes()).unwrap().dialects[0];
    serde_json::to_value(spoken).unwrap()["shape"].clone()
}

fn duty<'c>(composed: &'c Composed<'_>) -> &'c str {
    let duties = &composed.report.host;
    let found = duties.iter().find(|duty| (&*duty.kind, &*duty.value) == ("deliver-configured", "subscriber.wasm"));
    found.unwrap_or_else(|| panic!("{duties:?}")).text.as_str()
}

#[test]
fn configure_is_never_lost_in_silence() {
    // The interceptor has the handler's place, and does not know of `configure`.
    let guest = || Composition::new("subscriber.wasm", fixture("subscriber"));
    let flagship = || composition("subscriber", &[]);
    let in_memory = || flagship().set("mailbox", "memory");
    let filter = dummy(
        "package t:filter;\nworld filter { import wasi:messaging/types@0.2.0-draft; \
         import wasi:messaging/incoming-handler@0.2.0-draft; export wasi:messaging/incoming-handler@0.2.0-draft; }",
    );
    for composition in [
        flagship(),
        flagship().adapter(Adapter::from_component("filter.wasm", filter)),
        in_memory(),
        in_memory().with(|all| all.dialect = Some(Dialect::Async)),
        flagship().set("keyvalue", "0.2.0-draft2").set("reply-topic", "prices"),
    ] {
        let composed = composition.compose().unwrap();
        assert_same(&composed);
        assert_eq!(shape(&composed), "wasi-2024-12-configure");
        assert!(duty(&composed).contains("`configure` of the composed component"));
    }
    // Parts of link have its place.
    let linked = guest().handler(["prices"], "pricer.wasm", fixture("pricer")).compose().unwrap();
    assert_same(&linked);
    assert_eq!(shape(&linked), "wasi-2024-12-configure");
    assert!(duty(&linked).contains("`configure` of the composed component"));
    // Nobody has its place.
    let plain = guest().compose().unwrap();
    assert_eq!((shape(&plain), duty(&plain)), ("wasi-2024-12-configure".into(), duty(&flagship().compose().unwrap())));
    // Over HTTP there is no handler that the host could ask.
    let http =
        composition("subscriber", &[]).set("base-url", "http://broker").adapter(adapters::get(OVER_HTTP).unwrap());
    assert!(duty(&http.compose().unwrap()).contains("which the composed component does not export"));
}
