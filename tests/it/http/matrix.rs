//! Every guest on every host: incoming and outgoing messages, and every row of the tables of errors.

use crate::http::{
    Courier,
    client::{Request, Response},
    hosts::{ALL, Host, Serving},
    server::{Answer, Received, Server, free_port},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The server's answers, by the topic that was sent to.
fn script(request: &Received) -> Answer {
    let topic = request.target.trim_start_matches('/');
    let event = |data: &str| {
        json!({"specversion": "1.0", "id": data, "source": "/s", "type": "t", "data": data,
        "datacontenttype": "text/plain"})
    };
    match topic.split_once('-') {
        Some(("status", status)) => Answer::status(status.parse().unwrap(), "text/plain", "no such thing"),
        Some(("empty", status)) => Answer::empty(status.parse().unwrap()),
        _ => match topic {
            "price" => Answer::ok("application/x-price", "32.58").with("x-currency", "EUR").with("ce-type", "price"),
            "untyped" => Answer::Reply(200, vec![], b"32.58".to_vec()),
            "long" => Answer::status(500, "text/plain", "x".repeat(300)),
            "binary" => Answer::status(500, "image/png", "no text"),
            "batch" => {
                let events = Value::from(["1", "2", "3"].map(event).to_vec());
                Answer::ok("application/cloudevents-batch+json", events.to_string())
            }
            "event" => Answer::ok("application/cloudevents+json", event("from an event").to_string()),
            "reset" => Answer::Reset,
            "reset-mid-body" => Answer::ResetMidBody,
            "never" => Answer::Never,
            _ => Answer::empty(200),
        },
    }
}

/// A guest on a host, with the server that it talks to.
struct Cell {
    guest: Courier,
    host: Host,
    serving: Serving,
    server: Server,
    failures: Vec<String>,
    checks: usize,
}

impl Cell {
    fn new(guest: Courier, host: Host) -> Self {
        let server = Server::start(script);
        let component = host.compose(
            guest.component(),
            &[
                ("base-url", &server.url()),
                ("client.nobody.base-url", &format!("http://127.0.0.1:{}", free_port())),
                ("path-prefix", "/in/"),
                ("max-body-bytes", "65536"),
            ],
        );
        Self { guest, host, serving: host.serve(&component), server, failures: vec![], checks: 0 }
    }

    fn send(&self, request: &Request) -> Response {
        request.send(self.serving.port)
    }

    /// Records a failure and continues, so that one run shows all failures.
    fn check(&mut self, what: &str, found: impl std::fmt::Debug + PartialEq, expected: impl std::fmt::Debug) {
        self.checks += 1;
        let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
        if found != expected {
            self.failures.push(format!("{what}:\n    found    {found}\n    expected {expected}"));
        }
    }
}

fn on_all_hosts(guest: Courier) {
    let mut failures = Vec::new();
    for host in ALL {
        let start = Instant::now();
        let mut cell = Cell::new(guest, host);
        let started = start.elapsed();
        for part in [messages, replies, incoming_errors, refusals, outgoing, outgoing_errors, instances] {
            part(&mut cell);
        }
        let failed = cell.failures.len();
        let name = format!("{:?}", cell.guest);
        println!(
            "| {name:<18} | {host:<19} | {:>2} checks | {failed} failed | {started:>5.1?} to start, {:>5.1?} in all |",
            cell.checks,
            start.elapsed()
        );
        failures.extend(cell.failures.into_iter().map(|failure| format!("{guest:?} on {host}: {failure}")));
    }
    assert!(failures.is_empty(), "{} failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn rust_on_all_hosts() {
    on_all_hosts(Courier::Rust);
}

#[test]
fn c_on_all_hosts() {
    on_all_hosts(Courier::C);
}

#[test]
fn javascript_on_all_hosts() {
    on_all_hosts(Courier::JavaScript);
}

#[test]
fn javascript_with_http_on_all_hosts() {
    on_all_hosts(Courier::JavaScriptWithHttp);
}

#[test]
fn python_on_all_hosts() {
    on_all_hosts(Courier::Python);
}

/// A message as a request, and one reply as the response.
fn messages(cell: &mut Cell) {
    let data: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    let request = Request::post("/in/echo", data.clone()).with("content-type", "application/x-test; a=b");
    let response = cell.send(&request.with("x-colour", "blau").with("X-Upper", "y").with("y-other", "z"));
    cell.check("echo", response.status, 200);
    cell.check("echo: data", response.body == data, true);
    let names = ["content-type", "x-colour", "x-upper", "y-other", "ce-specversion"];
    let found = names.map(|name| response.header(name));
    cell.check("echo: headers", found, [Some("application/x-test; a=b"), Some("blau"), Some("y"), None, Some("1.0")]);
    let there =
        ["ce-id", "ce-source", "ce-type"].map(|name| response.header(name).is_some_and(|value| !value.is_empty()));
    cell.check("echo: event", there, [true; 3]);

    let response = cell.send(&Request::post("/in/nothing", "?"));
    cell.check("no reply", response.summary(), (204, ""));
    let response = cell.send(&Request::post("/in/", "by subject").with("ce-subject", "ec%68o"));
    cell.check("topic by subject", response.summary(), (200, "by subject"));
    let response = cell.send(&Request::post("/in/ec%68o", "by path"));
    cell.check("topic by path", response.summary(), (200, "by path"));
    cell.check("no content type", response.header("content-type"), Some("application/octet-stream"));

    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "x-y": "no attribute",
        "datacontenttype": "text/plain", "data": "gr\u{fc}n", "msgmetadata": "{\"x-a\":\"b\"}"});
    let structured = Request::post("/in/echo", event.to_string()).with("content-type", "application/cloudevents+json");
    let response = cell.send(&structured);
    cell.check("event", response.summary(), (200, "gr\u{fc}n"));
    cell.check(
        "event: type, metadata",
        ["content-type", "x-a"].map(|name| response.header(name)),
        [Some("text/plain"), Some("b")],
    );
}

