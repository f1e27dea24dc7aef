//! Many requests on one instance: nothing of one is left in the next, and nothing of any in memory.

use crate::http::{
    Courier,
    client::{Connection, Request, Response},
    hosts::{Host, Serving},
    server::{Answer, Server},
};

/// A host with a server that answers each request with its own data and the header that it came with.
fn start(host: Host, arguments: &[&str]) -> (Serving, Server) {
    let server = Server::start(|request| {
        let mark = request.header("x-mark").unwrap_or_default();
        Answer::ok("text/plain", request.body.clone()).with("x-answer", mark)
    });
    let component = Courier::Rust.compose(&[("base-url", &server.url())]);
    (host.serve_with(&component, arguments), server)
}

/// What a response has of the headers that are the guest's.
fn marks(response: &Response) -> Vec<(&str, &str)> {
    let headers = response.headers.iter().filter(|(name, _)| name.starts_with("x-"));
    headers.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// One of eight requests that differ in all they can, and all that must come back.
fn exchange(connection: &mut Connection, server: &Server, number: usize) {
    let (body, mark) = (format!("{number}-").repeat(1 + number % 1000), number.to_string());
    let message = |topic: &str| Request::post(topic, body.clone()).with("x-mark", mark.as_str());
    let mut send = |request: Request| connection.exchange(&request).unwrap_or_else(|| panic!("no answer to {number}"));
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

/// Bounds that a leak of one handle, or of a few hundred bytes, a request would break long before the end: the instance
/// has all in all 2 MiB and 100 handles.
#[test]
fn ten_thousand_requests_on_one_instance_of_wasmtime_take_no_more_memory_than_a_few() {
    let bounds = ["-W", "max-memory-size=2097152", "-S", "max-component-handles=100"];
    let (serving, server) = start(Host::WasmtimeReusing(20_000), &bounds);
    let mut connection = Connection::open(serving.port);
    let mut memory = Vec::new();
    for number in 0..10_000 {
        exchange(&mut connection, &server, number);
        if number % 2_000 == 1_999 {
            memory.push(serving.memory() >> 10);
        }
    }
    let state = connection.exchange(&Request::post("/state", "")).unwrap();
    let again = connection.exchange(&Request::post("/state", "")).unwrap();
    assert_eq!((state.text(), again.text()), ("1".into(), "2".into()));
    println!("KiB every 2,000 requests: {memory:?}");
    assert!(memory[4] < memory[0] + 4096, "{memory:?}");
}

/// `jco serve` keeps one instance for good.
#[test]
fn nothing_of_a_request_is_left_in_the_next_on_jco() {
    let (serving, server) = start(Host::Jco, &[]);
    let mut connection = Connection::open(serving.port);
    for number in 0..1_000 {
        exchange(&mut connection, &server, number);
    }
    let states = [1, 2].map(|_| connection.exchange(&Request::post("/state", "")).unwrap().text());
    assert_eq!(states, ["1", "2"]);
}
