//! Several workers, several servers, and many messages.

use crate::nats::{
    PATIENCE, courier,
    native::{Message, Native, wait_for},
    server::NatsServer,
    wait_until,
    worker::{Host, Worker},
};
use futures::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

#[test]
fn four_workers_share_two_thousand_requests() {
    let server = NatsServer::start();
    let component = courier(&server.url(), &[("queue-group", "couriers"), ("stop-on", "stdin")]);
    let mut workers: Vec<_> = (0..4).map(|_| Worker::start(&component)).collect();
    server.wait_for_subscribers("echo", 4);
    let native = Native::connect(&server.url());
    let mut answers = native.listen("answers");
    for number in 0..2_000 {
        let message = Message { reply: Some("answers".into()), ..Message::new("echo", number.to_string()) };
        native.send(&message);
    }
    let mut seen = BTreeMap::<u32, u32>::new();
    for _ in 0..2_000 {
        *seen.entry(answers.next().text().parse().unwrap()).or_default() += 1;
    }
    assert_eq!((seen.len(), seen.values().max()), (2_000, Some(&1)), "none is lost, and none answered twice");
    workers.iter_mut().for_each(Worker::close_stdin);
    let shares: Vec<u32> = workers.into_iter().map(|worker| handled(&worker.ended().expect(0).said)).collect();
    assert_eq!(shares.iter().sum::<u32>(), 2_000, "{shares:?}");
    assert!(shares.iter().all(|share| *share > 0), "{shares:?}");
    assert_eq!(answers.within(Duration::from_millis(50)), None);
}

/// Reads the summary.
fn handled(said: &[String]) -> u32 {
    let (_, rest) = said.last().unwrap().split_once("handled ").unwrap();
    rest.split_once(',').unwrap().0.parse().unwrap()
}

/// Without a group, each worker has each message.
#[test]
fn workers_without_a_group_get_everything() {
    let server = NatsServer::start();
    let component = courier(&server.url(), &[]);
    let _workers = [0; 2].map(|_| Worker::start(&component));
    server.wait_for_subscribers("echo", 2);
    let native = Native::connect(&server.url());
    let replies = native.gather(&Message::new("echo", "?"), 2, PATIENCE);
    assert_eq!(replies.iter().map(Message::text).collect::<Vec<_>>(), ["?", "?"]);
}

/// The worker knows one server of three, learns of the others, and goes to them when its own dies.
#[test]
fn a_cluster_loses_a_server() {
    let mut servers = NatsServer::cluster(3);
    let mut worker = Worker::start(&courier(&servers[0].url(), &[("connect-timeout-ms", "2000")]));
    servers[0].wait_for_subscribers("echo", 1);
    let native = Native::connect(&servers[2].url());
    wait_until("the message passes", || {
        native.gather(&Message::new("echo", "1"), 1, Duration::from_millis(200)).len() == 1
    });
    servers[0].kill();
    let again = || native.gather(&Message::new("echo", "2"), 1, Duration::from_millis(200)).len() == 1;
    wait_until("it is connected again", again);
    assert!(worker.is_well(), "{:#?}", worker.said());
    worker.wait_to_say("connected again");
}

/// A process that is stopped for long reads nothing, so the server closes its connection. It connects again.
#[test]
fn a_slow_consumer_comes_back() {
    let server = NatsServer::with("max_pending: 2MB\nwrite_deadline: \"500ms\"");
    let mut worker = Worker::start(&courier(&server.url(), &[]));
    server.wait_for_subscribers("echo", 1);
    let native = Native::connect(&server.url());
    worker.signal("STOP");
    let flood = Message::new("nothing", vec![0; 100_000]);
    let deadline = Instant::now() + PATIENCE;
    while server.slow_consumers() == 0 {
        (0..20).for_each(|_| native.send(&flood));
        assert!(Instant::now() < deadline, "the server is patient");
    }
    worker.signal("CONT");
    let again = || native.gather(&Message::new("echo", "on"), 1, Duration::from_millis(500)).len() == 1;
    wait_until("it is connected again", again);
    assert!(worker.is_well(), "{:#?}", worker.said());
}

/// Two small writes without a read in between would wait for a delayed acknowledgement of TCP: 40 ms each time. A busy
/// machine makes some pairs slow, and Nagle's algorithm all of them, however often one tries.
#[test]
fn a_message_and_a_request_do_not_stall() {
    for host in [Host::Wasmtime, Host::Jco] {
        let server = NatsServer::start();
        let mut worker = Worker::on(host, &courier(&server.url(), &[]), &[]);
        server.wait_for_subscribers("ask", 1);
        let native = Native::connect(&server.url());
        native.respond("prices", |asked| vec![Message::new("", asked.data.clone())]);
        let mut stalls = Vec::new();
        while stalls.len() < 5 && stalls.last().is_none_or(|stalls| *stalls >= 5) {
            stalls.push((0..100).filter(|_| has_stalled(&native)).count());
        }
        assert!(stalls.last().is_some_and(|stalls| *stalls < 5), "{host}: {stalls:?} of 100 stalled");
        assert!(worker.is_well());
    }
}

/// Has a guest send a message, and request behind it.
fn has_stalled(native: &Native) -> bool {
    native.send(&Message::new("forward", "x").with("x-to", "forwarded"));
    let start = Instant::now();
    native.ask(&Message::new("ask", "x").with("x-to", "prices"));
    start.elapsed() >= Duration::from_millis(35)
}

/// Many at once from one native client, none lost.
#[test]
fn requests_at_once_are_all_answered() {
    let server = NatsServer::start();
    let _worker = Worker::start(&courier(&server.url(), &[]));
    server.wait_for_subscribers("echo", 1);
    let native = Native::connect(&server.url());
    let replies: Vec<_> = wait_for("all replies", async {
        let ask = |number: u32| native.0.request("echo", number.to_string().into());
        stream::iter(0..1_000).map(ask).buffered(64).map(|reply| reply.unwrap().payload).collect().await
    });
    let expected: Vec<_> = (0..1_000).map(|number: u32| number.to_string()).collect();
    assert_eq!(replies, expected);
}
