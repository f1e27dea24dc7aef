//! The guarantees of `wasmcloud-over-messaging`: a test for each line of `docs/wasmcloud-over-messaging.md`, by its
//! number. The guest acts by subject; `fixtures/README.md` lists what it does.

use super::{
    around,
    part::part,
    scripted::{Done, Error, Message, Running},
};
use crate::support::root;
use std::{collections::BTreeSet, fs};

/// Starts the courier with options.
fn courier_with(options: &[(&str, &str)]) -> Running {
    let composition = options.iter().fold(around("wasmcloud-courier"), |all, (key, value)| all.set(*key, *value));
    Running::new(&composition.compose().unwrap_or_else(|error| panic!("{error:?}")).component.to_bytes())
}

fn courier() -> Running {
    courier_with(&[])
}

/// Returns the only thing that the component did besides connecting.
fn only(done: Vec<Done>) -> Done {
    let mut rest: Vec<_> = done.into_iter().filter(|done| !matches!(done, Done::Connected(_))).collect();
    assert_eq!(rest.len(), 1, "{rest:?}");
    rest.remove(0)
}

fn data(text: &str) -> Message {
    Message::of(text)
}

fn connected(done: &[Done]) -> Vec<&str> {
    done.iter().filter_map(|done| if let Done::Connected(name) = done { Some(name.as_str()) } else { None }).collect()
}

#[test]
fn g1_a_message_is_one_call_with_its_topic_and_its_data() {
    let mut courier = courier();
    assert_eq!(courier.answer("seen", "12345"), "seen 5 bytes, with reply-to");
    let large = "x".repeat(1 << 20);
    assert_eq!(courier.answer("echo", &large), large);
    assert_eq!(courier.answer("echo", ""), "");
    // Without a topic, the subject is empty, and the courier does nothing.
    assert_eq!(courier.handle(data("x")), Ok(()));
    assert_eq!(courier.done(), []);
}

#[test]
fn g2_every_message_has_a_token_of_its_own_that_nobody_can_guess() {
    let mut courier = courier();
    let tokens: BTreeSet<_> = (0..100).map(|_| courier.answer("token", "")).collect();
    assert_eq!(tokens.len(), 100);
    for token in tokens {
        let digits = token.strip_prefix("_INBOX.msgcompose.").unwrap();
        // The host's random numbers are 1, 2, 3, …: nothing else is in a token.
        let (high, low) = digits.split_at(16);
        let [high, low] = [high, low].map(|word| u64::from_str_radix(word, 16).unwrap());
        assert_eq!((digits.len(), high + 1), (32, low));
    }
}

#[test]
fn g3_the_handlers_outcome_is_the_hosts() {
    let mut courier = courier();
    assert_eq!(courier.deliver("anything", "x"), Ok(()));
    assert_eq!(courier.deliver("fail", "x"), Err(Error::Other("asked to fail".into())));
    assert_eq!(courier.done(), []);
    assert_eq!(courier.deliver("fail-late", "x"), Err(Error::Other("asked to fail".into())));
    assert_eq!(only(courier.done()), Done::Replied("x".into(), data("early")));
}

#[test]
fn g4_what_is_published_to_the_token_is_a_reply() {
    let mut courier = courier();
    assert_eq!(courier.deliver("echo", "one"), Ok(()));
    // It needs no client.
    assert_eq!(courier.done(), [Done::Replied("one".into(), data("one"))]);
    assert_eq!(courier.deliver("many", "two"), Ok(()));
    let replies = ["1:two", "2:two", "3:two"].map(|text| Done::Replied("two".into(), data(text)));
    assert_eq!(courier.done(), replies);
}

#[test]
fn g5_each_of_several_messages_in_hand_gets_its_own_replies() {
    for name in ["provider.wasm", "publisher.wasm"] {
        let mut part = part(name);
        let tokens: Vec<_> = (0..10).map(|number| part.take(&format!("asked {number}"))).collect();
        // In another order, and with some gone meanwhile.
        for number in [7, 0, 9, 3] {
            assert_eq!(part.publish(&tokens[number], &format!("reply {number}")), Ok(()));
            part.release(&tokens[number]);
            assert!(part.publish(&tokens[number], "late").is_err());
            let reply = Done::Replied(format!("asked {number}"), data(&format!("reply {number}")));
            assert_eq!(part.done(), [reply]);
        }
        for number in [1, 2, 4, 5, 6, 8] {
            assert_eq!(part.publish(&tokens[number], "x"), Ok(()));
            assert_eq!(part.done(), [Done::Replied(format!("asked {number}"), data("x"))]);
        }
    }
}

