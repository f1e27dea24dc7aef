//! Faults of the other side become errors of the interface, in time, for sent messages and for requests.

use crate::http::{
    Courier,
    client::Request,
    hosts::{Host, Serving},
    server::{Answer, Received, Server, free_port},
};
use std::time::{Duration, Instant};

/// How long a request waits where a timeout is expected. It may be short: nothing else can come of it.
const SHORT: Duration = Duration::from_millis(1500);
/// How long it waits elsewhere. No machine is so slow.
const LONG: Duration = Duration::from_secs(120);
/// The time after which a test counts as hanging.
const DEADLINE: Duration = Duration::from_secs(60);

const BATCH: &str = "application/cloudevents-batch+json";
const EVENT: &str = "application/cloudevents+json";

fn script(request: &Received) -> Answer {
    let pause = Duration::from_millis;
    match request.target.trim_start_matches('/') {
        "resets" => Answer::Reset,
        "closes" => Answer::Close,
        "resets-mid-body" => Answer::ResetMidBody,
        "ends-mid-body" => Answer::EndMidBody,
        "never-answers" => Answer::Never,
        "slow" => Answer::Slowly(b"slow".to_vec(), pause(50)),
        "too-slow" => Answer::Slowly(vec![b'x'; 1000], pause(100)),
        "huge" => Answer::Huge(100 << 20),
        "no-http" => Answer::Garbage,
        "batch-of-no-json" => Answer::ok(BATCH, "\u{0}["),
        "batch-cut-off" => Answer::ok(BATCH, r#"[{"specversion":"1.0","id":"1","source":"/s","type":"t","data":"#),
        "batch-of-numbers" => Answer::ok(BATCH, "[1, 2]"),
        "batch-that-is-an-object" => Answer::ok(BATCH, r#"{"specversion":"1.0"}"#),
        "batch-deep" => Answer::ok(BATCH, "[".repeat(60_000)),
        "batch-bad-base64" => {
            let event = r#"[{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"!!"}]"#;
            Answer::ok(BATCH, event)
        }
        "batch-of-none" => Answer::ok(BATCH, "[]"),
        "event-of-no-json" => Answer::ok(EVENT, [0xff, 0xfe]),
        "event-without-a-version" => Answer::ok(EVENT, r#"{"id":"1","source":"/s","type":"t","data":1}"#),
        "event-and-more" => Answer::ok(EVENT, r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1}]"#),
        _ => Answer::empty(500),
    }
}

/// The topic, the result of `request` and the result of `send`. A text with a final `*` may continue.
const ROWS: &[(&str, &str, &str)] = &[
    ("resets", "connection: *", "connection: *"),
    ("closes", "connection: *", "connection: *"),
    ("resets-mid-body", "connection: *", "ok 0"),
    ("ends-mid-body", "connection: *", "ok 0"),
    ("never-answers", "timeout", "timeout"),
    ("slow", "ok 1", "ok 0"),
    ("too-slow", "timeout", "ok 0"),
    ("huge", "other: *", "ok 0"),
    ("no-http", "connection: *", "connection: *"),
    ("batch-of-no-json", "other: *", "ok 0"),
    ("batch-cut-off", "other: *", "ok 0"),
    ("batch-of-numbers", "other: *", "ok 0"),
    ("batch-that-is-an-object", "other: *", "ok 0"),
    ("batch-deep", "other: *", "ok 0"),
    ("batch-bad-base64", "other: *", "ok 0"),
    ("batch-of-none", "timeout", "ok 0"),
    ("event-of-no-json", "other: *", "ok 0"),
    ("event-without-a-version", "other: *", "ok 0"),
    ("event-and-more", "other: *", "ok 0"),
];

fn fits(found: &str, expected: &str) -> bool {
    expected.strip_suffix('*').map_or(found == expected, |start| found.starts_with(start))
}

fn outcome(serving: &Serving, headers: &[(&str, &str)]) -> String {
    let message = Request::post("/outcome", "?");
    let message = headers.iter().fold(message, |message, (name, value)| message.with(name, *value));
    let start = Instant::now();
    let response = message.send(serving.port);
    assert!(start.elapsed() < DEADLINE, "{headers:?} took {:?}", start.elapsed());
    assert_eq!(response.status, 200, "{headers:?}: {}", response.text());
    response.text()
}

fn every_fault_is_an_error(host: Host) {
    let server = Server::start(script);
    let serve = |timeout: Duration| {
        host.serve(&host.compose(
            Courier::Rust.component(),
            &[
                ("base-url", &server.url()),
                ("client.nobody.base-url", &format!("http://127.0.0.1:{}", free_port())),
                ("client.nowhere.base-url", "http://does-not-exist.invalid"),
                ("default-timeout-ms", &timeout.as_millis().to_string()),
            ],
        ))
    };
    let (short, long) = (serve(SHORT), serve(LONG));
    let mut failures = Vec::new();
    let mut check = |what: &str, expected: &str, headers: &[(&str, &str)]| {
        let serving = if expected == "timeout" { &short } else { &long };
        let found = outcome(serving, headers);
        if !fits(&found, expected) {
            failures.push(format!("{what}: `{found}`, not `{expected}`"));
        }
    };
    for (topic, request, send) in ROWS {
        check(&format!("request: {topic}"), request, &[("x-to", topic)]);
        check(&format!("send: {topic}"), send, &[("x-to", topic), ("x-how", "send")]);
    }
    for client in ["nobody", "nowhere"] {
        check(&format!("request by {client}"), "connection: *", &[("x-client", client)]);
        check(&format!("send by {client}"), "connection: *", &[("x-client", client), ("x-how", "send")]);
    }
    for topic in [".", "..", "../a", "a/..", "a/../b", "a/./b", "..\\a"] {
        let refused = format!("other: the topic `{topic}` cannot be sent over HTTP");
        check(&format!("topic {topic}"), &refused, &[("x-to", topic), ("x-how", "send")]);
        check(&format!("request to {topic}"), &refused, &[("x-to", topic)]);
    }
    let refused = "other: the client `..` cannot send over HTTP";
    check("client ..", refused, &[("x-to", "slow"), ("x-client", ".."), ("x-how", "send")]);
    assert!(failures.is_empty(), "on {host}, {} failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_fault_of_the_other_side_is_an_error_on_wasmtime() {
    every_fault_is_an_error(Host::Wasmtime);
}

#[test]
fn every_fault_of_the_other_side_is_an_error_on_wasmtime_with_wasi_0_3() {
    every_fault_is_an_error(Host::WasmtimeAsync);
}

#[test]
fn every_fault_of_the_other_side_is_an_error_on_jco() {
    every_fault_is_an_error(Host::Jco);
}
