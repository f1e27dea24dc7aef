//! Guests of both dialects, linked into one component. A guest of wasmCloud's dialect is plugged first, or as it is.

use super::around;
use crate::{
    http::{client::Request, hosts::Host},
    link::guest,
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
    for prepare in [plugged, fixture] {
        let linked = link(
            Composition::new("courier.wasm", prepare("wasmcloud-courier"))
                .handler(["prices"], "prices.wasm", prepare("wasmcloud-prices"))
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
}

/// The application is of `wasi:messaging`, and its handler of wasmCloud's dialect.
#[test]
fn an_application_of_wasi_messaging_has_a_handler_of_wasmcloud() {
    for prepare in [plugged, fixture] {
        let desk = Composition::new("quote-desk.wasm", fixture("quote-desk"));
        let linked = link(desk.handler(["prices"], "prices.wasm", prepare("wasmcloud-prices")));
        for host in [Host::Wasmtime, Host::Jco] {
            let serving = host.serve(&linked);
            for _ in 0..20 {
                let response = Request::post("/quotes", "ACME").send(serving.port);
                assert_eq!(response.summary(), (200, "ACME at 32.58".into()), "{host}");
            }
        }
    }
}

/// A guest in JavaScript is the application, as it is.
#[test]
fn an_application_in_javascript_has_handlers_of_both_dialects() {
    let desk = Composition::new("desk.wasm", guest("wasmcloud-desk-js"));
    let linked = link(desk.handler(["prices"], "prices.wasm", fixture("wasmcloud-prices")));
    let serving = Host::Wasmtime.serve(&linked);
    let response = Request::post("/quotes", "ACME").send(serving.port);
    assert_eq!(response.summary(), (200, "ACME at 32.58".into()));
}

/// The options of the adapter are set as those of an adapter around the linked component, and are for all such guests.
#[test]
fn options_of_the_adapter_reach_the_guests() {
    let plain = |options: &[(&str, &str)]| {
        let link = Composition::new("courier.wasm", fixture("courier"))
            .handler(["echo"], "echo.wasm", fixture("wasmcloud-echo"))
            .handler(["many"], "other.wasm", fixture("wasmcloud-courier"));
        options.iter().fold(link, |link, (key, value)| link.set(*key, *value))
    };
    let options = [("content-type", "text/x-mine"), ("wasmcloud-over-messaging.metadata.x-tenant", "a")];
    let report = plain(&options).compose().unwrap().report;
    let speaks = |guest: &str| {
        format!(
            "`{guest}` speaks `wasmcloud:messaging@0.2.0`, so it is linked with `wasmcloud-over-messaging` around it"
        )
    };
    for guest in ["echo.wasm", "other.wasm"] {
        assert!(report.notes.contains(&speaks(guest)), "{:?}", report.notes);
    }
    assert_eq!((report.bridged.len(), report.adapters.len()), (2, 0));
    let serving = Host::Wasmtime.serve(&link(plain(&options)));
    for topic in ["echo", "many"] {
        let response = Request::post("/ask", "hi").with("x-to", topic).send(serving.port);
        assert_eq!(response.header("content-type"), Some("text/x-mine"), "{topic}: {response:?}");
        assert_eq!(response.header("x-tenant"), Some("a"), "{topic}: {response:?}");
    }
    // A name that nobody has is an error, and so is a bad value.
    for (key, error) in [
        ("reply-topic", "option `reply-topic` is of an adapter, and none is given"),
        ("content-typo", "option `content-typo` is of an adapter, and none is given"),
        ("reply-to-key", "option `reply-to-key` of `wasmcloud-over-messaging`: `a b` is not one metadata key"),
    ] {
        assert_eq!(plain(&[(key, "a b")]).compose().unwrap_err().to_string(), error);
    }
}
