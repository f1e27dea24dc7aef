//! Requests: the inbox, answers, and all the ways in which there are none.

use super::{INBOX, INFO, connection, deliveries, denied, hmsg, msg, open, other, plain, subscribed, written};
use broker::{Error, Session, Ticket};
use nats::Nats;

/// Sends a request.
fn ask(nats: &mut Nats, topic: &str) -> Ticket {
    nats.ask(topic, &plain("?")).unwrap()
}

/// Returns an answer to the request with this ticket.
fn answer(ticket: Ticket, data: &str) -> Vec<u8> {
    msg(&format!("{INBOX}.{ticket} 1"), data)
}

#[test]
fn the_first_request_subscribes_to_the_inbox_of_the_connection() {
    let mut nats = open();
    assert_eq!(nats.ask("a.b", &plain("?")), Ok(1));
    assert_eq!(written(&mut nats), format!("SUB {INBOX}.* 1\r\nPUB a.b {INBOX}.1 1\r\n?\r\n"));
    assert_eq!(nats.ask("a.b", &super::content(&[("k", "v")], None, b"?")), Ok(2));
    let head = "NATS/1.0\r\nk: v\r\n\r\n";
    assert_eq!(written(&mut nats), format!("HPUB a.b {INBOX}.2 18 19\r\n{head}?\r\n"));
}

#[test]
fn the_prefix_of_the_inbox_is_an_option() {
    let with = |prefix: &str| Nats::new(nats::Options { inbox_prefix: prefix.into(), ..super::options() });
    let mut nats = with("_INBOX_app.x").unwrap();
    nats.begin([u64::MAX, 0]);
    assert_eq!(nats.receive([INFO, "PONG\r\n"].concat().as_bytes()), Ok(()));
    nats.output().clear();
    nats.ask("a", &plain("")).unwrap();
    assert!(written(&mut nats).starts_with("SUB _INBOX_app.x.ffffffffffffffff0000000000000000.* 1\r\n"));
    for prefix in ["", "a.", "a b", "a.*", "a.>", "a\r\n"] {
        assert!(matches!(with(prefix), Err(Error::Other(text)) if text.starts_with("`inbox-prefix`: `")), "{prefix:?}");
    }
}

#[test]
fn answers_go_to_the_request_with_their_ticket() {
    let mut nats = subscribed();
    let (first, second) = (ask(&mut nats, "a"), ask(&mut nats, "a"));
    assert_eq!(nats.answer(first), None);
    let stream = [answer(second, "2"), msg("in.x 2", "m"), answer(first, "1"), answer(second, "3")].concat();
    assert_eq!(nats.receive(&stream), Ok(()));
    assert_eq!(nats.answer(first), Some(Ok(plain("1"))));
    assert_eq!(nats.answer(first), None);
    assert_eq!(nats.answer(second), Some(Ok(plain("2"))));
    assert_eq!(nats.answer(second), Some(Ok(plain("3"))));
    assert_eq!(nats.answer(second), None);
    assert_eq!(deliveries(&mut nats).len(), 1);
}

#[test]
fn what_nobody_waits_for_is_no_answer() {
    let mut nats = open();
    let ticket = ask(&mut nats, "a");
    let elsewhere = "_INBOX.00000000000000010000000000000003";
    for to in [
        format!("{INBOX}.7 1"),
        format!("{INBOX}.x 1"),
        format!("{INBOX}. 1"),
        format!("{INBOX} 1"),
        format!("{INBOX}.1.1 1"),
        format!("{INBOX}x.1 1"),
        format!("{elsewhere}.1 1"),
        format!("{INBOX}.1 2"),
        format!("{INBOX}.18446744073709551616 1"),
    ] {
        assert_eq!(nats.receive(&msg(&to, "x")), Ok(()));
        assert_eq!((nats.answer(ticket), nats.delivery(), nats.dropped()), (None, None, 0), "{to}");
    }
    nats.forget(ticket);
    assert_eq!(nats.receive(&answer(ticket, "late")), Ok(()));
    assert_eq!((nats.answer(ticket), nats.dropped()), (None, 0));
}

#[test]
fn a_request_that_nobody_takes_fails_at_once() {
    for head in ["NATS/1.0 503\r\n\r\n", "NATS/1.0 503 No Responders\r\n\r\n", "NATS/1.0  503\r\nk: v\r\n\r\n"] {
        let mut nats = open();
        let ticket = ask(&mut nats, "a.b");
        assert_eq!(nats.receive(&hmsg(&format!("{INBOX}.{ticket} 1"), head, "")), Ok(()));
        assert_eq!(nats.answer(ticket), Some(Err(connection("no responders for `a.b`"))));
        assert_eq!(nats.receive(&answer(ticket, "late")), Ok(()));
        assert_eq!(nats.answer(ticket), None);
    }
}

#[test]
fn other_words_of_the_server_are_no_answers() {
    let mut nats = open();
    let ticket = ask(&mut nats, "a");
    let to = format!("{INBOX}.{ticket} 1");
    for status in ["100 Idle Heartbeat", "408 Request Timeout", "404", "0"] {
        assert_eq!(nats.receive(&hmsg(&to, format!("NATS/1.0 {status}\r\n\r\n"), "")), Ok(()));
        assert_eq!(nats.answer(ticket), None, "{status}");
    }
    // With data, it is a message of an application.
    assert_eq!(nats.receive(&hmsg(&to, "NATS/1.0 503\r\n\r\n", "x")), Ok(()));
    assert_eq!(nats.answer(ticket), Some(Ok(plain("x"))));
    // An empty message is one too.
    assert_eq!(nats.receive(&answer(ticket, "")), Ok(()));
    assert_eq!(nats.answer(ticket), Some(Ok(plain(""))));
}

