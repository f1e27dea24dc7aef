//! What the server says, in pieces of any size, and what no server says.

use super::{ENTROPY, INBOX, INFO, complaints, connection, deliveries, hmsg, msg, open, options, plain, subscribed};
use broker::{Delivery, Error, Server, Session};
use nats::Nats;
use proptest::{collection::vec, prelude::*};

/// All that one can see of a session.
#[derive(Debug, PartialEq)]
struct Seen {
    result: Result<(), Error>,
    deliveries: Vec<Delivery>,
    answers: Vec<Result<message::Content, Error>>,
    output: Vec<u8>,
    complaints: Vec<String>,
    others: Vec<Server>,
    dropped: u64,
    is_open: bool,
    is_pinging: bool,
    is_leaving: bool,
}

/// Returns what is seen of a session with a subscription and a request that was given these pieces.
fn seen<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Seen {
    let mut nats = subscribed();
    let ticket = nats.ask("topic", &plain("?")).unwrap();
    let mut result = Ok(());
    for piece in pieces {
        result = nats.receive(piece);
        if result.is_err() {
            break;
        }
    }
    Seen {
        result,
        deliveries: deliveries(&mut nats),
        answers: std::iter::from_fn(|| nats.answer(ticket)).collect(),
        output: nats.output().clone(),
        complaints: complaints(&mut nats),
        others: nats.others(),
        dropped: nats.dropped(),
        is_open: nats.is_open(),
        is_pinging: nats.is_pinging(),
        is_leaving: nats.is_leaving(),
    }
}

