//! Headers: what is sent is received again, and no header breaks out of its block.

use super::{content, deliveries, hmsg, open, other, plain, subscribed, written};
use broker::Session;
use message::{Content, metadata};
use proptest::{collection::vec, prelude::*};

/// Takes the `PUB` or `HPUB` apart that a session has written, followed by `PING`: arguments, headers, data.
fn published(bytes: &[u8]) -> (Vec<&str>, &[u8], &[u8]) {
    let end = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
    let mut words: Vec<_> = std::str::from_utf8(&bytes[..end]).unwrap().split(' ').collect();
    let mut number = || words.pop().unwrap().parse::<usize>().unwrap();
    let total = number();
    let head = if bytes.starts_with(b"HPUB ") { number() } else { 0 };
    let (block, rest) = bytes[end + 2..].split_at(head);
    let (data, rest) = rest.split_at(total - head);
    assert_eq!(rest, b"\r\nPING\r\n");
    (words, block, data)
}

/// Publishes content, and brings it to a subscriber.
fn carried(content: &Content) -> Content {
    let mut nats = open();
    nats.publish("in.a", content).unwrap();
    let output = std::mem::take(nats.output());
    let (words, head, data) = published(&output);
    assert_eq!(words[1..], ["in.a"]);
    let mut nats = subscribed();
    let operation = if head.is_empty() { super::msg("in.a 2", data) } else { hmsg("in.a 2", head, data) };
    assert_eq!(nats.receive(&operation), Ok(()));
    deliveries(&mut nats).pop().unwrap().content
}

/// Receives a message with these headers; none if it is dropped.
fn received(head: impl AsRef<[u8]>) -> Option<Content> {
    let mut nats = subscribed();
    assert_eq!(nats.receive(&hmsg("in.a 2", head, "x")), Ok(()));
    let delivery = nats.delivery();
    assert_eq!(nats.dropped(), u64::from(delivery.is_none()));
    assert_eq!(super::complaints(&mut nats).len(), usize::from(delivery.is_none()));
    delivery.map(|delivery| delivery.content)
}

fn any_content() -> impl Strategy<Value = Content> {
    let value = || prop_oneof!["[ -~\t]{0,8}", "[^\r\n\0]{0,5}"];
    let key = "[!-9;-~]{1,6}".prop_filter("these are not metadata", |key| {
        !key.eq_ignore_ascii_case("Content-Type") && !key.to_ascii_lowercase().starts_with("nats-")
    });
    let data = vec(any::<u8>(), 0..40);
    (vec((key, value()), 0..5), proptest::option::of(value()), data).prop_map(|(mut entries, content_type, data)| {
        metadata::unite(&mut entries, metadata::Repeated::First);
        Content { content_type, metadata: entries, data: data.into() }
    })
}

proptest! {
    #[test]
    fn content_is_received_as_it_was_sent(content in any_content()) {
        prop_assert_eq!(carried(&content), content);
    }

    /// Whatever the metadata are: what is sent is one message with as many headers, or nothing.
    #[test]
    fn no_metadata_break_out_of_their_header(
        entries in vec(("[A-Za-z: \r\n\0é-]{0,5}|content-type|NATS-x", "[a:\r\n\0 é]{0,5}"), 0..4),
        content_type in proptest::option::of("[a/\r\n\0]{0,4}"),
    ) {
        let content = Content { content_type, metadata: entries, data: b"data".to_vec().into() };
        let mut nats = open();
        match nats.publish("a", &content) {
            Ok(_) => {
                let output = nats.output().clone();
                let (_, head, data) = published(&output);
                let lines = std::str::from_utf8(head).unwrap().matches(['\r', '\n']).count();
                let headers = content.metadata.len() + usize::from(content.content_type.is_some());
                prop_assert_eq!(lines, if headers == 0 { 0 } else { 2 * (headers + 2) });
                prop_assert_eq!(data, b"data");
            }
            Err(error) => {
                prop_assert!(matches!(error, broker::Error::Other(_)), "{:?}", error);
                prop_assert_eq!(written(&mut nats), "");
            }
        }
    }

    #[test]
    fn no_block_of_headers_makes_the_client_panic(head in prop_oneof![vec(any::<u8>(), 1..40), "NATS/1\\.0[ :a-c\r\n]{0,20}(\r\n\r\n)?".prop_map(String::into_bytes)]) {
        received(head);
    }
}

#[test]
fn headers_are_written_as_other_clients_write_them() {
    let mut nats = open();
    nats.publish("a.b", &content(&[("Key", "value"), ("k", "")], Some("text/plain"), b"hi")).unwrap();
    let block = "NATS/1.0\r\nContent-Type: text/plain\r\nKey: value\r\nk: \r\n\r\n";
    let (head, total) = (block.len(), block.len() + 2);
    assert_eq!(written(&mut nats), format!("HPUB a.b {head} {total}\r\n{block}hi\r\nPING\r\n"));
    nats.publish("a.b", &plain("")).unwrap();
    assert_eq!(written(&mut nats), "PUB a.b 0\r\n\r\nPING\r\n");
}

