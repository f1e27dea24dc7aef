//! Subscriptions: what comes for them, reconnecting, and an orderly end.

use super::{
    ENTROPY, INFO, asking, connection, deliveries, denied, hmsg, msg, open, options, other, plain, subscribed, written,
};
use broker::{Delivery, Error, Session};
use nats::Nats;

fn delivery(topic: &str, reply_to: Option<&str>, data: &str) -> Delivery {
    let reply_to = reply_to.map(str::to_owned);
    Delivery { topic: topic.into(), content: plain(data), reply_to, ticket: 0 }
}

#[test]
fn messages_come_in_order_with_their_reply_topics() {
    let mut nats = subscribed();
    let stream = [msg("in.a 2", "1"), msg("in.b\t2  r.1 ", ""), msg("in.a 2 r.2", "3\r\nPING\r\n")].concat();
    assert_eq!(nats.receive(&stream), Ok(()));
    let expected = [
        delivery("in.a", None, "1"),
        delivery("in.b", Some("r.1"), ""),
        delivery("in.a", Some("r.2"), "3\r\nPING\r\n"),
    ];
    assert_eq!(deliveries(&mut nats), expected);
    assert_eq!(written(&mut nats), "");
    nats.settle(0, Ok(()));
    nats.settle(0, Err(&other("no")));
    nats.progress();
    assert_eq!(written(&mut nats), "", "core NATS confirms nothing");
}

#[test]
fn what_comes_for_no_subscription_is_no_message() {
    let mut nats = subscribed();
    for to in ["in.a 0", "in.a 1", "in.a 3", "in.a 18446744073709551615"] {
        assert_eq!(nats.receive(&msg(to, "x")), Ok(()));
        assert_eq!(nats.delivery(), None, "{to}");
    }
}

/// For example, that a stream has nothing to send.
#[test]
fn the_servers_own_words_are_no_message() {
    let mut nats = subscribed();
    assert_eq!(nats.receive(&hmsg("in.a 2", "NATS/1.0 100 Idle Heartbeat\r\n\r\n", "")), Ok(()));
    assert_eq!((nats.delivery(), nats.dropped()), (None, 0));
}

/// Any client can send them.
#[test]
fn topics_that_are_not_text_are_dropped_and_the_connection_goes_on() {
    let mut nats = subscribed();
    for line in [&b"MSG in.\xff 2 1\r\nx\r\n"[..], b"MSG in.a 2 r.\xff 1\r\nx\r\n", b"HMSG in.\xc3 2 1 2\r\nxx\r\n"] {
        assert_eq!(nats.receive(line), Ok(()));
        let complaint = nats.complaint().unwrap();
        assert!(complaint.ends_with("was dropped: it has a topic that is not UTF-8"), "{complaint}");
    }
    assert_eq!(nats.dropped(), 3);
    assert_eq!(nats.receive(&msg("in.a 2", "1")), Ok(()));
    assert_eq!(deliveries(&mut nats), [delivery("in.a", None, "1")]);
}

#[test]
fn the_client_introduces_itself_and_subscribes_in_one_write() {
    let mut nats = Nats::new(options()).unwrap();
    nats.subscribe("a.*", None);
    nats.subscribe("b.>", Some("group"));
    nats.subscribe("b.>", Some("group"));
    nats.subscribe("c", Some(""));
    nats.begin(ENTROPY);
    assert_eq!(written(&mut nats), "", "the server speaks first");
    let (start, end) = INFO.split_at(20);
    assert_eq!(nats.receive(start.as_bytes()), Ok(()));
    assert_eq!(written(&mut nats), "");
    assert_eq!(nats.receive(end.as_bytes()), Ok(()));
    let text = written(&mut nats);
    let (connect, rest) = text.split_once("\r\n").unwrap();
    assert!(connect.starts_with("CONNECT {"), "{connect}");
    assert_eq!(rest, "PING\r\nSUB a.* 2\r\nSUB b.> group 3\r\nSUB c 4\r\n");
    assert!(!nats.is_open() && nats.is_pinging());
    assert_eq!(nats.receive(b"PONG\r\n"), Ok(()));
    assert!(nats.is_open() && !nats.is_pinging());
}

