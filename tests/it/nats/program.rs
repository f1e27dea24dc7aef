//! Guests that are programs, with a messaging handler and without; and guests that are HTTP components.

use crate::{
    http::{
        client::Request,
        hosts::{self, Host as HttpHost},
    },
    nats::{
        PATIENCE, compose,
        native::{Message, Native},
        server::NatsServer,
        worker::{Host, Worker},
    },
    support::fixture,
};
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};

const HOSTS: [Host; 2] = [Host::Wasmtime, Host::Jco];

/// A guest that is a program has no worker, and needs none.
#[test]
fn programs_send_and_ask() {
    for host in HOSTS {
        let server = NatsServer::start();
        let native = Native::connect(&server.url());
        let mut ticks = native.listen("ticks");
        let ticker = compose(fixture("ticker"), &[("servers", &server.url())]);
        Worker::on(host, &ticker, &[]).ended().expect(0);
        // What was sent last arrives, though the program ended at once.
        assert_eq!([0; 3].map(|_| ticks.next().text()), ["tick 1", "tick 2", "tick 3"], "{host}");

        native.respond("echo", |asked| vec![Message::new("", asked.data.clone())]);
        let pacer = compose(fixture("pacer"), &[("servers", &server.url())]);
        Worker::on(host, &pacer, &["echo", "20", "1000"]).ended().expect(0);
        Worker::on(host, &pacer, &["nobody", "1", "1"]).ended().expect(1);

        let mut results = native.listen("survey.results");
        native.respond("survey", |_| ["a", "b", "c"].map(|answer| Message::new("", answer)).to_vec());
        let survey = compose(fixture("survey"), &[("servers", &server.url())]);
        let arguments = ["survey", "3", &PATIENCE.as_millis().to_string(), "?"];
        Worker::on(host, &survey, &arguments).ended().expect(0);
        assert_eq!(results.next().text(), "a\nb\nc", "{host}");
    }
}

#[test]
fn a_program_that_cannot_connect_fails() {
    let ticker = compose(fixture("ticker"), &[("servers", "nats://127.0.0.1:1"), ("connect-timeout-ms", "500")]);
    Worker::start(&ticker).ended().expect(1);
}

/// Makes one guest of a program and a guest with a handler.
fn both(program: &str, handler: &str) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    for (name, export) in [(program, "wasi:cli/run@0.2.0"), (handler, "wasi:messaging/incoming-handler@0.2.0-draft")] {
        let package = Package::from_bytes(&format!("test:{name}"), None, fixture(name), graph.types_mut()).unwrap();
        let package = graph.register_package(package).unwrap();
        let instance = graph.instantiate(package);
        let exported = graph.alias_instance_export(instance, export).unwrap();
        graph.export(exported, export).unwrap();
    }
    graph.encode(EncodeOptions::default()).unwrap()
}

/// The program sends to the worker's own topic: the message waits until the program has ended.
#[test]
fn a_guest_with_both_runs_its_program_and_then_its_handler() {
    for host in HOSTS {
        let server = NatsServer::start();
        let native = Native::connect(&server.url());
        let mut ticks = native.listen("ticks");
        let options = [("servers", &*server.url()), ("subscribe", "echo,ticks"), ("stop-on", "stdin")];
        let guest = compose(both("ticker", "courier"), &options);
        let mut worker = Worker::on(host, &guest, &[]);
        assert_eq!([0; 3].map(|_| ticks.next().text()), ["tick 1", "tick 2", "tick 3"], "{host}");
        server.wait_for_subscribers("echo", 1);
        assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1", "{host}");
        worker.close_stdin();
        let ended = worker.ended();
        assert!(ended.expect(0).says("handled 4, failed 0, dropped 0"), "{host}: {ended:#?}");
    }
}

#[test]
fn a_program_that_fails_ends_all() {
    let server = NatsServer::start();
    let options = [("servers", &*server.url()), ("subscribe", "echo")];
    // Without arguments it fails.
    Worker::start(&compose(both("pacer", "courier"), &options)).ended().expect(1);
}

#[test]
fn a_program_can_be_left_out() {
    let server = NatsServer::start();
    let native = Native::connect(&server.url());
    let options = [("servers", &*server.url()), ("subscribe", "echo"), ("program", "ignore")];
    let mut worker = Worker::start(&compose(both("pacer", "courier"), &options));
    server.wait_for_subscribers("echo", 1);
    assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1");
    assert!(worker.is_well());
}

/// An HTTP component sends messages. Its host serves it; there is no worker.
#[test]
fn a_guest_that_serves_http_sends() {
    let server = NatsServer::start();
    let mut orders = Native::connect(&server.url()).listen("orders");
    let gateway = compose(fixture("gateway"), &[("servers", &server.url())]);
    let wasmtime = || hosts::wasmtime(&gateway, &["-S".into(), "inherit-network".into()]);
    for (host, serving) in [("wasmtime", wasmtime()), ("jco", HttpHost::Jco.serve(&gateway))] {
        for order in ["one", "two"] {
            assert_eq!(Request::post("/", order).send(serving.port).status, 202, "{host}");
            assert_eq!(orders.next().text(), order, "{host}");
        }
    }
    // Without the network the guest gets an error, and says it.
    let serving = hosts::wasmtime(&gateway, &[]);
    let response = Request::post("/", "three").send(serving.port);
    assert_eq!(response.status, 500);
    assert!(response.text().contains("Connection"), "{}", response.text());
}