const GONE: &str = "error failed to send message: the message that it replies to is no longer in hand";

#[test]
fn g6_a_token_is_worth_nothing_once_its_message_is_gone() {
    let mut courier = courier();
    assert_eq!(courier.deliver("keep", ""), Ok(()));
    assert_eq!(courier.answer("late", ""), GONE);
    // Neither is one of another instance, or one that is guessed.
    let mut other = self::courier();
    let token = other.answer("token", "");
    assert_eq!(courier.answer("send", &format!("{token} x")), GONE);
    assert_eq!(courier.answer("guess", ""), GONE);
    // It also is after the handler failed.
    assert!(courier.deliver("fail", "").is_err());
    assert_eq!(courier.answer("echo", "still"), "still");
}

#[test]
fn g7_a_token_does_not_leave_the_component_as_an_address() {
    let mut courier = courier();
    let refused =
        "error failed to send message: its `reply-to` is that of a message in hand, which nobody else can reply to";
    assert_eq!(courier.answer("delegate", "elsewhere x"), refused);
    let refused = "error failed to send request: its subject is the `reply-to` of a message, which takes replies only";
    assert_eq!(courier.answer("ask-itself", ""), refused);
}

#[test]
fn g8_what_goes_out_has_the_content_type_and_the_metadata_of_the_options() {
    let options = [
        ("client", "orders"),
        ("content-type", "application/json"),
        ("metadata.tenant", "a"),
        ("metadata.ce-type", "order.placed"),
    ];
    let expected = |text: &str| Message {
        content_type: Some("application/json".into()),
        metadata: vec![("ce-type".into(), "order.placed".into()), ("tenant".into(), "a".into())],
        ..data(text)
    };
    let sorted = |mut message: Message| {
        message.metadata.sort();
        message
    };
    let mut courier = courier_with(&options);
    assert_eq!(courier.deliver("forward", "there some data"), Ok(()));
    let done = courier.done();
    assert_eq!(connected(&done), ["orders"]);
    let Done::Sent(client, topic, message) = only(done) else { panic!("nothing was sent") };
    assert_eq!((&*client, &*topic, sorted(message)), ("orders", "there", expected("some data")));

    courier.store.data_mut().requests.push_back(Ok(vec![data("42")]));
    assert_eq!(courier.deliver("ask", "prices ACME"), Ok(()));
    let [Done::Requested(client, topic, message, ..), Done::Replied(asked, reply)] = &courier.done()[..] else {
        panic!("no request and reply")
    };
    assert_eq!((&**client, &**topic, sorted(message.clone())), ("orders", "prices", expected("ACME")));
    assert_eq!((&**asked, sorted(reply.clone())), ("prices ACME", expected("42")));

    // By default there is neither, and the client is `default`.
    let mut courier = self::courier();
    assert_eq!(courier.deliver("forward", "there x"), Ok(()));
    assert_eq!(only(courier.done()), Done::Sent("default".into(), "there".into(), data("x")));
}

#[test]
fn g9_a_reply_to_goes_out_as_metadata() {
    let with = |key: &str| Message { metadata: vec![(key.into(), "answers".into())], ..data("asked") };
    for (options, key) in [(&[][..], "reply-to"), (&[("reply-to-key", "response-topic")], "response-topic")] {
        let mut courier = courier_with(options);
        assert_eq!(courier.deliver("send-for-reply", "there answers"), Ok(()));
        let done: Vec<_> = courier.done().into_iter().filter(|done| matches!(done, Done::Sent(..))).collect();
        assert_eq!(done, [Done::Sent("default".into(), "there".into(), with(key))]);
    }
    let mut courier = courier_with(&[("reply-to-key", "")]);
    let refused = "error failed to send message: it has a `reply-to`, and `reply-to-key` is empty";
    assert_eq!(courier.answer("send-for-reply", "there answers"), refused);
}

#[test]
fn g10_a_request_waits_for_one_reply_and_returns_it() {
    let mut courier = courier();
    let with_topic = Message { topic: Some("inbox.7".into()), ..data("42") };
    courier.store.data_mut().requests.extend([Ok(vec![with_topic, data("surplus")]), Ok(vec![data("43")])]);
    assert_eq!(courier.deliver("ask-within", "prices 250 ACME"), Ok(()));
    let [_, Done::Requested(_, topic, message, timeout, expected), Done::Replied(_, reply)] = &courier.done()[..]
    else {
        panic!("no request and reply")
    };
    assert_eq!((&**topic, message, *timeout, *expected), ("prices", &data("ACME"), Some(250), Some(1)));
    assert_eq!(reply, &data("ok inbox.7 \"42\" without reply-to"));
    // A reply without a topic has the subject of the request.
    assert_eq!(courier.answer("ask-within", "prices 250 ACME"), "ok prices \"43\" without reply-to");
}

