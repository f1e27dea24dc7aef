//! Options at run time, on hosts that others made.

use crate::{
    http::{
        client::Request,
        hosts::{ALL, Host, wasmtime},
        server::{Answer, Server},
    },
    support::fixture,
};
use msgcompose::{Composition, ConfigFrom, adapters};
use serde_json::json;

/// Wasmtime with both versions of HTTP.
const ON_WASMTIME: [Host; 2] = [Host::Wasmtime, Host::WasmtimeAsync];

/// Returns a desk that learns at run time where to send requests.
fn desk(config_from: ConfigFrom, host: Host) -> Vec<u8> {
    let adapter = adapters::get("messaging-over-http").unwrap();
    let composition = Composition::new("quote-desk.wasm", fixture("quote-desk")).adapter(adapter);
    let composition = host.options().iter().fold(composition, |all, (option, value)| all.set(*option, *value));
    composition.with(|all| all.config_from = config_from).compose().unwrap().component.to_bytes()
}

fn pricer() -> (super::hosts::Serving, String) {
    let pricer = Host::Wasmtime.serve(&super::compose(fixture("pricer"), &[]));
    let url = format!("http://127.0.0.1:{}", pricer.port);
    (pricer, url)
}

#[test]
fn the_environment_says_where_to_send() {
    let (_pricer, url) = pricer();
    for host in ALL {
        let component = desk(ConfigFrom::Env, host);
        let desk = host.serve_with(&component, &[("MSGCOMPOSE_BASE_URL", &url), ("MSGCOMPOSE_PATH_PREFIX", "/in")]);
        let response = Request::post("/in/quotes", "ACME").send(desk.port);
        assert_eq!(response.summary(), (200, "ACME at 32.58".to_owned()), "{host}");
    }
}

/// Whoever can send a request must not learn how the component is configured.
#[test]
fn a_variable_that_is_wrong_or_missing_is_a_failure_without_details() {
    let variables = [
        &[("MSGCOMPOSE_BASE_URL", "http://localhost"), ("MSGCOMPOSE_MAX_BODY_BYTES", "many")][..],
        &[],
        &[("MSGCOMPOSE_BASE_URL", "localhost")],
    ];
    for (variables, host) in variables.into_iter().flat_map(|some| ON_WASMTIME.map(|host| (some, host))) {
        let component = desk(ConfigFrom::Env, host);
        let desk = Host::Wasmtime.serve_with(&component, variables);
        let response = Request::post("/quotes", "ACME").send(desk.port);
        let expected = json!({"status": 500, "title": "the configuration of the component is invalid"});
        assert_eq!((response.status, response.json()), (500, expected));
    }
}

/// Both were taken at run time once, while composing refused them.
#[test]
fn a_url_template_that_composing_refuses_is_refused_at_run_time() {
    let (component, adapter) = (desk(ConfigFrom::Env, Host::Wasmtime), adapters::get("messaging-over-http").unwrap());
    for template in ["http://h/{nope}", "http://h/{base-url"] {
        adapter.option("url-template").unwrap().kind.parse(template).unwrap_err();
        let set = [("MSGCOMPOSE_BASE_URL", "http://localhost"), ("MSGCOMPOSE_URL_TEMPLATE", template)];
        let desk = Host::Wasmtime.serve_with(&component, &set);
        let response = Request::post("/quotes", "ACME").send(desk.port);
        let expected = json!({"status": 500, "title": "the configuration of the component is invalid"});
        assert_eq!((response.status, response.json()), (500, expected));
    }
}

#[test]
fn a_secret_is_set_when_the_component_runs_and_is_nowhere_in_it() {
    let server = Server::start(|_| Answer::empty(204));
    let composition = Composition::new("courier.wasm", fixture("courier"))
        .adapter(adapters::get("messaging-over-http").unwrap())
        .set("base-url", server.url())
        .with(|all| all.secrets = vec!["header.Authorization".to_owned()])
        .with(|all| all.config_from = ConfigFrom::Env);
    let composed = composition.compose().unwrap();
    assert_eq!(composed.report.host[0].value, "MSGCOMPOSE_HEADER_AUTHORIZATION");
    let component = composed.component.to_bytes();
    let forward = |value: Option<&str>| {
        let variables = value.map(|value| ("MSGCOMPOSE_HEADER_AUTHORIZATION", value));
        let courier = Host::Wasmtime.serve_with(&component, variables.as_slice());
        Request::post("/forward", "?").with("x-to", "a").send(courier.port)
    };
    // A mounted file ends in a newline.
    for value in ["Bearer 5e9f", "Bearer 5e9f\n"] {
        let response = forward(Some(value));
        assert_eq!(response.status, 204, "{}", response.text());
        assert_eq!(server.only("/a").header("authorization"), Some("Bearer 5e9f"));
    }

    // Without the option, or with a value that is no header, it refuses to send the message.
    for value in [None, Some("Bearer\n5e9f"), Some("5e9f\n\n")] {
        let response = forward(value);
        let said = response.text();
        assert!(response.status == 500 && !said.contains("5e9f") && !said.contains("MSGCOMPOSE"), "{said}");
    }
}

#[test]
fn the_store_of_the_host_says_where_to_send() {
    let (_pricer, url) = pricer();
    let set = ["-Sconfig".to_owned(), format!("-Sconfig-var=base-url={url}")];
    for host in ON_WASMTIME {
        let desk = wasmtime(&desk(ConfigFrom::Host, host), &set);
        let response = Request::post("/quotes", "ACME").send(desk.port);
        assert_eq!(response.summary(), (200, "ACME at 32.58".to_owned()), "{host}");
    }
}
