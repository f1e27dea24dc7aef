//! Requests that no good client sends get the documented status, in time.

use crate::http::{
    Courier,
    client::{Connection, Request, Response},
    hosts::{ALL, Host, Serving},
    instance::Instance,
    server::{Answer, Server},
};
use serde_json::json;
use std::{
    thread,
    time::{Duration, Instant},
};

/// How long a body may take where it never comes. It may be short: nothing else can come of it.
const SHORT: Duration = Duration::from_millis(1500);
/// How long it may take elsewhere. No machine is so slow.
const LONG: Duration = Duration::from_secs(120);
/// The time after which a test counts as hanging.
const DEADLINE: Duration = Duration::from_secs(60);
const BOUND: usize = 1 << 16;

/// Starts a host, and a server that receives what the guest sends.
fn start(host: Host) -> (Serving, Server) {
    start_with(host, LONG)
}

fn start_with(host: Host, timeout: Duration) -> (Serving, Server) {
    let server = Server::start(|_| Answer::ok("text/plain", "fine"));
    let component = host.compose(
        Courier::Rust.component(),
        &[
            ("base-url", &server.url()),
            ("max-body-bytes", &BOUND.to_string()),
            ("default-timeout-ms", &timeout.as_millis().to_string()),
        ],
    );
    (host.serve(&component), server)
}

fn send(serving: &Serving, request: &Request) -> Response {
    let start = Instant::now();
    let response = request.send(serving.port);
    assert!(start.elapsed() < DEADLINE, "{:?}: {}", start.elapsed(), response.text());
    response
}

/// Returns an event with metadata that no header could carry.
fn with_metadata(topic: &str, content_type: &str, metadata: &[(&str, &str)]) -> Request {
    let metadata: serde_json::Map<_, _> =
        metadata.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "datacontenttype": content_type,
        "data": "?", "msgmetadata": json!(metadata).to_string()});
    Request::post(&format!("/{topic}"), event.to_string()).with("content-type", "application/cloudevents+json")
}