/// Several replies, and several messages.
fn replies(cell: &mut Cell) {
    let response = cell.send(&Request::post("/in/many", "x"));
    cell.check("many", response.status, 200);
    cell.check("many: type", response.header("content-type"), Some("application/cloudevents-batch+json"));
    let events = response.json();
    let data: Vec<&Value> = events.as_array().unwrap().iter().map(|event| &event["data"]).collect();
    cell.check("many: data", data, ["1:x", "2:x", "3:x"].map(Value::from));
    cell.check(
        "many: event",
        (&events[0]["specversion"], &events[0]["datacontenttype"]),
        (json!("1.0"), json!("text/plain")),
    );

    let event =
        |id: u32| json!({"specversion": "1.0", "id": id.to_string(), "source": "/s", "type": "t", "data": {"n": id}});
    let batch = Value::from(vec![event(1), event(2)]).to_string();
    let batch = Request::post("/in/echo", batch).with("content-type", "application/cloudevents-batch+json");
    let events = cell.send(&batch).json();
    let data: Vec<&Value> = events.as_array().unwrap().iter().map(|event| &event["data"]).collect();
    cell.check("batch", data, [json!({"n": 1}), json!({"n": 2})]);
}

/// A handler's errors become a status and a problem document.
fn incoming_errors(cell: &mut Cell) {
    let rows = [("timeout", 504), ("permission-denied", 403), ("connection", 502), ("other", 500)];
    for (error, status) in rows {
        let response = cell.send(&Request::post("/in/fail", error));
        let problem = response.json();
        let said = error == "timeout" || problem["detail"].as_str().is_some_and(|text| text.contains("asked to fail"));
        let found = (response.status, response.header("content-type"), &problem["status"], said);
        cell.check(error, found, (status, Some("application/problem+json"), json!(status), true));
    }
    let response = cell.send(&Request::post("/in/fail-late", "?"));
    cell.check("fail-late", (response.status, &response.json()["replies-dropped"]), (500, json!(1)));
}

/// Requests that never become a message.
fn refusals(cell: &mut Cell) {
    let post = |target| Request::post(target, "?");
    let rows = [
        ("a bad path", post("/in/%zz"), 400),
        ("a path that is not UTF-8", post("/in/%ff"), 400),
        ("no topic", post("/in/"), 400),
        ("another path", post("/out/echo"), 404),
        ("another method", Request::new("GET", "/in/echo"), 405),
        ("a large body", Request::post("/in/echo", vec![b'x'; 65537]), 413),
    ];
    for (what, request, status) in rows {
        let response = cell.send(&request);
        let found = (response.status, response.header("content-type"), &response.json()["status"]);
        cell.check(what, found, (status, Some("application/problem+json"), json!(status)));
        cell.check(what, response.header("allow"), Some("POST").filter(|_| status == 405));
    }
}