/// Cuts bytes into pieces of these sizes, over and over.
fn cut<'a>(mut bytes: &'a [u8], sizes: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    sizes.iter().cycle().map_while(move |size| {
        let (piece, rest) = bytes.split_at(bytes.len().min(*size));
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Returns an operation, valid or nearly so.
fn operation() -> impl Strategy<Value = Vec<u8>> {
    let to = prop_oneof![
        "in\\.[a-c>*]{1,3} [0-3]( r\\.[a-z]{1,3})?",
        Just(format!("{INBOX}.1 1")),
        Just(format!("{INBOX}.2 1")),
        "[a-z.]{1,5}[ \t]{1,2}[0-9]{1,3}",
    ];
    let head = prop_oneof![
        "NATS/1\\.0(\r\n[A-Ca-c-]{1,3}: ?[a-z ]{0,3}){0,4}\r\n\r\n",
        "NATS/1\\.0 (503|100|408)( [a-zA-Z ]{1,9})?\r\n\r\n",
        "(NATS/1\\.0)?[ \r\n:a]{0,9}",
    ];
    let data = || prop_oneof![4 => vec(any::<u8>(), 0..9), 1 => vec(Just(b'x'), 900..2500)];
    prop_oneof![
        4 => (to.clone(), data()).prop_map(|(to, data)| msg(&to, data)),
        4 => (to, head, data()).prop_map(|(to, head, data)| hmsg(&to, head, data)),
        1 => prop::sample::select(vec![
            "PING\r\n", "ping\r\n", "PONG\r\n", "+OK\r\n", INFO,
            "INFO {\"headers\":true,\"ldm\":true,\"connect_urls\":[\"a:1\",\"[::1]:2\"]}\r\n",
            "-ERR 'Permissions Violation for Publish to \"topic\"'\r\n",
            "-ERR 'Permissions Violation for Publish to \"else\"'\r\n",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::sample::select(vec![
            "-ERR 'Stale Connection'\r\n", "WHAT\r\n", "\r\n", "MSG a 2 -1\r\n", "PING\n", "INFO {]\r\n",
        ]).prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #[test]
    fn the_pieces_in_which_bytes_come_do_not_matter(
        operations in vec(operation(), 0..9),
        sizes in prop_oneof![Just(vec![1]), vec(1..40usize, 1..5)],
    ) {
        let stream = operations.concat();
        prop_assert_eq!(seen(cut(&stream, &sizes)), seen(std::iter::once(&*stream)));
    }

    #[test]
    fn no_bytes_make_the_client_panic(
        operations in vec(operation(), 0..5),
        at: prop::sample::Index,
        noise in prop_oneof![vec(any::<u8>(), 0..9), "[ \t\r\nMSGHPIO0-9+.{}\":]{0,9}".prop_map(String::into_bytes)],
        cutting: bool,
    ) {
        let mut stream = operations.concat();
        let at = at.index(stream.len() + 1);
        let end = if cutting { stream.len() } else { at };
        stream.splice(at..end, noise);
        seen(std::iter::once(&*stream));
        let mut nats = Nats::new(options()).unwrap();
        nats.begin(ENTROPY);
        let _ = nats.receive(&stream);
    }
}

#[test]
fn lengths_that_lie_end_the_connection() {
    for line in [
        "MSG in.a 2 999999999999",
        "MSG in.a 2 -1",
        "MSG in.a 2 +1",
        "MSG in.a 2 1.5",
        "MSG in.a 2 0x10",
        "MSG in.a 2 18446744073709551615",
        "MSG in.a 2 18446744073709551616",
        "MSG in.a 2 99999999999999999999999999",
        "MSG in.a 2 r 1 1",
        "MSG in.a 2",
        "MSG in.a 1",
        "MSG in.a x 1",
        "MSG in.a -2 1",
        "MSG",
        "MSG ",
        "HMSG in.a 2 13 12",
        "HMSG in.a 2 12",
        "HMSG in.a 2 -1 12",
        "HMSG in.a 2 18446744073709551615 18446744073709551615",
        "HMSG in.a 2 r 12 12 12",
        "HMSG in.a 2 12 999999999999",
    ] {
        let error = subscribed().receive([line, "\r\n"].concat().as_bytes()).unwrap_err();
        let expected = format!("the server does not speak the protocol of NATS: `{}`", line.trim());
        assert_eq!(error, connection(&expected));
    }
}

#[test]
fn a_message_that_does_not_end_where_it_says_ends_the_connection() {
    for stream in ["MSG in.a 2 3\r\nabcd\r\n", "MSG in.a 2 3\r\nabc\n\n", "MSG in.a 2 3\r\nab\r\nPING\r\n"] {
        let error = subscribed().receive(stream.as_bytes()).unwrap_err();
        assert!(
            matches!(&error, Error::Connection(text) if text.ends_with("`a message without its end`")),
            "{error:?}"
        );
    }
}

#[test]
fn a_line_without_an_end_ends_the_connection() {
    for start in ["", "INFO {", "MSG ", "PING", "-ERR '"] {
        let mut nats = open();
        assert_eq!(nats.receive(start.as_bytes()), Ok(()));
        let mut sent = start.len();
        let error = loop {
            if let Err(error) = nats.receive(&[b'x'; 1000]) {
                break error;
            }
            sent += 1000;
            assert!(sent < 70_000);
        };
        assert!(matches!(&error, Error::Connection(text) if text.ends_with("`a line without an end`")), "{error:?}");
    }
}

/// The same for one piece: 65,536 bytes are a line, and one more are none.
#[test]
fn a_line_may_be_as_long_as_the_info_of_a_large_cluster() {
    let line = |length: usize| format!("INFO {}\r\n", format_args!("{{\"a\":\"{}\"}}", "x".repeat(length - 15)));
    assert_eq!(line(100).len(), 100);
    assert_eq!(open().receive(line(65536).as_bytes()), Ok(()));
    assert!(open().receive(line(65537).as_bytes()).is_err());
}

#[test]
fn what_is_no_nats_server_is_named_by_what_it_says() {
    for (said, shown) in [
        ("HTTP/1.1 400 Bad Request\r\n", "HTTP/1.1 400 Bad Request"),
        ("SSH-2.0-\x1b[31mServer\r\n", "SSH-2.0- [31mServer"),
        ("\u{e9}\r\n", "\u{e9}"),
        ("\r\n", ""),
        ("PING\n", "PING"),
        ("INFO {\"headers\":true}\n", "INFO {\"headers\":true}"),
    ] {
        let mut nats = Nats::new(options()).unwrap();
        nats.begin(ENTROPY);
        let expected = format!("the server does not speak the protocol of NATS: `{shown}`");
        assert_eq!(nats.receive(said.as_bytes()), Err(connection(&expected)));
    }
}

#[test]
fn the_server_introduces_itself_before_it_sends_messages() {
    let mut nats = Nats::new(options()).unwrap();
    nats.begin(ENTROPY);
    assert!(matches!(nats.receive(&msg("in.a 2", "x")), Err(Error::Connection(_))));
}
