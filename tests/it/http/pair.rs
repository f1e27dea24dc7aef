//! Two composed components that contain no HTTP code, and talk to each other over HTTP.

use crate::{
    http::{
        client::Request,
        compose,
        hosts::{HOSTS, Host},
        server::free_port,
    },
    support::fixture,
};

#[test]
fn a_desk_asks_a_pricer_on_each_host() {
    for host in HOSTS {
        let pricer = Host::Wasmtime.serve(&compose(fixture("pricer"), &[]));
        let prices = format!("http://127.0.0.1:{}", pricer.port);
        // The client `prices` has an address of its own.
        let nowhere = format!("http://127.0.0.1:{}", free_port());
        let options = [("base-url", &*nowhere), ("client.prices.base-url", &*prices)];
        let desk = host.serve(&compose(fixture("quote-desk"), &options));
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
    let bare = Host::Wasmtime.serve(&fixture("bare-echo"));
    let composed = Host::Wasmtime.serve(&compose(fixture("echo"), &[]));
    for body in [vec![], b"x".to_vec(), vec![b'y'; 1 << 20]] {
        let request = Request::post("/echo", body.clone()).with("content-type", "text/plain");
        for serving in [&bare, &composed] {
            let response = request.send(serving.port);
            assert_eq!((response.status, response.header("content-type")), (200, Some("text/plain")));
            assert!(response.body == body);
        }
    }
}