/// A message as an outgoing request, and the response as replies.
fn outgoing(cell: &mut Cell) {
    let request = Request::post("/in/forward", "32.58").with("content-type", "text/x-price").with("x-to", "a/b c?");
    let response = cell.send(&request.with("x-colour", "blau").with("y-other", "z"));
    cell.check("forward", response.summary(), (204, ""));
    let sent = cell.server.only("/a%2Fb%20c%3F");
    cell.check("forward: request", (sent.method.as_str(), sent.text()), ("POST", "32.58"));
    let names = ["content-type", "x-colour", "y-other", "ce-specversion", "ce-type", "ce-subject"];
    let expected = ["text/x-price", "blau", "", "1.0", "wasi.messaging.message", "a/b%20c?"];
    cell.check("forward: headers", names.map(|name| sent.header(name).unwrap_or_default()), expected);
    let there = ["ce-id", "ce-source"].map(|name| sent.header(name).is_some_and(|value| !value.is_empty()));
    cell.check("forward: event", there, [true; 2]);

    let ask = |to: &str| Request::post("/in/ask", "ACME").with("x-to", to);
    let response = cell.send(&ask("price"));
    cell.check("ask", response.summary(), (200, "32.58"));
    let found = ["content-type", "x-currency"].map(|name| response.header(name));
    cell.check("ask: headers", found, [Some("application/x-price"), Some("EUR")]);
    cell.check("ask: request", cell.server.only("/price").text(), "ACME");
    cell.check("an event as reply", cell.send(&ask("event")).summary(), (200, "from an event"));
    cell.check("a batch, one expected", cell.send(&ask("batch")).summary(), (200, "1"));
    let response = cell.send(&ask("batch").with("x-expected-replies", "2"));
    let data = response.json().as_array().unwrap().iter().map(|event| event["data"].clone()).collect::<Vec<_>>();
    cell.check("a batch, two expected", data, ["1", "2"].map(Value::from));
}

/// The result of sending and requesting, for every kind of response.
fn outgoing_errors(cell: &mut Cell) {
    let other = |status: u16| format!("other: HTTP {status}: no such thing");
    // The topic, the result of `request` and the result of `send`. A text with a final `*` may continue.
    let rows = [
        ("price", "ok 1".to_owned(), "ok 0".to_owned()),
        ("untyped", "ok 1".into(), "ok 0".into()),
        ("empty-200", "timeout".into(), "ok 0".into()),
        ("empty-202", "timeout".into(), "ok 0".into()),
        ("empty-204", "timeout".into(), "ok 0".into()),
        ("status-202", "timeout".into(), "ok 0".into()),
        ("status-401", "permission-denied: *".into(), "permission-denied: *".into()),
        ("status-403", "permission-denied: *".into(), "permission-denied: *".into()),
        ("status-404", other(404), other(404)),
        ("status-408", "timeout".into(), "timeout".into()),
        ("status-504", "timeout".into(), "timeout".into()),
        ("status-500", other(500), other(500)),
        ("status-302", other(302), other(302)),
        ("long", format!("other: HTTP 500: {}", "x".repeat(200)), format!("other: HTTP 500: {}", "x".repeat(200))),
        ("binary", "other: HTTP 500*".into(), "other: HTTP 500*".into()),
        ("reset", "connection: *".into(), "connection: *".into()),
        ("reset-mid-body", "connection: *".into(), "ok 0".into()),
    ];
    for (topic, request, send) in rows {
        for (how, expected) in [("request", request), ("send", send)] {
            let message = Request::post("/in/outcome", "?").with("x-to", topic).with("x-how", how);
            let found = cell.send(&message).text();
            let found =
                expected.strip_suffix('*').filter(|start| found.starts_with(start)).map_or(found, |_| expected.clone());
            cell.check(&format!("{how} to {topic}"), found, expected);
        }
    }
    for how in ["request", "send"] {
        let message = Request::post("/in/outcome", "?").with("x-client", "nobody").with("x-how", how);
        let found = cell.send(&message).text();
        cell.check("nobody listens", found.starts_with("connection: "), true);
    }
    let start = Instant::now();
    let message = Request::post("/in/outcome", "?").with("x-to", "never").with("x-timeout-ms", "300");
    cell.check("a timeout", cell.send(&message).summary(), (200, "timeout"));
    let took = start.elapsed();
    cell.check("a timeout, in time", took >= Duration::from_millis(300) && took < Duration::from_secs(10), true);
}

/// The host decides whether it uses instances again.
fn instances(cell: &mut Cell) {
    let counts = [0; 2].map(|_| cell.send(&Request::post("/in/state", "")).text());
    // A host of WASI 0.3 may keep an instance, and may also make another one.
    if cell.host == Host::WasmtimeAsync {
        cell.check("instances", counts[0].as_str(), "1");
        cell.check("instances, later", ["1", "2"].contains(&counts[1].as_str()), true);
        return;
    }
    cell.check(
        "instances",
        counts,
        if matches!(cell.host, Host::Jco | Host::JcoAsync) { ["1", "2"] } else { ["1", "1"] },
    );
}