#[test]
fn subscriptions_are_made_again_on_the_next_connection() {
    let mut nats = subscribed();
    nats.ask("x", &plain("?")).unwrap();
    nats.subscribe("late", Some("g"));
    // Half a message, which is lost, and a whole one, which is not.
    assert_eq!(nats.receive(&msg("in.a 2", "whole")), Ok(()));
    assert_eq!(nats.receive(b"MSG in.a 2 5\r\nha"), Ok(()));
    nats.ping();
    nats.begin([3, 4]);
    assert!(!nats.is_open() && !nats.is_pinging());
    assert_eq!(nats.receive(INFO.as_bytes()), Ok(()));
    let text = written(&mut nats);
    assert!(text.ends_with("}\r\nPING\r\nSUB in.> 2\r\nSUB late g 3\r\n"), "{text}");
    assert_eq!(nats.receive(&[b"PONG\r\n".to_vec(), msg("late 3", "x")].concat()), Ok(()));
    assert_eq!(deliveries(&mut nats), [delivery("in.a", None, "whole"), delivery("late", None, "x")]);
}

#[test]
fn what_is_no_pattern_ends_the_connection() {
    for (pattern, group) in [
        ("", None),
        ("a b", None),
        ("a..b", None),
        (".a", None),
        ("a.", None),
        (">.a", None),
        ("a\r\nPUB x 0\r\n", None),
        ("a", Some("g h")),
        ("a", Some("g\r\n")),
    ] {
        let mut nats = open();
        nats.subscribe(pattern, group);
        assert_eq!(written(&mut nats), "");
        assert!(matches!(nats.receive(b""), Err(Error::Other(text)) if text.starts_with("the pattern `")));
    }
    for pattern in [">", "*", "a.*.b", "a.>", "a*", "a>.b", "é"] {
        let mut nats = open();
        nats.subscribe(pattern, None);
        assert_eq!(nats.receive(b""), Ok(()));
        assert_eq!(written(&mut nats), format!("SUB {pattern} 2\r\n"));
    }
}

#[test]
fn a_forbidden_subscription_ends_the_connection() {
    for text in [
        "Permissions Violation for Subscription to \"in.>\"",
        "Permissions Violation for Subscription to \"in.>\" using queue \"g\"",
        "permissions violation for subscription to \"in.>\"",
    ] {
        let result = subscribed().receive(format!("-ERR '{text}'\r\n").as_bytes());
        assert_eq!(result, Err(denied(&format!("the server says: {text}"))));
    }
    let mut nats = subscribed();
    let ticket = nats.ask("x", &plain("?")).unwrap();
    assert_eq!(nats.receive(b"-ERR 'Permissions Violation for Subscription to \"else\"'\r\n"), Ok(()));
    assert!(nats.complaint().is_some() && nats.answer(ticket).is_none());
}

#[test]
fn a_drained_session_takes_what_is_under_way() {
    let mut nats = subscribed();
    nats.subscribe("b", Some("g"));
    let ticket = nats.ask("x", &plain("?")).unwrap();
    nats.output().clear();
    nats.drain();
    assert_eq!(written(&mut nats), "UNSUB 2\r\nUNSUB 3\r\nPING\r\n");
    assert!(nats.is_pinging());
    assert_eq!(nats.receive(&msg("in.a 2 r.1", "1")), Ok(()));
    assert!(nats.is_pinging());
    assert_eq!(nats.receive(&[msg("b 3", "2"), b"PONG\r\n".to_vec()].concat()), Ok(()));
    assert!(!nats.is_pinging());
    assert_eq!(deliveries(&mut nats), [delivery("in.a", Some("r.1"), "1"), delivery("b", None, "2")]);
    assert_eq!(nats.reply("r.1", &plain("!")), Ok(0));
    assert_eq!(nats.receive(&msg(&format!("{}.{ticket} 1", super::INBOX), "yes")), Ok(()));
    assert_eq!(nats.answer(ticket), Some(Ok(plain("yes"))), "the inbox is still there");
    nats.begin([3, 4]);
    assert_eq!(nats.receive(INFO.as_bytes()), Ok(()));
    assert!(!written(&mut nats).contains("SUB"));
}

#[test]
fn a_client_that_is_refused_learns_why() {
    let mut nats = asking(options(), INFO);
    assert_eq!(nats.receive(b"-ERR 'Authorization Vio"), Ok(()));
    assert!(!nats.is_open());
    assert_eq!(nats.receive(b"lation'\r\n"), Err(denied("the server says: Authorization Violation")));
    assert_eq!(
        subscribed().receive(b"-ERR 'Stale Connection'\r\n"),
        Err(connection("the server says: Stale Connection"))
    );
}
