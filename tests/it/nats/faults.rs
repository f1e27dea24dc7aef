//! Servers that go, come back, or stay away; and messages that are too large, or of which NATS has no kind.

use crate::{
    nats::{
        PATIENCE, compose, courier,
        fake::{Fake, INFO, headed},
        native::{Message, Native},
        proxy::{Plan, Proxy},
        server::NatsServer,
        wait_until,
        worker::{Host, Worker},
    },
    support::fixture,
};
use std::{
    collections::BTreeMap,
    net::TcpListener,
    sync::mpsc,
    time::{Duration, Instant},
};

/// How long a native client waits for a reply that may be lost.
const PATIENT: Duration = Duration::from_millis(300);

/// Asks until there is a reply, as a client does that knows of restarts.
fn ask_until_answered(native: &Native, message: &Message) -> Message {
    let mut reply = None;
    wait_until("a reply", || {
        reply = native.gather(message, 1, PATIENT).pop();
        reply.is_some()
    });
    reply.unwrap()
}

#[test]
fn after_a_restart_of_the_server_the_worker_goes_on() {
    goes_on_after_a_restart(Host::Wasmtime);
    goes_on_after_a_restart(Host::Jco);
}

fn goes_on_after_a_restart(host: Host) {
    let mut server = NatsServer::start();
    let mut worker = Worker::on(host, &courier(&server.url(), &[]), &[]);
    server.wait_for_subscribers("state", 1);
    let native = Native::connect(&server.url());
    for round in 1..=3 {
        server.restart();
        let echo = Message::new("echo", format!("round {round}"));
        assert_eq!(ask_until_answered(&native, &echo).data, echo.data);
        // Its inbox is subscribed again, too.
        native.respond("prices", |_| vec![Message::new("", "1")]);
        assert_eq!(native.ask(&Message::new("ask", "?")).text(), "1");
    }
    let count = ask_until_answered(&native, &Message::new("state", "")).text();
    assert_eq!(count, "1", "it is the same instance");
    assert!(worker.is_well(), "{:#?}", worker.said());
}

#[test]
fn a_restart_in_the_middle_of_a_request_is_an_error_at_once() {
    let mut server = NatsServer::start();
    let mut worker = Worker::start(&courier(&server.url(), &[]));
    server.wait_for_subscribers("ask", 1);
    let native = Native::connect(&server.url());
    let mut asked = native.listen("prices");
    let start = Instant::now();
    native.send(&Message::new("ask", "?").with("x-timeout-ms", "100000"));
    asked.next();
    server.restart();
    worker.wait_to_say("the handler failed on `ask`: the connection was lost");
    assert!(start.elapsed() < Duration::from_secs(60), "it waited for the timeout");
    let echo = Message::new("echo", "on");
    assert_eq!(ask_until_answered(&native, &echo).text(), "on");
}

/// What was on its way is lost or answered, and nothing is answered twice.
#[test]
fn restarts_in_mid_traffic_answer_nothing_twice() {
    let mut server = NatsServer::start();
    let mut worker = Worker::start(&courier(&server.url(), &[]));
    server.wait_for_subscribers("echo", 1);
    let native = Native::connect(&server.url());
    let mut answers = native.listen("answers");
    let mut seen = BTreeMap::<u32, u32>::new();
    for round in 0..3 {
        let numbers = round * 1_000..(round + 1) * 1_000;
        for number in numbers.clone() {
            native.send(&Message { reply: Some("answers".into()), ..Message::new("echo", number.to_string()) });
            if number == numbers.start + 500 {
                server.restart();
                server.wait_for_subscribers("echo", 1);
                server.wait_for_subscribers("answers", 1);
            }
        }
        // The last was sent when all were connected again, and answers come in order.
        loop {
            let number = answers.next().text().parse().unwrap();
            *seen.entry(number).or_default() += 1;
            if number == numbers.end - 1 {
                break;
            }
        }
    }
    let late = |number: &u32| number % 1_000 > 500;
    assert_eq!(seen.keys().filter(|number| late(number)).count(), 3 * 499, "what came after a restart is answered");
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    assert!(worker.is_well(), "{:#?}", worker.said());
}

