//! The two versions of HTTP: which one a composition takes, and what only the newer one does.

use crate::{
    http::{
        Courier,
        client::{Connection, Request},
        compose,
        hosts::{Host, wasmtime},
        server::{Answer, Server},
    },
    support::{OVER_HTTP, fixture},
};
use msgcompose::{Composition, adapters, hosts};
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

const OLD: &str = "wasi:http/incoming-handler@0.2.0";
const NEW: &str = "wasi:http/handler@0.3.0";

fn over_http(guest: &str) -> Composition {
    let composition = Composition::new(format!("{guest}.wasm"), fixture(guest));
    composition.adapter(adapters::get(OVER_HTTP).unwrap()).set("base-url", "http://127.0.0.1:1")
}

#[test]
fn the_version_follows_from_the_guest_and_an_option_chooses_it() {
    for (guest, http, dialect, exported) in [
        ("quote-desk", None, None, OLD),
        ("quote-desk", Some("0.2.0"), None, OLD),
        ("quote-desk", Some("0.3.0"), None, NEW),
        ("quote-desk", None, Some("async"), NEW),
        // `crowd` is of the dialect `mixed`, and is lifted.
        ("crowd", None, None, NEW),
        ("front-async", None, None, NEW),
        ("swarm-async", Some("0.3.0"), None, NEW),
    ] {
        let mut composition = over_http(guest);
        composition.dialect = dialect.map(|dialect| dialect.parse().unwrap());
        composition = http.into_iter().fold(composition, |all, version| all.set("http", version));
        let composed = composition.compose().unwrap_or_else(|error| panic!("{guest}, {http:?}: {error:?}"));
        let exports: Vec<_> = composed.report.exports.iter().collect();
        assert_eq!(exports, [exported], "{guest}, {http:?}, {dialect:?}");
        let version = if exported == NEW { "@0.3.0" } else { "@0.2.0" };
        assert!(composed.report.imports.iter().all(|name| name.ends_with(version)), "{:?}", composed.report.imports);
    }
}

