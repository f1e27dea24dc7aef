//! Two composed components that contain no HTTP code, and talk to each other over HTTP.

use crate::{
    http::{
        client::Request,
        compose,
        hosts::{ALL, Host},
        server::free_port,
    },
    support::fixture,
};

#[test]
fn a_desk_asks_a_pricer_on_each_host() {
    for host in ALL {
        let pricer = Host::Wasmtime.serve(&compose(fixture("pricer"), &[]));
        let prices = format!("http://127.0.0.1:{}", pricer.port);
        // The client `prices` has an address of its own.
        let nowhere = format!("http://127.0.0.1:{}", free_port());
        let options = [("base-url", &*nowhere), ("client.prices.base-url", &*prices)];
        let desk = host.serve(&host.compose(fixture("quote-desk"), &options));
        for (symbol, quote) in [("ACME", "ACME at 32.58"), ("INIT", "INIT at 520.48")] {
            let response = Request::post("/quotes", symbol).send(desk.port);
            assert_eq!(response.summary(), (200, quote.to_owned()), "{host}");
            assert_eq!(response.header("content-type"), Some("text/plain"), "{host}");
        }
        drop(pricer);
        assert_eq!(Request::post("/quotes", "ACME").send(desk.port).status, 502, "{host}");
        println!("quotes on {host}");
    }
}

/// The two components that the bench of `messaging-over-http` compares do the same.
#[test]
fn the_components_that_the_bench_compares_answer_alike() {
    let served = |component: Vec<u8>| Host::Wasmtime.serve(&component);
    let serving = [
        served(fixture("bare-echo")),
        served(compose(fixture("echo"), &[])),
        served(fixture("bare-echo-p3")),
        served(compose(fixture("echo-async"), &[])),
        served(Host::WasmtimeAsync.compose(fixture("echo"), &[])),
    ];
    for body in [vec![], b"x".to_vec(), vec![b'y'; 1 << 20]] {
        let request = Request::post("/echo", body.clone()).with("content-type", "text/plain");
        for serving in &serving {
            let response = request.send(serving.port);
            assert_eq!((response.status, response.header("content-type")), (200, Some("text/plain")));
            assert!(response.body == body);
        }
    }
}