#[test]
fn a_server_that_stays_away_ends_the_worker() {
    for host in [Host::Wasmtime, Host::Jco] {
        let mut server = NatsServer::start();
        let worker = Worker::on(host, &courier(&server.url(), &[("max-reconnects", "3")]), &[]);
        server.wait_for_subscribers("echo", 1);
        server.kill();
        let ended = worker.ended();
        ended.expect(1);
        assert!(ended.says("max-reconnects"), "{host}: {ended:#?}");
        assert!(ended.says("handled 0, failed 0, dropped 0"), "{host}: {ended:#?}");
    }
}

#[test]
fn a_server_that_is_not_there_ends_the_worker_with_a_reason() {
    // A port that is taken, but not listened to by anybody who answers, and one that nobody has.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("nats://127.0.0.1:{}", silent.local_addr().unwrap().port());
    for servers in ["nats://127.0.0.1:1", &silent] {
        let ended = Worker::start(&courier(servers, &[("connect-timeout-ms", "700")])).ended();
        ended.expect(1);
        let address = servers.trim_start_matches("nats://");
        assert!(ended.says(address), "{ended:#?}");
    }
    // A host without the network says so.
    let ended = Worker::with_flags(Host::Wasmtime, &courier("nats://127.0.0.1:1", &[]), &[], &[]).ended();
    ended.expect(1);
    assert!(!ended.said.is_empty());
}

#[test]
fn of_several_servers_one_must_be_there() {
    let server = NatsServer::start();
    let servers = format!("nats://127.0.0.1:1,{}", server.url());
    let _worker = Worker::start(&courier(&servers, &[]));
    server.wait_for_subscribers("echo", 1);
    assert_eq!(Native::connect(&server.url()).ask(&Message::new("echo", "in")).text(), "in");
}

#[test]
fn names_and_ipv6_lead_to_servers() {
    let server = NatsServer::on_ipv6();
    let native = Native::connect(&server.url());
    let _worker = Worker::start(&courier(&server.url(), &[]));
    server.wait_for_subscribers("echo", 1);
    assert_eq!(native.ask(&Message::new("echo", "in")).text(), "in");

    let server = NatsServer::start();
    let native = Native::connect(&server.url());
    let by_name = courier(&format!("nats://localhost:{}", server.port), &[]);
    let flags = ["-S", "inherit-network", "-S", "allow-ip-name-lookup"];
    let _worker = Worker::with_flags(Host::Wasmtime, &by_name, &flags, &[]);
    server.wait_for_subscribers("echo", 1);
    assert_eq!(native.ask(&Message::new("echo", "in")).text(), "in");
    // Without the right to look up names there is a reason.
    Worker::start(&by_name).ended().expect(1);
    let nowhere = courier("nats://does-not-exist.invalid", &[("connect-timeout-ms", "1000")]);
    let ended = Worker::with_flags(Host::Wasmtime, &nowhere, &flags, &[]).ended();
    assert!(ended.expect(1).says("does-not-exist.invalid"), "{ended:#?}");
}

#[test]
fn what_is_larger_than_the_server_takes_is_refused_before_it_is_sent() {
    let server = NatsServer::with("max_payload: 2048");
    let mut worker = Worker::start(&courier(&server.url(), &[]));
    server.wait_for_subscribers("outcome", 1);
    let native = Native::connect(&server.url());
    native.respond("prices", |_| vec![Message::new("", "yes")]);
    // `many` puts two bytes before the data.
    native.send(&Message { reply: Some("answers".into()), ..Message::new("many", vec![b'x'; 2047]) });
    worker.wait_to_say("the handler failed on `many`: ");
    let said = worker.said().concat();
    assert!(said.contains("and the server takes 2048"), "both sizes are said: {said}");
    assert_eq!(native.ask(&Message::new("echo", vec![b'x'; 2048])).data.len(), 2048);
    for (how, expected) in [("send", "ok 0"), ("request", "ok 1")] {
        let small = Message::new("outcome", "?").with("x-to", "prices").with("x-how", how);
        assert_eq!(native.ask(&small).text(), expected);
    }
    assert!(worker.is_well());
    assert_eq!(server.connections().len(), 2, "the connection is still the first: {:#?}", worker.said());
}

