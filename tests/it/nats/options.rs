//! Each option does what its help says.

use crate::{
    nats::{
        PATIENCE, courier,
        fake::{Fake, message},
        native::{Message, Native},
        server::NatsServer,
        worker::{Host, Worker},
    },
    support::fixture,
};
use msgcompose::{Composition, ConfigFrom};
use std::{sync::mpsc, time::Duration};

/// Starts the courier with a server, and waits until it is subscribed to a topic.
fn started(options: &[(&str, &str)], topic: &str) -> (Worker, Native, NatsServer) {
    let server = NatsServer::start();
    let worker = Worker::start(&courier(&server.url(), options));
    server.wait_for_subscribers(topic, 1);
    let native = Native::connect(&server.url());
    (worker, native, server)
}

#[test]
fn name_and_inbox_prefix_are_what_others_see() {
    let (_worker, native, server) = started(&[("name", "an order desk"), ("inbox-prefix", "_MY.inbox")], "ask");
    let mut asked = native.listen("prices");
    native.send(&Message::new("ask", "?").with("x-timeout-ms", "60000"));
    let reply = asked.next().reply.unwrap();
    let tokens: Vec<_> = reply.split('.').collect();
    assert!(tokens[..2] == ["_MY", "inbox"] && tokens[2].len() == 32 && tokens.len() == 4, "{reply}");
    assert!(server.connections().iter().any(|client| client["name"] == "an order desk"));
}

#[test]
fn default_timeout_is_for_requests_without_one() {
    let (_worker, native, _server) = started(&[("default-timeout-ms", "300")], "outcome");
    native.respond("prices", |_| vec![]);
    assert_eq!(native.ask(&Message::new("outcome", "?")).text(), "timeout");
}

#[test]
fn patterns_subscribe_to_all_that_they_match() {
    let (mut worker, native, _server) = started(&[("subscribe", "echo,fail.*,many.>"), ("stop-on", "stdin")], "many.>");
    for topic in ["fail.a", "many.a", "many.a.b"] {
        native.send(&Message::new(topic, ""));
    }
    for topic in ["fail", "fail.a.b", "many", "manya", "other"] {
        let nobody = native.gather(&Message::new(topic, ""), 1, PATIENCE);
        assert_eq!(nobody, [], "{topic}");
    }
    assert_eq!(native.ask(&Message::new("echo", "1")).text(), "1");
    worker.close_stdin();
    let ended = worker.ended();
    assert!(ended.expect(0).says("handled 4, failed 0"), "{ended:#?}");
}

#[test]
fn a_message_over_the_limit_is_dropped() {
    let (mut worker, native, _server) = started(&[("max-message-bytes", "1000"), ("stop-on", "stdin")], "echo");
    native.send(&Message::new("echo", vec![b'x'; 1_001]));
    native.send(&Message::new("echo", vec![b'x'; 500_000]).with("x-a", "b"));
    native.send(&Message::new("echo", "x").with("x-a", &"b".repeat(1_000)));
    assert_eq!(native.ask(&Message::new("echo", vec![b'x'; 1_000])).data.len(), 1_000);
    native.respond("prices", |_| vec![Message::new("", vec![b'x'; 1_001])]);
    let outcome = native.ask(&Message::new("outcome", "?")).text();
    assert!(outcome.starts_with("other: ") && outcome.contains("prices"), "{outcome}");
    worker.close_stdin();
    let ended = worker.ended();
    assert!(ended.expect(0).says("handled 2, failed 0, dropped 4, connected again 0"), "{ended:#?}");
}

