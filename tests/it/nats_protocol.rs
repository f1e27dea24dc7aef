//! NATS's client protocol (`docs/messaging-over-nats.md`), without a network: what a server may say, and what the client
//! says.

mod credentials;
mod headers;
mod limits;
mod requests;
mod sending;
mod server;
mod streams;
mod subscriptions;

use broker::{Delivery, Error, Limits, Session};
use message::Content;
use nats::{Nats, Options};

/// What a server says first.
const INFO: &str = "INFO {\"server_id\":\"S\",\"headers\":true,\"max_payload\":1000}\r\n";

const ENTROPY: [u64; 2] = [1, 2];

/// The inbox that belongs to [`ENTROPY`].
const INBOX: &str = "_INBOX.00000000000000010000000000000002";

fn options() -> Options {
    Options {
        name: "test".into(),
        user: None,
        password: None,
        token: None,
        nkey_seed: None,
        credentials: None,
        inbox_prefix: "_INBOX".into(),
        limits: Limits { messages: 4, bytes: 4000, message: 2000, answers: 3 },
    }
}

/// Returns a session whose server has said `info`.
fn asking(options: Options, info: &str) -> Nats {
    let mut nats = Nats::new(options).unwrap();
    nats.begin(ENTROPY);
    assert_eq!(nats.receive(info.as_bytes()), Ok(()));
    nats
}

/// Returns a session whose server has said `info`, and has let it in.
fn open_to(info: &str) -> Nats {
    let mut nats = asking(options(), info);
    assert!(!nats.is_open());
    assert_eq!(nats.receive(b"PONG\r\n"), Ok(()));
    assert!(nats.is_open() && !nats.is_pinging());
    nats.output().clear();
    nats
}

fn open() -> Nats {
    open_to(INFO)
}

/// Returns an open session with a subscription to `in.>`, which has the number 2.
fn subscribed() -> Nats {
    let mut nats = open();
    nats.subscribe("in.>", None);
    assert_eq!(written(&mut nats), "SUB in.> 2\r\n");
    nats
}

/// Takes what is to be written.
fn written(nats: &mut Nats) -> String {
    String::from_utf8(std::mem::take(nats.output())).unwrap()
}

/// Takes all messages.
fn deliveries(nats: &mut Nats) -> Vec<Delivery> {
    std::iter::from_fn(|| nats.delivery()).collect()
}

/// Takes all complaints.
fn complaints(nats: &mut Nats) -> Vec<String> {
    std::iter::from_fn(|| nats.complaint()).collect()
}

/// Returns content with nothing but data.
fn plain(data: impl AsRef<[u8]>) -> Content {
    Content { data: data.as_ref().to_vec().into(), ..Content::default() }
}

fn content(metadata: &[(&str, &str)], content_type: Option<&str>, data: &[u8]) -> Content {
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Content { content_type: content_type.map(str::to_owned), metadata, data: data.to_vec().into() }
}

/// Returns the operation that brings a message. `to` is the topic and the number of the subscription, and perhaps the
/// reply topic.
fn msg(to: &str, data: impl AsRef<[u8]>) -> Vec<u8> {
    let data = data.as_ref();
    [format!("MSG {to} {}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}

/// Returns the operation that brings a message with headers.
fn hmsg(to: &str, head: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Vec<u8> {
    let (head, data) = (head.as_ref(), data.as_ref());
    [format!("HMSG {to} {} {}\r\n", head.len(), head.len() + data.len()).as_bytes(), head, data, b"\r\n"].concat()
}

fn other(text: &str) -> Error {
    Error::Other(text.into())
}

fn connection(text: &str) -> Error {
    Error::Connection(text.into())
}

fn denied(text: &str) -> Error {
    Error::PermissionDenied(text.into())
}
