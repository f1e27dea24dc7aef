//! Guests in four languages on two hosts: incoming and outgoing messages, and every kind of result.

use crate::{
    http::hosts::tool,
    nats::{
        TOPICS, compose,
        native::{Message, Native},
        server::NatsServer,
        wait_until,
        worker::{Host, Worker},
    },
    support::fixture,
};
use std::{
    fs,
    time::{Duration, Instant},
};

/// How long to look for a message that must not come.
const SOON: Duration = Duration::from_millis(200);

/// A guest on a host, with a server and a native client.
struct Cell {
    worker: Worker,
    native: Native,
    server: NatsServer,
    failures: Vec<String>,
}

impl Cell {
    fn new(guest: Vec<u8>, host: Host) -> Self {
        let server = NatsServer::start();
        let options = [("servers", &*server.url()), ("subscribe", TOPICS)];
        let worker = Worker::on(host, &compose(guest, &options), &[]);
        server.wait_for_subscribers("state", 1);
        Self { worker, native: Native::connect(&server.url()), server, failures: vec![] }
    }

    /// Records a failure and continues, so that one run shows all failures.
    fn check(&mut self, what: &str, found: impl std::fmt::Debug, expected: impl std::fmt::Debug) {
        let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
        if found != expected {
            self.failures.push(format!("{what}:\n    found    {found}\n    expected {expected}"));
        }
    }

    /// Lets the guest request or send, and returns what came of it.
    fn outcome(&self, headers: &[(&str, &str)]) -> String {
        let message = Message::new("outcome", "?");
        self.native.ask(&headers.iter().fold(message, |message, (name, value)| message.with(name, value))).text()
    }

    #[track_caller]
    fn finish(self) {
        let (failures, said) = (&self.failures, self.worker.said());
        assert!(failures.is_empty(), "{} failed\n{}\n{said:#?}", failures.len(), failures.join("\n"));
    }
}

/// All that a guest can do.
fn everything(guest: Vec<u8>) {
    let mut cell = Cell::new(guest, Host::Wasmtime);
    for part in [messages, replies, outgoing, results, several_replies, errors, instances] {
        part(&mut cell);
    }
    trap(cell);
}

#[test]
fn rust_on_wasmtime() {
    everything(fixture("courier"));
}

#[test]
fn c_on_wasmtime() {
    everything(fixture("courier-c"));
}

/// A message and its reply, and a request with its reply.
fn a_little(file: &str, host: Host) {
    let path = tool("MSGCOMPOSE_GUESTS").join(file);
    let guest = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut cell = Cell::new(guest, host);
    messages(&mut cell);
    outgoing(&mut cell);
    cell.finish();
}

#[test]
fn javascript_on_wasmtime() {
    a_little("courier-js.wasm", Host::Wasmtime);
}

#[test]
fn javascript_on_jco() {
    a_little("courier-js.wasm", Host::Jco);
}

#[test]
fn python_on_wasmtime() {
    a_little("courier-python.wasm", Host::Wasmtime);
}

#[test]
fn python_on_jco() {
    a_little("courier-python.wasm", Host::Jco);
}

#[test]
fn rust_on_jco() {
    let mut cell = Cell::new(fixture("courier"), Host::Jco);
    for part in [messages, replies, outgoing, results, several_replies, errors, instances] {
        part(&mut cell);
    }
    cell.finish();
}

/// A message with all that it can have, and its reply.
fn messages(cell: &mut Cell) {
    let data: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    let message = Message::new("echo", data.clone()).with("Content-Type", "application/x-test; a=b");
    let reply = cell.native.ask(&message.with("x-colour", "blau").with("x-Upper", "Y y").with("y-other", "z"));
    cell.check("echo: data", reply.data == data, true);
    let headers = [("Content-Type", "application/x-test; a=b"), ("x-Upper", "Y y"), ("x-colour", "blau")];
    cell.check("echo: headers", &reply.headers, headers);

    let reply = cell.native.ask(&Message::new("echo", "").with("content-TYPE", "text/plain"));
    cell.check("echo of nothing", (&reply.data, &reply.headers), ([0_u8; 0], [("Content-Type", "text/plain")]));
    let reply = cell.native.ask(&Message::new("echo", "plain"));
    cell.check("a plain echo", (reply.text(), reply.has_headers), ("plain", false));
    let reply = cell.native.ask(&Message::new("echo", "twice").with("x-a", "1").with("x-a", "2"));
    cell.check("a header twice", &reply.headers, [("x-a", "1, 2")]);
    let reply = cell.native.ask(&Message::new("echo", "gr\u{fc}n").with("x-colour", "gr\u{fc}n \u{2192}"));
    cell.check("text that is not ASCII", reply.header("x-colour"), Some("gr\u{fc}n \u{2192}"));
    let large = vec![7; 1_000_000];
    let reply = cell.native.ask(&Message::new("echo", large.clone()));
    cell.check("1 MB", reply.data == large, true);
    // Nobody waits for a reply, so there is none, and the guest does not learn it.
    cell.native.send(&Message::new("echo", "nobody waits"));
    cell.check("after that", cell.native.ask(&Message::new("echo", "on")).text(), "on");
}

/// No reply, and several.
fn replies(cell: &mut Cell) {
    let replies = cell.native.gather(&Message::new("many", "x"), 3, crate::nats::PATIENCE);
    let found: Vec<_> = replies.iter().map(|reply| (reply.text(), reply.header("Content-Type"))).collect();
    let typed = Some("text/plain");
    cell.check("many", found, [("1:x", typed), ("2:x", typed), ("3:x", typed)]);
    cell.check("no reply", cell.native.gather(&Message::new("nothing", "?"), 1, SOON), [(); 0]);
}

