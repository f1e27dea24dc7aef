//! What happens to other messages while the guest waits for an answer.

use crate::nats::{
    courier,
    native::{Listener, Message, Native},
    server::NatsServer,
    wait_until,
    worker::Worker,
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// A worker whose guest waits for an answer to a request, until the test gives it.
struct Busy {
    worker: Worker,
    native: Native,
    server: NatsServer,
    asked: Message,
    answers: Listener,
}

impl Busy {
    fn new(configuration: &str, options: &[(&str, &str)]) -> Self {
        let server = NatsServer::with(configuration);
        let worker = Worker::start(&courier(&server.url(), options));
        server.wait_for_subscribers("ask", 1);
        let native = Native::connect(&server.url());
        let (mut listener, answers) = (native.listen("prices"), native.listen("answers"));
        native.send(&reply_to_answers(Message::new("ask", "?").with("x-timeout-ms", "60000")));
        let asked = listener.next();
        Self { worker, native, server, asked, answers }
    }

    /// Sends messages that are to be handled later.
    fn send(&self, number: usize) {
        for number in 0..number {
            self.native.send(&reply_to_answers(Message::new("echo", number.to_string())));
        }
    }

    /// Ends the request.
    fn answer(&mut self) {
        self.native.send(&Message::new(self.asked.reply.as_ref().unwrap(), "32.58"));
        assert_eq!(self.answers.next().text(), "32.58");
    }
}

fn reply_to_answers(message: Message) -> Message {
    Message { reply: Some("answers".into()), ..message }
}

#[test]
fn messages_wait_in_their_order() {
    let mut busy = Busy::new("", &[]);
    busy.send(100);
    busy.answer();
    let answers: Vec<_> = (0..100).map(|_| busy.answers.next().text()).collect();
    assert_eq!(answers, (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(busy.worker.is_well());
}

#[test]
fn what_is_too_much_is_dropped_and_counted() {
    for (option, value) in [("max-pending", "10"), ("max-pending-bytes", "2000")] {
        let large = option == "max-pending-bytes";
        let mut busy = Busy::new("", &[(option, value), ("stop-on", "stdin")]);
        for number in 0..30 {
            let size = if large { 500 } else { 2 };
            busy.native.send(&reply_to_answers(Message::new("echo", format!("{number:>size$}"))));
        }
        busy.answer();
        let first = busy.answers.next().text();
        assert_eq!(first.trim(), "0", "the newest are dropped, not the oldest");
        let mut answered = 1;
        while busy.answers.within(Duration::from_millis(500)).is_some() {
            answered += 1;
        }
        assert!(if large { (1..=4).contains(&answered) } else { answered == 10 }, "{option}: {answered}");
        busy.worker.close_stdin();
        let ended = busy.worker.ended();
        let summary = format!("handled {}, failed 0, dropped {}", answered + 1, 30 - answered);
        assert!(ended.expect(0).says(&summary), "{option}: {ended:#?}");
    }
}

/// The request is lost with the connection. What waits is in the worker already.
#[test]
fn messages_that_wait_survive_a_restart() {
    let mut busy = Busy::new("", &[("stop-on", "stdin")]);
    busy.send(5);
    // The last is behind the others on the same connection.
    busy.native.send(&Message::new("fail", "other"));
    let seen = |busy: &Busy| busy.server.connections().iter().any(|client| client["out_msgs"].as_u64() >= Some(7));
    wait_until("all have come", || seen(&busy));
    busy.server.restart();
    busy.worker.wait_to_say("the handler failed on `ask`: the connection was lost");
    busy.worker.wait_to_say("the handler failed on `fail`: asked to fail");
    busy.server.wait_for_subscribers("echo", 1);
    busy.worker.close_stdin();
    let ended = busy.worker.ended();
    assert!(ended.expect(0).says("handled 7, failed 2, dropped 0, connected again 1"), "{ended:#?}");
}

/// A server that gives up clients soon: after two pings without an answer.
const IMPATIENT: &str = "ping_interval: \"100ms\"\nping_max: 1";

/// Looks for a while whether a server still has so many clients.
fn keeps(server: &NatsServer, clients: usize, said: impl Fn() -> Vec<String>) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        thread::sleep(Duration::from_millis(50));
        assert_eq!(server.connections().len(), clients, "{:#?}", said());
    }
    assert!(!said().iter().any(|line| line.contains("lost")), "{:#?}", said());
}

/// The server asks whether the client is still there, and gets an answer while the guest waits.
#[test]
fn pings_are_answered_meanwhile() {
    let mut busy = Busy::new(IMPATIENT, &[]);
    keeps(&busy.server, 2, || busy.worker.said());
    busy.answer();
}

#[test]
fn pings_are_answered_by_an_idle_worker() {
    for keep_alive in ["0", "70"] {
        let server = NatsServer::with(IMPATIENT);
        let worker = Worker::start(&courier(&server.url(), &[("keep-alive-ms", keep_alive)]));
        server.wait_for_subscribers("echo", 1);
        keeps(&server, 1, || worker.said());
    }
}

/// A server that gives no sign of life is left.
#[test]
fn a_server_that_is_silent_is_left() {
    let server = NatsServer::start();
    let options = [("keep-alive-ms", "300"), ("connect-timeout-ms", "300"), ("max-reconnects", "2")];
    let mut worker = Worker::start(&courier(&server.url(), &options));
    server.wait_for_subscribers("echo", 1);
    server.signal("STOP");
    worker.wait_to_say("no sign of life");
    let ended = worker.ended();
    server.signal("CONT");
    ended.expect(1);
}

/// One process takes one message at a time, so what only it could answer waits until its own request is over. The answer
/// is late then, and is no answer to a later request.
#[test]
fn a_request_to_itself_ends_at_its_timeout() {
    let server = NatsServer::start();
    let _worker = Worker::start(&courier(&server.url(), &[]));
    server.wait_for_subscribers("outcome", 1);
    let native = Native::connect(&server.url());
    let mut late = native.listen("_INBOX.>");
    let outcome = native.ask(&Message::new("outcome", "late").with("x-to", "echo").with("x-timeout-ms", "300"));
    assert_eq!(outcome.text(), "timeout");
    while late.next().text() != "late" {}
    native.respond("prices", |_| vec![Message::new("", "in time")]);
    for _ in 0..5 {
        assert_eq!(native.ask(&Message::new("ask", "?")).text(), "in time");
    }
}

/// Somebody who asks for many replies takes no more than the limit.
#[test]
fn replies_are_bounded() {
    let server = NatsServer::start();
    let options = [("max-replies", "3"), ("max-pending-bytes", "10000")];
    let _worker = Worker::start(&courier(&server.url(), &options));
    server.wait_for_subscribers("outcome", 1);
    let native = Native::connect(&server.url());
    native.respond("prices", |_| (0..10).map(|_| Message::new("", "1")).collect());
    native.respond("large", |_| (0..5).map(|_| Message::new("", vec![0; 4_000])).collect());
    for (to, most) in [("prices", 3), ("large", 2)] {
        let ask = Message::new("outcome", "?").with("x-to", to).with("x-timeout-ms", "400");
        let outcome = native.ask(&ask.with("x-expected-replies", "100")).text();
        assert!(outcome == format!("ok {most}") || outcome.starts_with("other: "), "{to}: {outcome}");
    }
}
