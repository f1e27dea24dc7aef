//! Guests of wasmCloud's dialect over HTTP, on hosts that others made.

use super::{ADAPTER, around};
use crate::{
    http::{
        client::Request,
        hosts::{HOSTS, Host, tool, wasmtime},
        server::{Answer, Server},
    },
    support::{OVER_HTTP, fixture},
};
use msgcompose::{Composition, adapters};
use std::fs;

/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// Composes a guest with both adapters. The result imports nothing of messaging.
fn compose(guest: Composition, options: &[(&str, &str)]) -> Vec<u8> {
    let composition = guest.adapter(adapters::get(OVER_HTTP).unwrap()).set("base-url", NOWHERE);
    let composition = options.iter().fold(composition, |all, (key, value)| all.set(*key, *value));
    let composed = composition.compose().unwrap_or_else(|error| panic!("{error:?}"));
    let names = || composed.report.imports.iter().chain(&composed.report.exports);
    assert!(!names().any(|name| name.contains("messaging")), "{:?}", composed.report);
    composed.component.to_bytes()
}

fn javascript() -> Composition {
    let guest = fs::read(tool("MSGCOMPOSE_GUESTS").join("wasmcloud-desk-js.wasm")).unwrap();
    Composition::new("wasmcloud-desk-js.wasm", guest).adapter(adapters::get(ADAPTER).unwrap())
}

/// Guests in three languages, each answered through another one.
#[test]
fn guests_in_three_languages_answer() {
    for host in HOSTS {
        let echo = host.serve(&compose(around("wasmcloud-echo"), &[]));
        let response = Request::post("/orders/new", "a body").send(echo.port);
        assert_eq!(response.summary(), (200, "a body".into()), "{host}");

        // C answers for JavaScript.
        let prices = host.serve(&compose(around("wasmcloud-prices"), &[("content-type", "text/plain")]));
        let response = Request::post("/prices", "ACME").send(prices.port);
        assert_eq!(response.summary(), (200, "32.58".into()), "{host}");
        assert_eq!(response.header("content-type"), Some("text/plain"), "{host}");

        // An engine for JavaScript takes long to compile, so one host has to do.
        if host != Host::Wasmtime {
            continue;
        }
        let url = format!("http://127.0.0.1:{}", prices.port);
        let desk = host.serve(&compose(javascript(), &[("base-url", &url)]));
        for symbol in ["ACME", "EMCA", "ACME"] {
            let response = Request::post("/quotes", symbol).send(desk.port);
            assert_eq!((response.status, response.text().split_once(" at ").unwrap().0), (200, symbol), "{host}");
        }
    }
}

/// One request after another on each host, with whatever the guest does. jco uses one instance again.
#[test]
fn the_courier_does_what_its_subject_says() {
    for host in HOSTS {
        let peer = Server::start(|message| match message.target.split('?').next().unwrap() {
            "/gone" => Answer::Reply(504, vec![], vec![]),
            "/forbidden" => Answer::Reply(403, vec![], vec![]),
            "/broken" => Answer::Reply(500, vec![("content-type".into(), "text/plain".into())], b"no".to_vec()),
            _ => Answer::ok("text/plain", [b"re:", &*message.body].concat()),
        });
        let options = [
            ("base-url", &*peer.url()),
            ("content-type", "text/x-mine"),
            ("metadata.x-tenant", "a"),
            ("url-template", "{base-url}/{topic}?from={client}"),
            ("wasmcloud-over-messaging.client", "theirs"),
        ];
        let courier = host.serve(&compose(around("wasmcloud-courier"), &options));
        let post = |subject: &str, body: &str| Request::post(&format!("/{subject}"), body).send(courier.port);
        assert_eq!(post("echo", "x").summary(), (200, "x".into()), "{host}");
        assert_eq!(post("many", "x").header("content-type"), Some("application/cloudevents-batch+json"), "{host}");
        assert_eq!(post("anything", "x").status, 204, "{host}");
        assert_eq!(post("fail", "x").status, 500, "{host}");
        assert_eq!(post("ask", "prices ACME").summary(), (200, "re:ACME".into()), "{host}");
        assert_eq!(post("forward", "news some text").status, 204, "{host}");
        let sent = peer.wait("/news?from=theirs");
        assert_eq!((sent.text(), sent.header("content-type")), ("some text", Some("text/x-mine")), "{host}");
        assert_eq!(sent.header("x-tenant"), Some("a"), "{host}");
        for (subject, outcome) in [
            ("gone", "error request timed out after 5000ms"),
            ("forbidden", "error failed to send request: permission denied: "),
            ("broken", "error failed to send request: HTTP 500: no"),
            ("prices", "ok prices \"re:x\" without reply-to"),
        ] {
            let response = post("ask-within", &format!("{subject} 5000 x"));
            assert!(response.text().starts_with(outcome), "{host}: {}", response.text());
        }
        // A token is worth nothing in the next request, on the same instance or on another.
        assert_eq!(post("keep", "").status, 204, "{host}");
        assert!(post("late", "").text().starts_with("error failed to send message"), "{host}");
        let token = post("token", "").text().to_owned();
        assert!(post("send", &format!("{token} x")).text().contains("no longer in hand"), "{host}");
    }
}

/// The token is gone although the instance is the same.
#[test]
fn an_instance_that_is_used_again_keeps_no_message() {
    let component = compose(around("wasmcloud-courier"), &[]);
    for serving in [wasmtime(&component, &["--max-instance-reuse-count=100".into()]), Host::Jco.serve(&component)] {
        let post = |subject: &str| Request::post(&format!("/{subject}"), "x").send(serving.port);
        assert_eq!(post("keep").status, 204);
        let late = "error failed to send message: the message that it replies to is no longer in hand";
        assert_eq!(post("late").summary(), (200, late.into()));
        for _ in 0..200 {
            assert_eq!(post("echo").summary(), (200, "x".into()));
        }
    }
}

/// Another transport adds nothing to what the guest of `wasi:messaging` answers.
#[test]
fn a_guest_of_wasi_messaging_asks_a_guest_of_wasmcloud() {
    let prices = Host::Wasmtime.serve(&compose(around("wasmcloud-prices"), &[]));
    let desk = Composition::new("quote-desk.wasm", fixture("quote-desk"));
    let url = format!("http://127.0.0.1:{}", prices.port);
    let desk = Host::Wasmtime.serve(&compose(desk, &[("base-url", &url)]));
    assert_eq!(Request::post("/quotes", "ACME").send(desk.port).summary(), (200, "ACME at 32.58".into()));
}