/// Whoever sends a message chooses where its reply goes, so the owner can say where it may go.
#[test]
fn replies_go_where_they_may() {
    const REPLIES: [&str; 7] = ["in.side", "out.side", "$SYS.REQ", "$JS.API.STREAM.DELETE.x", "*", "in.>", "in..a"];
    for (allow, expected) in [("in.>", 1), (">", 2), (">,$SYS.>", 3)] {
        let (sender, replies) = mpsc::channel();
        let fake = Fake::start(move |peer| {
            let sid = peer.welcome("echo")?;
            for reply in REPLIES {
                peer.say(message("echo", &sid, Some(reply), b"hi"))?;
            }
            // No reply at all is no failure.
            peer.say(message("echo", &sid, None, b"last"))?;
            loop {
                let said = peer.next()?;
                if said.is("PUB") || said.is("HPUB") {
                    let _ = sender.send(said.words[1].clone());
                }
            }
        });
        let count = REPLIES.len() + 1;
        let options = [("subscribe", "echo"), ("reply-to-allow", allow), ("max-messages", &*count.to_string())];
        let ended = Worker::start(&courier(&fake.url(), &options)).ended();
        ended.expect(0);
        assert!(ended.says(&format!("handled {count}, failed {}", REPLIES.len() - expected)), "{allow}: {ended:#?}");
        let denied = ended.said.iter().filter(|line| line.contains("permission denied")).count();
        assert_eq!(denied, REPLIES.len() - expected, "{allow}: {ended:#?}");
        assert_eq!(replies.try_iter().collect::<Vec<_>>(), &REPLIES[..expected], "{allow}");
    }
}

#[test]
fn clients_with_connections_of_their_own_are_counted() {
    let servers = [NatsServer::start(), NatsServer::start()];
    let urls = servers.each_ref().map(NatsServer::url);
    let options = [("client.a.servers", &*urls[1]), ("client.b.servers", &urls[1]), ("max-clients", "1")];
    let _worker = Worker::start(&courier(&urls[0], &options));
    servers[0].wait_for_subscribers("outcome", 1);
    let [here, there] = urls.each_ref().map(|url| Native::connect(url));
    let mut sent = there.listen("away");
    let by = |client: &str| {
        let message = Message::new("outcome", client).with("x-to", "away").with("x-how", "send");
        here.ask(&message.with("x-client", client)).text()
    };
    assert_eq!(by("a"), "ok 0");
    assert_eq!(sent.next().text(), "a");
    let refused = by("b");
    assert!(refused.starts_with("other: ") && refused.contains("max-clients"), "{refused}");
    assert_eq!((by("a"), by("default")), ("ok 0".into(), "ok 0".into()));
    assert_eq!(sent.next().text(), "a");
    assert_eq!(sent.within(Duration::from_millis(100)), None, "the default client sends here");
}

/// Returns the courier that learns its options from the environment.
fn configured() -> Vec<u8> {
    let composition = Composition::new("courier.wasm", fixture("courier")).adapter(crate::nats::adapter());
    composition.with(|all| all.config_from = ConfigFrom::Env).compose().unwrap().component.to_bytes()
}

#[test]
fn the_environment_says_where_to_connect_and_as_whom() {
    let server = NatsServer::with("authorization { user: plain, password: secret }");
    let url = server.url();
    let variables =
        [("SERVERS", &*url), ("SUBSCRIBE", "echo"), ("USER", "plain"), ("PASSWORD", "secret"), ("MAX_PENDING", "9")];
    let component = configured();
    let run = |wrong: Option<(&str, &str)>| {
        let value = |name, right| wrong.filter(|(other, _)| *other == name).map_or(right, |(_, wrong)| wrong);
        let set = variables.map(|(name, right)| format!("--env=MSGCOMPOSE_{name}={}", value(name, right)));
        let flags = set.iter().map(String::as_str).chain(["-S", "inherit-network"]).collect::<Vec<_>>();
        Worker::with_flags(Host::Wasmtime, &component, &flags, &[])
    };
    let worker = run(None);
    server.wait_for_subscribers("echo", 1);
    drop(worker);

    for (name, value, reason) in [
        ("MAX_PENDING", "many", "MSGCOMPOSE_MAX_PENDING: the value is not a number"),
        ("SERVERS", "http://x", "MSGCOMPOSE_SERVERS: the value does not begin with `nats://`"),
        ("PASSWORD", "wrong", "Authorization Violation"),
        ("SUBSCRIBE", "a b", "MSGCOMPOSE_SUBSCRIBE: "),
        ("SUBSCRIBE", "", "`subscribe` names no topic"),
    ] {
        let ended = run(Some((name, value))).ended();
        assert!(ended.expect(1).says(reason) && !ended.says("secret"), "{name}={value}: {ended:#?}");
    }
    // Without any there is a reason as well.
    let ended = Worker::with_flags(Host::Wasmtime, &component, &["-S", "inherit-network"], &[]).ended();
    assert!(ended.expect(1).says("MSGCOMPOSE_SERVERS is not set"), "{ended:#?}");
}