#[test]
fn an_answer_that_cannot_be_read_fails_its_request() {
    let mut nats = open();
    let (first, second) = (ask(&mut nats, "a"), ask(&mut nats, "b"));
    assert_eq!(nats.receive(&hmsg(&format!("{INBOX}.{first} 1"), "x", "")), Ok(()));
    assert_eq!(nats.receive(&answer(second, &"x".repeat(2001))), Ok(()));
    assert_eq!(nats.answer(first), Some(Err(other("the answer of `a` has malformed headers"))));
    let large = other("the answer of `b` has more bytes than a message may have");
    assert_eq!(nats.answer(second), Some(Err(large)));
    assert_eq!(nats.dropped(), 2);
}

#[test]
fn a_lost_connection_fails_what_waits_until_it_is_forgotten() {
    let mut nats = open();
    let (first, second) = (ask(&mut nats, "a"), ask(&mut nats, "b"));
    assert_eq!(nats.receive(&answer(second, "2")), Ok(()));
    nats.forget(first);
    for entropy in [[3, 4], [5, 6]] {
        nats.begin(entropy);
        assert_eq!(nats.answer(first), None);
    }
    assert_eq!(nats.answer(second), Some(Ok(plain("2"))));
    let lost = connection("the connection was lost while a request to `b` waited");
    assert_eq!(nats.answer(second), Some(Err(lost)));
    assert_eq!(nats.answer(second), None);
}

#[test]
fn a_new_connection_has_a_new_inbox_and_tickets_go_on() {
    let mut nats = open();
    ask(&mut nats, "a");
    nats.begin([3, 4]);
    assert_eq!(nats.receive([INFO, "PONG\r\n"].concat().as_bytes()), Ok(()));
    nats.output().clear();
    let ticket = ask(&mut nats, "a");
    let inbox = "_INBOX.00000000000000030000000000000004";
    assert_eq!(ticket, 2);
    assert_eq!(written(&mut nats), format!("SUB {inbox}.* 1\r\nPUB a {inbox}.2 1\r\n?\r\n"));
    assert_eq!(nats.receive(&answer(ticket, "old")), Ok(()));
    assert_eq!(nats.answer(ticket), None);
    assert_eq!(nats.receive(&msg(&format!("{inbox}.2 1"), "new")), Ok(()));
    assert_eq!(nats.answer(ticket), Some(Ok(plain("new"))));
}

#[test]
fn a_request_to_a_forbidden_topic_is_denied() {
    let violation = |topic: &str| format!("-ERR 'Permissions Violation for Publish to {topic:?}'\r\n").into_bytes();
    let says = |topic: &str| denied(&format!("the server says: Permissions Violation for Publish to {topic:?}"));
    let mut nats = open();
    let (other, first, second) = (ask(&mut nats, "else"), ask(&mut nats, "a"), ask(&mut nats, "a"));
    assert_eq!(nats.receive(&violation("a")), Ok(()));
    assert_eq!(nats.answer(first), Some(Err(says("a"))));
    assert_eq!((nats.answer(second), nats.answer(other)), (None, None), "the oldest first");
    assert_eq!(nats.receive(&violation("a")), Ok(()));
    assert_eq!(nats.answer(second), Some(Err(says("a"))));
    assert_eq!(nats.complaint(), None);
    assert_eq!(nats.receive(&violation("a")), Ok(()));
    assert!(nats.complaint().is_some() && nats.answer(other).is_none());
    // The server writes topics as Go does.
    for topic in ["quo\"te", "back\\slash", "\"", "\\\"", "é"] {
        let ticket = ask(&mut nats, topic);
        assert_eq!(nats.receive(&violation(topic)), Ok(()));
        assert_eq!(nats.answer(ticket), Some(Err(says(topic))));
    }
}

#[test]
fn a_forbidden_inbox_denies_all_requests_until_the_next_connection() {
    let text = format!("Permissions Violation for Subscription to \"{INBOX}.*\"");
    let error = denied(&format!("the server says: {text}"));
    let mut nats = open();
    let (first, second) = (ask(&mut nats, "a"), ask(&mut nats, "b"));
    assert_eq!(nats.receive(format!("-ERR '{text}'\r\n").as_bytes()), Ok(()));
    assert_eq!(nats.answer(first), Some(Err(error.clone())));
    assert_eq!(nats.answer(second), Some(Err(error.clone())));
    assert_eq!(nats.complaint(), None);
    nats.output().clear();
    assert_eq!(nats.ask("c", &plain("?")), Err(error));
    assert_eq!(written(&mut nats), "");
    nats.begin([3, 4]);
    assert_eq!(nats.receive([INFO, "PONG\r\n"].concat().as_bytes()), Ok(()));
    assert!(nats.ask("c", &plain("?")).is_ok());
}

#[test]
fn a_reply_topic_that_the_server_forbids_denies_its_request() {
    let mut nats = open();
    let (first, second) = (ask(&mut nats, "a"), ask(&mut nats, "a"));
    let text = format!("Permissions Violation for Publish with Reply of \"{INBOX}.{second}\"");
    assert_eq!(nats.receive(format!("-ERR '{text}'\r\n").as_bytes()), Ok(()));
    assert_eq!(nats.answer(second), Some(Err(denied(&format!("the server says: {text}")))));
    assert_eq!(nats.answer(first), None);
}
