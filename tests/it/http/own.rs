//! Guests with their own HTTP handler: messages go to their messaging handler, all other requests to their HTTP
//! handler.

use crate::{
    http::{
        client::Request,
        hosts::{ALL, HOSTS, Host, Serving},
        server::{Answer, Server},
    },
    support::fixture,
};

fn check(serving: &Serving, what: &str, rows: &[(Request, u16, &str)]) {
    for (request, status, text) in rows {
        let response = request.send(serving.port);
        let (method, target) = (&request.method, &request.target);
        assert_eq!(response.status, *status, "{what}, {method} {target}: {}", response.text());
        assert!(response.text().starts_with(text), "{what}, {method} {target}: {}", response.text());
    }
}

/// Returns the guest for the host's version of HTTP.
fn front(host: Host) -> Vec<u8> {
    fixture(if host == Host::WasmtimeAsync { "front-async" } else { "front" })
}

#[test]
fn a_guest_keeps_its_own_handler_outside_of_the_prefix() {
    for host in ALL {
        let server = Server::start(|_| Answer::empty(202));
        let options = [("base-url", &*server.url()), ("path-prefix", "/in/")];
        let serving = host.serve(&host.compose(front(host), &options));
        let rows = [
            (Request::new("GET", "/hello"), 200, "hello from the guest"),
            (Request::post("/in/echo", "a message"), 200, "a message"),
            (Request::post("/in/nothing", "a message"), 204, ""),
            (Request::new("GET", "/in/echo"), 405, "{"),
            (Request::post("/in/%zz", ""), 400, "{"),
            (Request::post("/elsewhere", "an order"), 202, ""),
            (Request::new("GET", "/elsewhere"), 404, ""),
        ];
        check(&serving, &host.to_string(), &rows);
        // Messages that the guest's own handler sends also go through the adapter.
        let order = server.only("/orders");
        assert_eq!((order.text(), order.header("ce-subject")), ("an order", Some("orders")), "{host}");
        println!("prefix on {host}");
    }
}

#[test]
fn where_everything_is_under_the_prefix_only_posts_are_messages() {
    for host in ALL {
        let serving = host.serve(&host.compose(front(host), &[("base-url", "http://127.0.0.1:1")]));
        let rows = [
            (Request::new("GET", "/hello"), 200, "hello from the guest"),
            (Request::post("/echo", "a message"), 200, "a message"),
            (Request::new("PUT", "/echo"), 404, ""),
        ];
        check(&serving, &host.to_string(), &rows);
        println!("posts on {host}");
    }
}

#[test]
fn a_guest_without_a_messaging_handler_has_all_requests() {
    for host in HOSTS {
        let server = Server::start(|_| Answer::empty(202));
        let serving = host.serve(&host.compose(fixture("gateway"), &[("base-url", &*server.url())]));
        let rows = [(Request::new("GET", "/hello"), 200, "hello"), (Request::post("/echo", "an order"), 202, "")];
        check(&serving, &host.to_string(), &rows);
        assert_eq!(server.only("/orders").text(), "an order", "{host}");
        println!("gateway on {host}");
    }
}