#[test]
fn what_is_no_message_is_refused_by_its_status() {
    for host in ALL {
        let (serving, _server) = start(host);
        let body = |size: usize| Request::post("/echo", vec![b'x'; size]);
        let event = |text: &str| Request::post("/echo", text).with("content-type", "application/cloudevents+json");
        let rows = [
            ("no body", Request::new("POST", "/echo"), 200),
            ("the largest body", body(BOUND), 200),
            ("the largest body, in chunks", body(BOUND).chunked(), 200),
            ("a larger body", body(BOUND + 1), 413),
            ("a larger body, in chunks", body(BOUND + 1).chunked(), 413),
            ("a much larger body", body(32 * BOUND), 413),
            ("a path that is not UTF-8", Request::post("/%c3%28", "?"), 400),
            ("an escape that is none", Request::post("/a%2", "?"), 400),
            ("an empty path", Request::post("/", "?"), 400),
            ("an event that is no JSON", event("{\"specversion\": "), 400),
            ("an event that is no object", event("[]"), 400),
            ("an event without a version", event(r#"{"id":"1","source":"/s","type":"t","data":1}"#), 400),
            ("an event and more", event(r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1}]"#), 400),
            ("no event", event(""), 400),
        ];
        for (what, request, status) in rows {
            let response = send(&serving, &request);
            assert_eq!(response.status, status, "{what} on {host}: {}", response.text());
            if status >= 400 {
                assert_eq!(response.header("content-type"), Some("application/problem+json"), "{what} on {host}");
            }
        }
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
            let response = send(&serving, &Request::new(method, "/echo"));
            assert_eq!((response.status, response.header("allow")), (405, Some("POST")), "{method} on {host}");
        }
        println!("refusals on {host}");
    }
}

#[test]
fn a_body_that_does_not_come_ends_by_the_timeout() {
    for host in ALL {
        let request = Request::post("/echo", "abcdef");
        let slowly =
            |serving: &Serving, pause| Connection::open(serving.port).exchange_slowly(&request, 6, pause).unwrap();
        let (serving, _server) = start(host);
        assert_eq!(slowly(&serving, Duration::from_millis(50)).summary(), (200, "abcdef".into()), "{host}");
        let (serving, _server) = start_with(host, SHORT);
        let begun = Instant::now();
        // Each piece comes in time, but the whole body does not.
        let slow = slowly(&serving, SHORT / 2);
        assert_eq!(slow.status, 408, "{host}: {}", slow.text());
        assert!(begun.elapsed() < DEADLINE);
        let never = send(&serving, &request.claiming(100));
        assert_eq!(never.status, 408, "{host}: {}", never.text());
        // Without a body, so that nothing is waited for.
        assert_eq!(send(&serving, &Request::post("/echo", "")).summary(), (200, String::new()), "{host}");
        println!("slow bodies on {host}");
    }
}

fn with_headers(count: usize) -> Request {
    (0..count).fold(Request::post("/echo", "?"), |request, _| request.with("n", "1"))
}

/// The hosts limit headers themselves, and each reads bytes beyond ASCII in its own way.
#[test]
fn headers_that_are_too_many_or_not_utf_8() {
    for host in ALL {
        let (serving, _server) = start(host);
        assert_eq!(send(&serving, &with_headers(80)).status, 200, "{host}");
        for count in [1_100, 10_000] {
            let status = with_headers(count).try_send(serving.port).map(|response| response.status);
            // Node closes the connection while the client is still sending, so the client may miss the response.
            let may_close = !matches!(host, Host::Wasmtime | Host::WasmtimeAsync);
            assert!(status == Some(431) || may_close && status.is_none(), "{count} on {host}: {status:?}");
        }
        let response = send(&serving, &Request::post("/echo", "?").with("x-a", *b"\xff\xfe"));
        match host {
            Host::Wasmtime | Host::WasmtimeAsync => assert_eq!(response.status, 400, "{}", response.text()),
            // Node reads Latin-1, in which every byte is a character.
            Host::Jco | Host::JcoIsolated | Host::JcoAsync => {
                assert!(response.status == 200 && response.header("x-a").is_some(), "{host}")
            }
        }
        println!("headers on {host}");
    }
}

/// On a host whose own limit is higher than the adapter's.
#[test]
fn more_than_a_thousand_headers_are_too_many() {
    let mut instance = Instance::new(&Courier::Rust.compose(&[("base-url", "http://127.0.0.1:1")]), 100);
    assert_eq!(instance.answer(&with_headers(990)).status, 200);
    let response = instance.answer(&with_headers(1_001));
    assert_eq!((response.status, response.header("content-type")), (431, Some("application/problem+json")));
}

#[test]
fn line_breaks_in_metadata_reach_nobody() {
    for host in ALL {
        let (serving, server) = start(host);
        for (key, value) in [
            ("x-evil", "a\r\nx-injected: 1"),
            ("x-evil", "a\nx-injected: 1"),
            ("x-evil", "\u{0}"),
            ("x-evil\r\nx-injected", "1"),
            ("x-evil ", "1"),
            ("x-evil:", "1"),
        ] {
            let metadata = [(key, value), ("x-to", "to"), ("x-how", "send")];
            for topic in ["outcome", "forward", "echo"] {
                let response = send(&serving, &with_metadata(topic, "text/plain", &metadata));
                let expected = if topic == "outcome" { 200 } else { 500 };
                let text = response.text();
                assert_eq!(response.status, expected, "{topic}, {key:?}: {value:?} on {host}: {text}");
                assert!(text.contains("x-evil"), "{topic}, {key:?}: {value:?} on {host}: {text}");
                assert!(topic != "outcome" || text.starts_with("other: "), "{text}");
                assert_eq!(response.header("x-injected"), None);
            }
        }
        assert_eq!(server.take("/to").len(), 0, "{host}: nothing was sent");

        let response = send(&serving, &with_metadata("echo", "text/plain\r\nx-injected: 1", &[]));
        assert_eq!(response.header("x-injected"), None, "{host}");
        let text = response.text();
        assert!(response.status == 500 && text.contains("`content-type` has a value"), "{host}: {text}");
        println!("line breaks on {host}");
    }
}

#[test]
fn requests_at_once_are_each_answered_with_their_own() {
    for host in ALL {
        let (serving, _server) = start(host);
        let port = serving.port;
        let asking = (0..8).map(|number| {
            thread::spawn(move || {
                let response = Request::post("/echo", format!("{number}")).with("x-n", format!("{number}")).send(port);
                assert_eq!(response.summary(), (200, number.to_string()));
                assert_eq!(response.header("x-n"), Some(&*number.to_string()));
            })
        });
        asking.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
        println!("requests at once on {host}");
    }
}

/// How a host handles a trap is its own choice. The test only requires that the next request gets a response.
#[test]
fn a_guest_that_traps_is_the_end_of_its_request() {
    for host in ALL {
        let (mut serving, _server) = start(host);
        let status = Request::post("/trap", "?").try_send(serving.port).map(|response| response.status);
        match host {
            // The process ends with its only instance, before it has responded. Its user must start it again.
            Host::Jco | Host::JcoAsync => {
                assert_eq!(status, None);
                serving.wait();
                continue;
            }
            Host::JcoIsolated => assert_eq!(status, Some(502)),
            Host::Wasmtime | Host::WasmtimeAsync => assert_eq!(status, Some(500)),
        }
        assert_eq!(send(&serving, &Request::post("/echo", "next")).summary(), (200, "next".into()), "{host}");
    }
}

#[test]
fn a_client_that_goes_away_leaves_the_host_as_it_was() {
    for host in ALL {
        let (serving, _server) = start(host);
        for _ in 0..3 {
            Connection::open(serving.port).send_only(&Request::post("/echo", "abc").claiming(1000));
        }
        assert_eq!(send(&serving, &Request::post("/echo", "next")).summary(), (200, "next".into()), "{host}");
    }
}