#[test]
fn headers_of_other_clients_are_read() {
    for (block, content_type, metadata) in [
        ("NATS/1.0\r\n\r\n", None, &[][..]),
        ("NATS/1.0\r\nA:b\r\nc:  d \r\n\r\n", None, &[("A", "b"), ("c", " d ")]),
        ("NATS/1.0\r\nconTENT-type:a/b\r\nX: y\r\n\r\n", Some("a/b"), &[("X", "y")]),
        ("NATS/1.0\r\nContent-Type: a\r\ncontent-type: b\r\n\r\n", Some("a"), &[]),
        ("NATS/1.0\r\na: 1\r\nb: :\r\na: 2\r\nA: 3\r\n\r\n", None, &[("a", "1, 2"), ("b", ":"), ("A", "3")]),
        ("NATS/1.0\r\nNats-Msg-Id: 1\r\nk:\r\nu: é\r\n\r\n", None, &[("Nats-Msg-Id", "1"), ("k", ""), ("u", "é")]),
        ("NATS/1.0 200 OK\r\na: b\r\n\r\n", None, &[("a", "b")]),
    ] {
        assert_eq!(received(block), Some(content(metadata, content_type, b"x")), "{block:?}");
    }
}

/// The server does not look into them, so any client can send them.
#[test]
fn a_message_with_malformed_headers_is_dropped_and_the_connection_goes_on() {
    for block in [
        "x",
        "\r\n\r\n",
        "NATS/1.0",
        "NATS/1.0\r\n",
        "NATS/2.0\r\n\r\n",
        "nats/1.0\r\n\r\n",
        "NATS/1.0x\r\n\r\n",
        "NATS/1.0 \r\n\r\n",
        "NATS/1.0 abc\r\n\r\n",
        "NATS/1.0\r\na\r\n\r\n",
        "NATS/1.0\r\n: v\r\n\r\n",
        "NATS/1.0\r\n\r\na: b\r\n\r\n",
        "NATS/1.0\r\na: b\r\n",
        "NATS/1.0\r\na: b\nc: d\r\n\r\n",
        "NATS/1.0\r\na: b\rc: d\r\n\r\n",
        "NATS/1.0\r\na: b\0\r\n\r\n",
        "NATS/1.0\r\na b: c\r\n\r\n",
        "NATS/1.0\r\na: b\r\n folded\r\n\r\n",
        "NATS/1.0\r\né: b\r\n\r\n",
        "NATS/1.0\n\n",
    ] {
        assert_eq!(received(block), None, "{block:?}");
    }
    assert_eq!(received(b"NATS/1.0\r\na: \xff\r\n\r\n"), None);
    let mut nats = subscribed();
    assert_eq!(nats.receive(&hmsg("in.a 2", "x", "data")), Ok(()));
    assert_eq!(super::complaints(&mut nats), ["a message to `in.a` was dropped: it has malformed headers"]);
    assert_eq!(nats.receive(&super::msg("in.b 2", "data")), Ok(()));
    assert_eq!(nats.delivery().unwrap().topic, "in.b");
}

#[test]
fn what_cannot_be_a_header_is_refused() {
    for (key, value, fault) in [
        (
            "",
            "v",
            "metadata `` cannot be the name of a NATS header: these are printable ASCII without spaces and colons",
        ),
        ("a b", "v", "metadata `a b` cannot be"),
        ("a:", "v", "metadata `a:` cannot be"),
        ("a\r\nb", "v", "metadata `a  b` cannot be"),
        ("a\0", "v", "metadata `a ` cannot be"),
        ("a\u{7f}", "v", "metadata `a ` cannot be"),
        ("é", "v", "metadata `é` cannot be"),
        ("k", "a\rb", "metadata `k` has a value with a line break or a NUL"),
        ("k", "a\nb", "metadata `k` has a value"),
        ("k", "a\0b", "metadata `k` has a value"),
        ("Nats-Msg-Id", "v", "metadata `Nats-Msg-Id` is reserved by NATS"),
        ("nATS-x", "v", "metadata `nATS-x` is reserved by NATS"),
        ("CONTENT-type", "v", "metadata `CONTENT-type` is the content type of the message, and not metadata"),
    ] {
        let content = content(&[("ok", "ok"), (key, value)], None, b"");
        let mut nats = open();
        for error in [
            nats.publish("a", &content).unwrap_err(),
            nats.ask("a", &content).unwrap_err(),
            nats.reply("a", &content).unwrap_err(),
        ] {
            assert!(matches!(&error, broker::Error::Other(text) if text.starts_with(fault)), "{error:?}");
        }
        assert_eq!(written(&mut nats), "", "nothing is sent");
    }
    for key in ["Nats", "Natsy-a", "nats", "!#$%&'*+-.^_`|~", "(),/;<=>?@[\\]{}\""] {
        assert!(open().publish("a", &content(&[(key, "v")], None, b"")).is_ok(), "{key}");
    }
    for content_type in ["a\r\nb: c", "a\n", "\0"] {
        let error = open().publish("a", &content(&[], Some(content_type), b"")).unwrap_err();
        assert_eq!(error, other("the content type has a line break or a NUL"));
    }
}