#[test]
fn no_build_is_for_mixed_and_none_of_0_2_for_async() {
    for (guest, http, dialect, says) in [
        (
            "quote-desk",
            None,
            Some("mixed"),
            "has no build for the dialect `mixed` of messaging: it has `sync`, `async`",
        ),
        ("swarm-async", Some("0.2.0"), None, "has sync functions only, and cannot be lifted to the dialect `async`"),
    ] {
        let mut composition = over_http(guest);
        composition.dialect = dialect.map(|dialect: &str| dialect.parse().unwrap());
        composition = http.into_iter().fold(composition, |all, version: &str| all.set("http", version));
        let error = composition.compose().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_host_has_the_version_that_it_calls() {
    for (host, guest, options) in [
        ("wasmtime-serve", "quote-desk", &[][..]),
        ("jco-serve", "quote-desk", &[]),
        ("wasmcloud-service", "quote-desk", &[("http", "0.3.0")]),
        ("wasmtime-serve", "front-async", &[]),
        ("spin", "front-async", &[]),
    ] {
        let profile = hosts::get(host).unwrap();
        let way = Composition::new(guest, fixture(guest)).with(|all| all.host = Some(profile)).way().unwrap().unwrap();
        let found: Vec<_> = way.options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!((way.adapters, found), (vec![OVER_HTTP.to_owned()], options.to_vec()), "{guest} on {host}");
    }
    let jco = hosts::get("jco-serve").unwrap();
    let way = Composition::new("front-async", fixture("front-async")).with(|all| all.host = Some(jco)).way().unwrap();
    assert_eq!(way, None, "`jco serve` has no HTTP of WASI 0.3");
}

/// `jco serve` does not use this server. It cannot send a response without a body, so each message here has a reply. And
/// what sync code of a lifted guest waits for is a trap there, so only the async guest requests.
#[test]
fn the_server_of_jco_s_shim_answers() {
    let server = Server::start(|_| Answer::ok("text/x-price", "32.58"));
    for guest in [fixture("courier"), Courier::JavaScript.component(), fixture("front-async")] {
        let options = [("base-url", &*server.url()), ("path-prefix", "/in/")];
        let serving = Host::JcoAsync.serve(&Host::JcoAsync.compose(guest.clone(), &options));
        let send = |topic: &str, data: &[u8]| Request::post(&format!("/in/{topic}"), data.to_vec()).send(serving.port);
        let data: Vec<u8> = (0..=255).cycle().take(200_000).collect();
        let response = send("echo", &data);
        assert!(response.status == 200 && response.body == data, "{}", response.text());
        assert_eq!(response.header("ce-specversion"), Some("1.0"));
        let refused = Request::new("GET", "/in/echo").send(serving.port);
        assert_eq!((refused.status, refused.header("allow")), (405, Some("POST")));
        if guest == fixture("front-async") {
            assert_eq!(Request::post("/ask/price", "ACME").send(serving.port).summary(), (200, "32.58".into()));
            continue;
        }
        assert_eq!(send("many", b"x").json().as_array().unwrap().len(), 3);
        assert_eq!(send("fail", b"permission-denied").status, 403);
    }
}

/// The guest requests from two topics at once and takes the first reply.
#[test]
fn a_request_that_the_guest_gives_up_ends_its_connection() {
    let open = Arc::new(AtomicUsize::new(0));
    let held = Arc::clone(&open);
    let server = Server::start(move |request| match request.target.as_str() {
        "/never" => {
            held.fetch_add(1, Ordering::SeqCst);
            Answer::Until(Arc::clone(&held))
        }
        "/fast" => Answer::ok("text/plain", "first"),
        _ => Answer::empty(200),
    });
    let guest = compose(fixture("swarm-async"), &[("base-url", &server.url())]);
    let serving = Host::WasmtimeAsync.serve(&guest);
    let asked = "never 60000 1 a\nfast 60000 1 b";
    for _ in 0..3 {
        let message = Request::post("/race", asked).with("swarm-race", "yes");
        assert_eq!(message.send(serving.port).status, 204);
    }
    let outcomes: Vec<_> = server.take("/probe.outcome").iter().map(|sent| sent.text().to_owned()).collect();
    assert_eq!(outcomes.iter().filter(|text| text.starts_with("ok\n")).count(), 3, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|text| text.starts_with("given up")).count(), 3, "{outcomes:?}");
    crate::http::wait_until("the connections end", || open.load(Ordering::SeqCst) == 0);
}

/// Each of 16 clients gets its own data back, whatever the instances do at once. A leak would show in the process.
#[test]
fn many_requests_at_once_are_neither_lost_nor_crossed_and_take_no_more_memory() {
    const CLIENTS: usize = 16;
    let resident = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
    };
    for guest in ["echo-async", "echo"] {
        let serving = wasmtime(&Host::WasmtimeAsync.compose(fixture(guest), &[]), &[]);
        let port = serving.port;
        let round = |requests: usize| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|client| {
                    thread::spawn(move || {
                        let mut connection = Connection::open(port);
                        for number in 0..requests {
                            let own = format!("{client}-{number}-").repeat(1 + number % 50);
                            let response =
                                connection.exchange(&Request::post("/echo", own.clone())).expect("an answer");
                            assert!(response.status == 200 && response.body == own.as_bytes(), "{}", response.text());
                        }
                    })
                })
                .collect();
            clients.into_iter().for_each(|client| client.join().unwrap());
        };
        round(150);
        let before = resident(serving.pid());
        round(600);
        let after = resident(serving.pid());
        println!("{guest}: {before} MB after {} requests, {after} MB after {}", CLIENTS * 150, CLIENTS * 750);
        assert!(after <= before + 32, "{guest}: {before} MB, then {after} MB");
    }
}
