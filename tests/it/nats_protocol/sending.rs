//! What the client says: topics, sizes, one write for each call.

use super::{content, denied, open, open_to, other, plain, subscribed, written};
use broker::{Error, Session};
use message::Data;

#[test]
fn a_message_that_is_sent_ends_with_a_ping_and_a_request_does_not() {
    let mut nats = open();
    assert_eq!(nats.publish("a.b", &plain("hi")), Ok(0));
    assert_eq!(written(&mut nats), "PUB a.b 2\r\nhi\r\nPING\r\n");
    assert_eq!(nats.reply("_INBOX.x.1", &plain("hi")), Ok(0));
    assert_eq!(written(&mut nats), "PUB _INBOX.x.1 2\r\nhi\r\nPING\r\n");
    assert_eq!(nats.confirmed(0), Some(Ok(())));
    nats.ask("a.b", &plain("hi")).unwrap();
    assert!(written(&mut nats).ends_with("\r\nhi\r\n"));
}

#[test]
fn data_in_several_pieces_are_one_message() {
    let mut data = Data::default();
    data.push(vec![b'a'; 200]);
    data.push(vec![b'b'; 5000]);
    let mut nats = open_to("INFO {\"max_payload\":9999}\r\n");
    nats.publish("a", &message::Content { data, ..Default::default() }).unwrap();
    let expected = format!("PUB a 5200\r\n{}{}\r\nPING\r\n", "a".repeat(200), "b".repeat(5000));
    assert_eq!(written(&mut nats), expected);
}

/// Topics of a guest become arguments of an operation. The reasons are those of the documentation.
#[test]
fn what_is_no_topic_is_refused() {
    for (topic, fault) in [
        ("", "is empty"),
        (".", "has an empty token"),
        ("a.", "has an empty token"),
        (".a", "has an empty token"),
        ("a..b", "has an empty token"),
        ("a b", "has white space or a control character"),
        (" a", "has white space or a control character"),
        ("a\tb", "has white space or a control character"),
        ("a\r\nPUB b 0\r\n", "has white space or a control character"),
        ("a\0", "has white space or a control character"),
        ("a\u{7f}", "has white space or a control character"),
        ("*", "has a wildcard"),
        (">", "has a wildcard"),
        ("a.*", "has a wildcard"),
        ("a.>", "has a wildcard"),
        (">.a", "has a wildcard"),
        ("*.a", "has a wildcard"),
    ] {
        let shown: String = topic.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut nats = open();
        let error = other(&format!("topic `{shown}` {fault}"));
        assert_eq!(nats.publish(topic, &plain("")), Err(error.clone()));
        assert_eq!(nats.ask(topic, &plain("")), Err(error));
        // It came from another client, which chose it to do harm.
        assert_eq!(nats.reply(topic, &plain("")), Err(denied(&format!("the reply topic `{shown}` {fault}"))));
        assert_eq!(written(&mut nats), "", "nothing is sent");
    }
    for topic in ["a", "a.b", "$SYS.x", "a*", "a>b", "**", "é.ü", "a\u{a0}b", "-ERR", "\"'\\"] {
        let mut nats = open();
        assert_eq!(nats.publish(topic, &plain("")), Ok(0));
        assert_eq!(written(&mut nats), format!("PUB {topic} 0\r\n\r\nPING\r\n"));
    }
}

/// Otherwise, the server would close the connection, and all requests in flight would fail.
#[test]
fn a_topic_for_which_a_line_has_no_room_is_refused() {
    let mut nats = open();
    assert!(nats.publish(&"x".repeat(4094), &plain("")).is_ok());
    let Err(Error::Other(text)) = nats.publish(&"x".repeat(4095), &plain("")) else { panic!() };
    assert!(text.ends_with("xxx` is too long") && text.len() < 300, "{text}");
    let ticket = nats.ask("a", &plain("")).unwrap();
    nats.output().clear();
    assert!(nats.ask(&"x".repeat(4060), &plain("")).is_err());
    assert_eq!(written(&mut nats), "");
    assert_eq!(nats.ask("a", &plain("")), Ok(ticket + 2));
}

#[test]
fn a_message_larger_than_the_server_takes_is_refused() {
    let mut nats = open();
    assert!(nats.publish("a", &plain([0; 1000])).is_ok());
    let expected = other("the message has 1001 bytes, and the server takes 1000");
    assert_eq!(nats.publish("a", &plain([0; 1001])), Err(expected.clone()));
    assert_eq!(nats.ask("a", &plain([0; 1001])), Err(expected));
    // Headers count: `NATS/1.0`, `k: v`, and an empty line are 18 bytes.
    assert!(nats.publish("a", &content(&[("k", "v")], None, &[0; 982])).is_ok());
    let expected = other("the message has 1001 bytes, and the server takes 1000");
    assert_eq!(nats.publish("a", &content(&[("k", "v")], None, &[0; 983])), Err(expected));
    // The server can change its mind.
    assert_eq!(nats.receive(b"INFO {\"headers\":true,\"max_payload\":10}\r\n"), Ok(()));
    assert!(nats.publish("a", &plain([0; 11])).is_err());
    // It may also have no limit.
    assert_eq!(nats.receive(b"INFO {\"headers\":true,\"max_payload\":-1}\r\n"), Ok(()));
    assert!(nats.publish("a", &plain([0; 100_000])).is_ok());
}

#[test]
fn a_server_without_headers_takes_plain_messages_only() {
    for info in ["INFO {\"headers\":false}\r\n", "INFO {}\r\n"] {
        let mut nats = open_to(info);
        assert!(nats.publish("a", &plain("hi")).is_ok());
        for content in [content(&[("k", "v")], None, b""), content(&[], Some("a/b"), b"")] {
            let error = other("the server takes neither metadata nor a content type: it has no headers");
            assert_eq!(nats.publish("a", &content), Err(error.clone()));
            assert_eq!(nats.ask("a", &content), Err(error));
        }
    }
}

#[test]
fn nothing_is_sent_without_a_connection() {
    let mut nats = subscribed();
    nats.begin([3, 4]);
    let error = Err(super::connection("there is no connection"));
    assert_eq!(nats.publish("a", &plain("")), error);
    assert_eq!(nats.ask("a", &plain("")), error);
    assert_eq!(nats.reply("a", &plain("")), error);
    assert_eq!(written(&mut nats), "");
}

#[test]
fn what_a_publish_must_not_do_is_a_complaint() {
    let mut nats = open();
    nats.publish("secret", &plain("")).unwrap();
    assert_eq!(nats.receive(b"-ERR 'Permissions Violation for Publish to \"secret\"'\r\n"), Ok(()));
    let complaints = super::complaints(&mut nats);
    assert_eq!(complaints, ["the server says: Permissions Violation for Publish to \"secret\""]);
}
