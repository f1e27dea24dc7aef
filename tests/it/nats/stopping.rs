//! How a worker stops: what came is handled and answered, the last line says what was done, and the exit code is right.

use crate::nats::{
    courier,
    native::{Message, Native},
    server::NatsServer,
    worker::{Host, Worker},
};
use std::time::{Duration, Instant};

const HOSTS: [Host; 2] = [Host::Wasmtime, Host::Jco];

/// Starts the courier, and sends it messages.
fn worker(host: Host, options: &[(&str, &str)]) -> (Worker, Native, NatsServer) {
    let server = NatsServer::start();
    let worker = Worker::on(host, &courier(&server.url(), options), &[]);
    server.wait_for_subscribers("state", 1);
    let native = Native::connect(&server.url());
    (worker, native, server)
}

#[test]
fn after_so_many_messages_it_stops() {
    for host in HOSTS {
        let (worker, native, _server) = worker(host, &[("max-messages", "3")]);
        assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1");
        native.send(&Message::new("fail", "other"));
        assert_eq!(native.ask(&Message::new("echo", "3")).text(), "3");
        let ended = worker.ended();
        ended.expect(0);
        let last = ended.said.last().unwrap();
        assert!(last.contains("handled 3, failed 1, dropped 0, connected again 0"), "{host}: {ended:#?}");
    }
}

/// More came than it takes: each message is answered by this one or another one, or nobody has it.
#[test]
fn what_has_come_is_still_answered() {
    let (first, native, server) = worker(Host::Wasmtime, &[("max-messages", "5"), ("queue-group", "g")]);
    let options = [("stop-on", "stdin"), ("queue-group", "g")];
    let mut second = Worker::start(&courier(&server.url(), &options));
    server.wait_for_subscribers("echo", 2);
    let mut answers = native.listen("answers");
    for number in 0..200 {
        native.send(&Message { reply: Some("answers".into()), ..Message::new("echo", number.to_string()) });
    }
    let mut found: Vec<u32> = (0..200).map(|_| answers.next().text().parse().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, (0..200).collect::<Vec<_>>());
    first.ended().expect(0);
    second.close_stdin();
    second.ended().expect(0);
    assert_eq!(answers.within(Duration::from_millis(50)), None, "an answer came twice");
}

#[test]
fn without_messages_for_long_it_stops() {
    for host in HOSTS {
        let (worker, native, _server) = worker(host, &[("idle-ms", "1500")]);
        let start = Instant::now();
        assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1");
        let ended = worker.ended();
        assert!(ended.expect(0).says("handled 1, failed 0"), "{host}: {ended:#?}");
        assert!(start.elapsed() >= Duration::from_millis(1_490), "{host}: {:?}", start.elapsed());
    }
}

#[test]
fn at_the_end_of_its_input_it_stops() {
    for host in HOSTS {
        let (mut worker, native, _server) = worker(host, &[("stop-on", "stdin")]);
        assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1");
        worker.write_stdin(b"what is said does not matter\n");
        assert_eq!(native.ask(&Message::new("echo", "2")).text(), "2");
        worker.close_stdin();
        let ended = worker.ended();
        assert!(ended.expect(0).says("handled 2, failed 0, dropped 0, connected again 0"), "{host}: {ended:#?}");
    }
}

#[test]
fn the_end_of_its_input_does_not_matter_otherwise() {
    let (mut worker, native, _server) = worker(Host::Wasmtime, &[]);
    worker.close_stdin();
    for _ in 0..3 {
        assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1");
    }
    assert!(worker.is_well());
}

/// Standard input ends while there is no server to say goodbye to.
#[test]
fn without_a_server_it_stops_as_well() {
    let (mut worker, _native, mut server) = worker(Host::Wasmtime, &[("stop-on", "stdin"), ("max-reconnects", "0")]);
    server.kill();
    worker.wait_to_say("lost");
    worker.close_stdin();
    worker.ended().expect(0);
}

#[test]
fn a_server_that_is_about_to_go_is_left() {
    let (worker, native, server) = worker(Host::Wasmtime, &[]);
    assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1");
    server.lame_duck();
    let ended = worker.ended();
    assert!(ended.expect(0).says("handled 1, failed 0"), "{ended:#?}");
}