#[test]
fn g11_errors_are_in_the_words_of_wasmclouds_host() {
    let mut courier = courier();
    for (error, request, publish) in [
        (Error::Timeout, "request timed out after 250ms", "failed to send message: timed out"),
        (
            Error::Connection("gone".into()),
            "failed to send request: connection: gone",
            "failed to send message: connection: gone",
        ),
        (
            Error::PermissionDenied("no".into()),
            "failed to send request: permission denied: no",
            "failed to send message: permission denied: no",
        ),
        (Error::Other("why".into()), "failed to send request: why", "failed to send message: why"),
    ] {
        courier.store.data_mut().requests.push_back(Err(error.clone()));
        assert_eq!(courier.answer("ask-within", "prices 250 ACME"), format!("error {request}"));
        courier.store.data_mut().sends.push_back(error.clone());
        assert_eq!(courier.answer("send", "there x"), format!("error {publish}"));
        // The courier's handler returns the error of its reply.
        courier.store.data_mut().replies.push_back(error.clone());
        assert_eq!(courier.deliver("echo", "x"), Err(Error::Other(publish.into())));
        courier.done();
        // Connecting fails in a fresh instance.
        for (topic, outcome) in [("ask-within", request), ("send", publish)] {
            let mut fresh = self::courier();
            fresh.store.data_mut().connects.push_back(error.clone());
            assert_eq!(fresh.answer(topic, "prices 250 ACME"), format!("error {outcome}"));
        }
    }
    // A host that returns no reply at all has waited in vain.
    courier.store.data_mut().requests.push_back(Ok(vec![]));
    assert_eq!(courier.answer("ask-within", "prices 0 ACME"), "error request timed out after 0ms");
}

#[test]
fn g12_a_client_is_connected_once_and_again_after_its_connection_broke() {
    let mut courier = courier();
    for topic in ["forward", "forward", "ask-within"] {
        assert_eq!(courier.deliver(topic, "there 5 x"), Ok(()));
    }
    assert_eq!(connected(&courier.done()), ["default"]);
    courier.store.data_mut().sends.push_back(Error::Other("no matter".into()));
    assert!(courier.deliver("forward", "there x").is_err());
    courier.store.data_mut().sends.push_back(Error::Connection("gone".into()));
    assert!(courier.deliver("forward", "there x").is_err());
    assert_eq!(connected(&courier.done()), [""; 0]);
    assert_eq!(courier.store.data_mut().alive(), 0, "the client is dropped");
    courier.store.data_mut().connects.push_back(Error::Connection("still".into()));
    assert!(courier.deliver("forward", "there x").is_err());
    assert_eq!(courier.deliver("forward", "there x"), Ok(()));
    assert_eq!(connected(&courier.done()), ["default", "default"]);
}

#[test]
fn g13_nothing_is_kept_of_messages_that_are_gone() {
    let mut courier = courier();
    let body = "x".repeat(4096);
    let turn = |courier: &mut Running| {
        assert_eq!(courier.deliver("many", &body), Ok(()));
        assert_eq!(courier.deliver("forward", &format!("there {body}")), Ok(()));
        courier.store.data_mut().requests.push_back(Ok(vec![data(&body)]));
        assert_eq!(courier.deliver("ask", &format!("prices {body}")), Ok(()));
        assert!(courier.deliver("fail", &body).is_err());
        courier.done();
    };
    (0..1000).for_each(|_| turn(&mut courier));
    assert_eq!(courier.store.data_mut().alive(), 1, "the client");

    let mut part = part("provider.wasm");
    let token = part.take("kept");
    for _ in 0..10_000 {
        let token = part.take("x");
        part.release(&token);
    }
    assert_eq!(part.store.data_mut().alive(), 1);
    assert_eq!(part.publish(&token, "x"), Ok(()));
}

#[test]
fn every_guarantee_has_a_test() {
    let page = fs::read_to_string(root().join("docs/wasmcloud-over-messaging.md")).unwrap();
    let tests = include_str!("guarantees.rs");
    let numbers: Vec<u32> = page.lines().filter_map(|line| line.split_once(". ")?.0.parse().ok()).collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<_>>());
    for number in numbers {
        assert!(tests.contains(&format!("fn g{number}_")), "{number}");
    }
}
