//! Many requests on one instance: no request affects the next, and memory does not grow.

use crate::{
    http::{
        Courier,
        client::{Connection, Request, Response},
        compose,
        hosts::{Host, wasmtime},
        instance::Instance,
        server::{Answer, Server},
    },
    support::fixture,
};

/// Returns the courier, and a server that answers each request with the request's own data and header.
fn start() -> (Vec<u8>, Server) {
    let server = Server::start(|request| {
        let mark = request.header("x-mark").unwrap_or_default();
        Answer::ok("text/plain", request.body.clone()).with("x-answer", mark)
    });
    (Courier::Rust.compose(&[("base-url", &server.url())]), server)
}

/// Returns the headers of a response that the guest set.
fn marks(response: &Response) -> Vec<(&str, &str)> {
    let headers = response.headers.iter().filter(|(name, _)| name.starts_with("x-"));
    headers.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Sends one of eight very different requests, and checks the response.
fn exchange(mut send: impl FnMut(Request) -> Response, server: &Server, number: usize) {
    let (body, mark) = (format!("{number}-").repeat(1 + number % 1000), number.to_string());
    let message = |topic: &str| Request::post(topic, body.clone()).with("x-mark", mark.as_str());
    let expected = (200, body.clone());
    match number % 8 {
        0 => {
            let key = format!("x-of-{number}");
            let response =
                send(Request::post("/echo", body.clone()).with(&key, mark.as_str()).with("content-type", "a/b"));
            assert_eq!(response.summary(), expected);
            assert_eq!((marks(&response), response.header("content-type")), (vec![(&*key, &*mark)], Some("a/b")));
        }
        1 => {
            let response = send(Request::post("/echo", body.clone()));
            assert_eq!((response.summary(), marks(&response)), (expected, vec![]));
            assert_eq!(response.header("content-type"), Some("application/octet-stream"), "{number}");
        }
        2 => {
            let response = send(message("/ask").with("x-to", format!("asked/{number}")));
            assert_eq!((response.summary(), marks(&response)), (expected, vec![("x-answer", &*mark)]));
            assert_eq!(server.only(&format!("/asked%2F{number}")).header("x-mark"), Some(&*mark));
        }
        3 => {
            let to = format!("sent-{number}");
            assert_eq!(send(message("/forward").with("x-to", to.as_str())).summary(), (204, String::new()));
            assert_eq!(server.only(&format!("/{to}")).text(), body);
        }
        4 => {
            let response = send(message("/many"));
            assert_eq!(response.json().as_array().unwrap().len(), 3, "{number}");
        }
        5 => assert_eq!(send(message("/fail-late")).json()["replies-dropped"], 1, "{number}"),
        6 => assert_eq!(send(message("/nothing")).summary(), (204, String::new())),
        _ => assert_eq!(send(Request::new("GET", "/echo")).status, 405),
    }
}

/// A leak of one handle or a few bytes for each request would show long before the end.
#[test]
fn ten_thousand_requests_on_one_instance_take_no_more_memory_than_a_thousand() {
    let (component, server) = start();
    let mut instance = Instance::new(&component, 100);
    let mut taken = Vec::new();
    for number in 0..10_000 {
        exchange(|request| instance.answer(&request), &server, number);
        assert_eq!(instance.held_by_host(), 0, "after {number}");
        if number % 1_000 == 999 {
            taken.push(instance.taken());
        }
    }
    let states = [1, 2].map(|_| instance.answer(&Request::post("/state", "")).text());
    assert_eq!(states, ["1", "2"]);
    println!("after 1,000: {:?}; after 10,000: {:?}", taken[0], taken[9]);
    assert!(taken.iter().all(|one| *one == taken[0]), "{taken:?}");
}

/// `jco serve` keeps one instance forever.
#[test]
fn nothing_of_a_request_is_left_in_the_next_on_jco() {
    let (component, server) = start();
    let serving = Host::Jco.serve(&component);
    let mut connection = Connection::open(serving.port);
    let mut send = |request: Request| connection.exchange(&request).expect("an answer");
    for number in 0..2_000 {
        exchange(&mut send, &server, number);
    }
    let states = [1, 2].map(|_| send(Request::post("/state", "")).text());
    assert_eq!(states, ["1", "2"]);
}

/// Its second call of an instance traps.
#[test]
fn a_guest_that_expects_a_fresh_instance_gets_one_by_the_flags_of_the_hosts() {
    let component = compose(fixture("setup"), &[]);
    let reused = |times: u32| wasmtime(&component, &[format!("--max-instance-reuse-count={times}")]);
    let send = |port| Connection::open(port).exchange(&Request::post("/work", "x")).map(|response| response.status);
    for serving in [Host::Wasmtime.serve(&component), reused(1), Host::JcoIsolated.serve(&component)] {
        assert_eq!([1, 2, 3].map(|_| send(serving.port)), [Some(200); 3]);
    }
    let serving = reused(2);
    assert_eq!([1, 2, 3].map(|_| send(serving.port)), [Some(200), Some(500), Some(200)], "wasmtime");
    // Not isolated, jco ends with the instance.
    let mut serving = Host::Jco.serve(&component);
    assert_eq!([1, 2].map(|_| send(serving.port)), [Some(200), None], "jco");
    serving.wait();
}
