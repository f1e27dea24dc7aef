//! Guests of both dialects, linked into one component. A guest of wasmCloud's dialect is plugged first.

use super::around;
use crate::{
    http::{client::Request, hosts::Host},
    support::{OVER_HTTP, fixture},
};
use msgcompose::{Composition, adapters, link::Unrouted};

fn plugged(guest: &str) -> Vec<u8> {
    around(guest).compose().unwrap().component.to_bytes()
}

/// Links an application with handlers, over HTTP. What no handler takes goes where nobody listens.
fn link(app: Composition) -> Vec<u8> {
    let linked = app
        .adapter(adapters::get(OVER_HTTP).unwrap())
        .set("base-url", "http://127.0.0.1:9")
        .with(|all| all.unrouted = Some(Unrouted::Host));
    let composed = linked.compose().unwrap_or_else(|error| panic!("{error:?}"));
    let imports = &composed.report.imports;
    assert!(!imports.iter().any(|import| import.contains("messaging")), "{imports:?}");
    composed.component.to_bytes()
}

/// The application asks a guest of each dialect, and the host sees no messaging.
#[test]
fn guests_of_both_dialects_are_linked() {
    let linked = link(
        Composition::new("courier.wasm", plugged("wasmcloud-courier"))
            .handler(["prices"], "prices.wasm", plugged("wasmcloud-prices"))
            .handler(["their-prices"], "pricer.wasm", fixture("pricer")),
    );
    for host in [Host::Wasmtime, Host::Jco] {
        let serving = host.serve(&linked);
        for _ in 0..20 {
            for topic in ["prices", "their-prices"] {
                let response = Request::post("/ask", format!("{topic} ACME")).send(serving.port);
                assert_eq!(response.summary(), (200, "32.58".into()), "{host} {topic}");
            }
        }
        let response = Request::post("/ask-within", "nobody 5000 x").send(serving.port);
        assert!(response.text().starts_with("error failed to send request: connection: "), "{host}: {response:?}");
    }
}

/// The application is of `wasi:messaging`, and its handler of wasmCloud's dialect.
#[test]
fn an_application_of_wasi_messaging_has_a_handler_of_wasmcloud() {
    let desk = Composition::new("quote-desk.wasm", fixture("quote-desk"));
    let linked = link(desk.handler(["prices"], "prices.wasm", plugged("wasmcloud-prices")));
    for host in [Host::Wasmtime, Host::Jco] {
        let serving = host.serve(&linked);
        for _ in 0..20 {
            let response = Request::post("/quotes", "ACME").send(serving.port);
            assert_eq!(response.summary(), (200, "ACME at 32.58".into()), "{host}");
        }
    }
}
