//! A connection that nobody reads for long.

use crate::nats::{
    courier,
    native::{Message, Native},
    server::NatsServer,
    worker::Worker,
};
use std::{thread, time::Duration};

/// How long a connection may be idle before it is looked at, and a little more.
const IDLE: Duration = Duration::from_millis(1_100);

/// The client `other` has a connection of its own, which the worker does not read. Without a look at it, the second
/// message would go into a connection that has ended, and `ok` would be a lie.
#[test]
fn a_connection_that_broke_while_it_was_idle_is_made_again() {
    let (server, mut other) = (NatsServer::start(), NatsServer::start());
    let mut worker = Worker::start(&courier(&server.url(), &[("client.other.servers", &other.url())]));
    server.wait_for_subscribers("outcome", 1);
    let native = Native::connect(&server.url());
    let send = Message::new("outcome", "?").with("x-client", "other").with("x-how", "send");
    assert_eq!(native.ask(&send).text(), "ok 0");
    other.restart();
    thread::sleep(IDLE);
    let mut sent = Native::connect(&other.url()).listen("forwarded");
    for _ in 0..2 {
        assert_eq!(native.ask(&send).text(), "ok 0");
        assert_eq!(sent.next().text(), "?");
    }
    assert!(worker.is_well(), "{:#?}", worker.said());
}