/// What a guest could not send either does not come to it. It is dropped with a word, and the worker goes on.
#[test]
fn headers_that_are_none_are_dropped() {
    let (sender, results) = mpsc::channel();
    let fake = Fake::start(move |peer| {
        let sid = peer.welcome("echo")?;
        for header in ["x-\u{fc}: a", "x-a b: c", "x-\u{7f}: c", "no colon", ": c"] {
            peer.say(headed("echo", &sid, Some("back"), &format!("NATS/1.0\r\n{header}"), b"no"))?;
        }
        peer.echo(&sid)?;
        let _ = sender.send(());
        peer.wait_for_the_end()
    });
    let worker = Worker::start(&courier(&fake.url(), &[("subscribe", "echo")]));
    results.recv_timeout(PATIENCE).unwrap();
    let dropped = || worker.said().iter().filter(|line| line.contains("malformed headers")).count();
    wait_until("it says of each that it was dropped", || dropped() == 5);
}

/// `probe` passes on all metadata, so also what only NATS may say.
#[test]
fn metadata_of_nats_itself_is_refused() {
    let server = NatsServer::start();
    let options = [("servers", &*server.url()), ("subscribe", "probes")];
    let _worker = Worker::start(&compose(fixture("probe"), &options));
    server.wait_for_subscribers("probes", 1);
    let native = Native::connect(&server.url());
    let mut outcomes = native.listen("probe.outcome");
    for key in ["Nats-Msg-Id", "nats-expected-stream", "NATS-Rollup"] {
        native.send(&Message::new("probes", "?").with("probe-topic", "prices").with(key, "1"));
        let outcome = outcomes.next().text();
        assert!(outcome.contains(&format!("metadata `{key}` is reserved by NATS")), "{outcome}");
    }
}

/// A server without headers takes only messages that need none.
#[test]
fn without_headers_there_is_no_metadata() {
    let (sender, results) = mpsc::channel();
    let fake = Fake::start(move |peer| {
        peer.say(format!("{}\r\n", INFO.replace("\"headers\":true", "\"headers\":false")))?;
        let sid = peer.subscription("outcome")?;
        let ask = [format!("MSG outcome {sid} result 1\r\n?\r\n")];
        peer.say(ask.concat())?;
        // The request has nothing but data. The result has a content type, so it cannot be sent.
        let asked = peer.wait_for("prices")?;
        let _ = sender.send(asked);
        peer.wait_for_the_end()
    });
    let mut worker = Worker::start(&courier(&fake.url(), &[("subscribe", "outcome"), ("default-timeout-ms", "500")]));
    assert!(results.recv_timeout(PATIENCE).unwrap().is("PUB"));
    worker.wait_to_say("the handler failed on `outcome`: ");
}

/// All that is said arrives in pieces, and connections end at places that differ each time.
#[test]
fn pieces_and_cuts_change_no_message() {
    let server = NatsServer::start();
    let plan = |number: usize| Plan { seed: number as u64 + 11, cut_after: Some(5_000 + 1_379 * number) };
    let proxy = Proxy::start(server.port, plan);
    let mut worker = Worker::start(&courier(&proxy.url(), &[("max-reconnects", "0"), ("subscribe", "echo,ask")]));
    server.wait_for_subscribers("ask", 1);
    let native = Native::connect(&server.url());
    native.respond("prices", |asked| vec![asked.clone()]);
    let mut answered = 0;
    for number in 0..2_000 {
        let data: Vec<u8> = (0..=255).cycle().skip(number).take(number * 37 % 900).collect();
        let topic = if number % 2 == 0 { "echo" } else { "ask" };
        let message = Message::new(topic, data).with("x-n", &number.to_string()).with("x-timeout-ms", "60000");
        for reply in native.gather(&message, 1, PATIENT) {
            assert_eq!((&reply.data, reply.header("x-n")), (&message.data, message.header("x-n")));
            answered += 1;
        }
        assert!(worker.is_well(), "{:#?}", worker.said());
        if proxy.connections() >= 12 {
            break;
        }
    }
    assert!(answered >= 20 && proxy.connections() >= 12, "{answered}, {}", proxy.connections());
}