/// What a guest sends, and what it requests.
fn outgoing(cell: &mut Cell) {
    let mut listener = cell.native.listen("forwarded.>");
    let message = Message::new("forward", "32.58").with("Content-Type", "text/x-price").with("y-other", "z");
    cell.native.send(&message.with("x-to", "forwarded.to.here").with("x-colour", "blau"));
    let sent = listener.next();
    cell.check("forward", (&sent.topic, sent.text(), &sent.reply), ("forwarded.to.here", "32.58", None::<()>));
    let headers = [("Content-Type", "text/x-price"), ("x-colour", "blau"), ("x-to", "forwarded.to.here")];
    cell.check("forward: headers", &sent.headers, headers);

    let asked = cell.native.listen("prices.acme");
    cell.native.respond("prices.*", |asked| vec![Message::new("", [b"for ", &*asked.data].concat()).with("x-n", "1")]);
    let reply = cell.native.ask(&Message::new("ask", "ACME").with("x-to", "prices.acme"));
    cell.check("ask", (reply.text(), &reply.headers), ("for ACME", [("x-n", "1")]));
    let mut asked = asked;
    let asked = asked.next();
    cell.check("ask: request", (asked.text(), asked.header("x-to")), ("ACME", Some("prices.acme")));
    cell.check("ask: inbox", asked.reply.as_ref().map(|reply| reply.starts_with("_INBOX.")), Some(true));
}

/// What comes of a request and of a message that is sent.
fn results(cell: &mut Cell) {
    let nobody = "connection: no responders for `nobody.is.here`";
    cell.check("no responders", cell.outcome(&[("x-to", "nobody.is.here")]), nobody);
    let sent = cell.outcome(&[("x-to", "nobody.is.here"), ("x-how", "send")]);
    cell.check("sent to nobody", sent, "ok 0");

    cell.native.respond("silent", |_| vec![]);
    let start = Instant::now();
    cell.check("a timeout", cell.outcome(&[("x-to", "silent"), ("x-timeout-ms", "300")]), "timeout");
    cell.check("a timeout, not early", start.elapsed() >= Duration::from_millis(300), true);
    cell.check("a timeout, in time", start.elapsed() < Duration::from_secs(10), true);

    for topic in ["", ".a", "a.", "a..b", "a b", "a.*", "*", "a.>", ">", "a\tb", "a*b\u{1}"] {
        for how in ["request", "send"] {
            let found = cell.outcome(&[("x-to", topic), ("x-how", how)]);
            cell.check(&format!("{how} to `{topic:?}`"), found.starts_with("other: topic "), true);
        }
    }
}

/// Several replies to one request.
fn several_replies(cell: &mut Cell) {
    cell.native.respond("two", |_| vec![Message::new("", "1"), Message::new("", "2")]);
    let of_two = |expected: &'static str| [("x-to", "two"), ("x-expected-replies", expected), ("x-timeout-ms", "400")];
    cell.check("one of two", cell.outcome(&of_two("1")), "ok 1");
    cell.check("two of two", cell.outcome(&of_two("2")), "ok 2");
    let start = Instant::now();
    cell.check("two of three, at the timeout", cell.outcome(&of_two("3")), "ok 2");
    cell.check("not before the timeout", start.elapsed() >= Duration::from_millis(400), true);
    let message = Message::new("ask", "?").with("x-to", "two").with("x-expected-replies", "2");
    let replies = cell.native.gather(&message.with("x-timeout-ms", "30000"), 2, crate::nats::PATIENCE);
    cell.check("their order", replies.iter().map(Message::text).collect::<Vec<_>>(), ["1", "2"]);
}

/// A handler that fails has answered nothing; the worker says so, and goes on.
fn errors(cell: &mut Cell) {
    for kind in ["timeout", "connection", "permission-denied", "other"] {
        cell.native.send(&Message::new("fail", kind));
        let said = match kind {
            "timeout" => "the handler failed on `fail`: timeout",
            "permission-denied" => "the handler failed on `fail`: permission denied: asked to fail",
            _ => "the handler failed on `fail`: asked to fail",
        };
        cell.worker.wait_to_say(said);
    }
    let replies = cell.native.gather(&Message::new("fail-late", "?"), 2, SOON * 2);
    cell.check("fail-late", replies.iter().map(Message::text).collect::<Vec<_>>(), ["early"]);
    cell.check("after errors", cell.native.ask(&Message::new("echo", "on")).text(), "on");
    let failed = || cell.worker.said().iter().filter(|line| line.contains("asked to fail")).count();
    wait_until("it says each error", || failed() == 4);
}

/// One instance takes all messages, in one connection.
fn instances(cell: &mut Cell) {
    let counts = [0; 3].map(|_| cell.native.ask(&Message::new("state", "")).text());
    cell.check("instances", counts, ["1", "2", "3"]);
    let clients = cell.server.connections();
    let ours = clients.iter().filter(|client| client["name"] == "msgcompose");
    cell.check("connections", ours.count(), 1);
    let is_well = cell.worker.is_well();
    cell.check("it goes on", is_well, true);
}

/// A trap ends the process.
fn trap(cell: Cell) {
    cell.native.send(&Message::new("trap", ""));
    let Cell { worker, failures, .. } = cell;
    let ended = worker.ended();
    assert!(ended.code != 0 && ended.has_trapped(), "{ended:#?}");
    assert!(failures.is_empty(), "{} failed\n{}\n{:#?}", failures.len(), failures.join("\n"), ended.said);
}
