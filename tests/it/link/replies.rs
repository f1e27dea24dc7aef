//! Tests of `request` and `reply`.

use super::{Asker, Said, in_both, link, texts};

/// Guests in every language send requests and reply.
#[test]
fn guests_in_three_languages_ask_one_another() {
    // Guests in Rust and C send requests to one in JavaScript. Without async support, another guest in Rust takes the
    // last place.
    for (concurrency_support, last) in [(true, "courier-js"), (false, "nester")] {
        if last == "nester" {
            let mut asker = Asker::on(link(&[("nest.1", last), ("nest.0", "courier-c"), (">", "echo")]), false);
            assert_eq!(asker.request("nest.1", "x"), Err("timeout".into()));
            assert_eq!(texts(&asker.request("other", "x").unwrap()), ["x"]);
            continue;
        }
        let handlers = [("ask", "courier"), ("outcome", "courier-c"), ("echo,many,fail,state", last)];
        let mut asker = Asker::on(link(&handlers), concurrency_support);
        let said = |text: &str| Said { content_type: Some("text/x".into()), ..Said::from(text) };
        let replies = asker.request("ask", said("hello").with("x-to", "echo").with("secret", "1")).unwrap();
        assert_eq!(replies, [said("hello").with("x-to", "echo")]);
        let many = || said("x").with("x-to", "many").with("x-expected-replies", "3");
        assert_eq!(texts(&asker.gather("ask", many(), None, Some(3)).unwrap()), ["1:x", "2:x", "3:x"]);
        assert_eq!(texts(&asker.request("outcome", many()).unwrap()), ["ok 3"]);
        for (kind, error) in [("timeout", "timeout"), ("permission-denied", "permission-denied: asked to fail")] {
            assert_eq!(asker.request("fail", kind), Err(error.into()));
            let outcome = asker.request("outcome", Said::from(kind).with("x-to", "fail")).unwrap();
            assert_eq!(texts(&outcome), [error]);
        }
        for count in ["1", "2", "3"] {
            assert_eq!(texts(&asker.request("state", "").unwrap()), [count]);
        }
    }
    // The guest in JavaScript sends requests.
    let mut asker = Asker::new(link(&[("ask", "courier-js"), ("many", "courier-c")]));
    let many = Said::from("x").with("x-to", "many").with("x-expected-replies", "2");
    assert_eq!(texts(&asker.gather("ask", many, None, Some(3)).unwrap()), ["1:x", "2:x"]);
}

#[test]
fn replies_are_gathered_in_order_as_far_as_they_are_expected() {
    in_both(|| {
        for handler in ["courier", "courier-c"] {
            let mut asker = Asker::new(link(&[(">", handler)]));
            let mut many =
                |expected| asker.gather("many", "x", None, expected).map(|replies| texts(&replies).join(" "));
            assert_eq!(many(None).unwrap(), "1:x");
            assert_eq!(many(Some(2)).unwrap(), "1:x 2:x");
            assert_eq!(many(Some(3)).unwrap(), "1:x 2:x 3:x");
            // No more replies can come, and some have come.
            assert_eq!(many(Some(9)).unwrap(), "1:x 2:x 3:x");
            assert_eq!(many(Some(0)).unwrap(), "");
        }
    });
}

#[test]
fn no_reply_is_a_timeout_at_once() {
    in_both(|| {
        let mut asker = Asker::new(link(&[(">", "courier")]));
        assert_eq!(asker.request("silent", "x"), Err("timeout".into()));
        assert_eq!(asker.gather("silent", "x", Some(3_600_000), Some(2)), Err("timeout".into()));
        assert_eq!(asker.gather("silent", "x", None, Some(0)), Ok(vec![]));
    });
}

#[test]
fn a_handlers_error_is_the_requesters_unless_there_are_replies() {
    in_both(|| {
        for handler in ["courier", "courier-c"] {
            let mut asker = Asker::new(link(&[(">", handler)]));
            for (kind, error) in [
                ("timeout", "timeout"),
                ("connection", "connection: asked to fail"),
                ("permission-denied", "permission-denied: asked to fail"),
                ("other", "other: asked to fail"),
            ] {
                assert_eq!(asker.request("fail", kind), Err(error.into()), "{handler}");
            }
            assert_eq!(texts(&asker.request("fail-late", "x").unwrap()), ["early"], "{handler}");
            assert_eq!(texts(&asker.gather("fail-late", "x", None, Some(2)).unwrap()), ["early"], "{handler}");
        }
    });
}

#[test]
fn state_is_kept_between_calls() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("one,state", "courier-c"), ("state.*", "courier")]));
        let mut count = |topic: &str| texts(&asker.request(topic, "").unwrap()).join("");
        assert_eq!((count("state"), count("state"), count("state")), ("1".into(), "2".into(), "3".into()));
        // Another instance, and a handler that takes the topic without replying.
        assert_eq!(asker.request("state.x", ""), Err("timeout".into()));
    });
}

/// A component linked in two places has two instances, if it sends no requests. Its code is in the output once.
#[test]
fn a_component_in_two_places_is_two_instances_of_one() {
    in_both(|| {
        let size = |handlers: &[(&str, &str)]| link(handlers).compose().unwrap().report.size.composed;
        let (once, twice) = (size(&[("a", "echo")]), size(&[("a", "echo"), ("b", "echo")]));
        assert!(twice - once < 2048, "{} bytes", twice - once);
        let mut asker = Asker::new(link(&[("a", "echo"), ("b", "echo")]));
        assert_eq!(texts(&asker.request("a", "x").unwrap()), ["x"]);
        assert_eq!(texts(&asker.request("b", "y").unwrap()), ["y"]);
    });
}

#[test]
fn a_trap_in_a_handler_is_a_trap_of_all() {
    in_both(|| {
        let mut asker = Asker::new(link(&[(">", "courier")]));
        assert!(asker.try_gather("trap", Said::default(), None, None).is_err());
        // The trap ended the instance.
        assert!(asker.try_gather("echo", Said::default(), None, None).is_err());
    });
}

/// A handler sees a message as it would behind a broker, with `reqreply-over-pubsub`.
#[test]
fn a_handler_sees_topic_content_and_correlation_keys() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("see.*", "stubborn")]));
        let message = Said { content_type: Some("text/x".into()), ..Said::from("tell me") }.with("own", "1");
        let seen = asker.request("see.that", message.clone().with("reply-to", "elsewhere")).unwrap_err();
        let keys = |number: u32| {
            let id = |high: u32| format!("{high:016x}{number:016x}");
            format!(
                r#"[("own", "1"), ("correlation-id", "{}"), ("reply-to", "$replies"), ("message-id", "{}")]"#,
                id(0),
                id(1)
            )
        };
        let expected = |number| format!(r#"other: Some("see.that") Some("text/x") Some({}) tell me"#, keys(number));
        assert_eq!(seen, expected(1));
        assert_eq!(asker.request("see.that", message).unwrap_err(), expected(2), "each request has ids of its own");
        // A sent message has no correlation keys.
        let seen = asker.send("see.that", "tell me").unwrap_err();
        assert!(seen.contains(r#"Some("see.that") None None tell me"#), "{seen}");
    });
}

#[test]
fn replies_come_without_the_keys() {
    in_both(|| {
        let front = || link(&[("echo", "chatty")]);
        let replies = Asker::new(front()).gather("echo", "x", None, Some(3)).unwrap();
        assert_eq!(replies.len(), 3);
        assert!(replies.iter().all(|reply| reply.metadata.is_empty()), "{replies:?}");
        // The ids of other systems are copied to the reply, as the adapter does.
        let asked = Said::from("x").with("kafka_correlationId", "7").with("correlation-data", "8");
        let replies = Asker::new(front()).request("echo", asked).unwrap();
        assert_eq!((replies[0].get("kafka_correlationId"), replies[0].get("correlation-data")), (Some("7"), Some("8")));
    });
}

/// A handler can reply by hand, with `send` to the reply topic of the request.
#[test]
fn a_message_to_the_topic_of_replies_is_a_reply() {
    in_both(|| {
        // `courier` forwards a copy with only the keys that begin with `x-`. So its reply has no id and is late.
        let mut asker = Asker::new(link(&[("forward", "courier"), ("other", "echo")]));
        let asked = Said::from("x").with("x-to", "$replies");
        assert_eq!(asker.request("forward", asked), Err("timeout".into()));
        assert_eq!(asker.send("$replies", Said::from("x").with("correlation-id", "0")), Ok(()));
    });
}

#[test]
fn replies_are_bounded_in_number_and_size() {
    in_both(|| {
        let bounded = |replies, bytes| {
            link(&[("many", "courier"), ("huge,ask", "stubborn")])
                .with(|all| (all.max_replies, all.max_reply_bytes) = (Some(replies), Some(bytes)))
        };
        let mut asker = Asker::new(bounded(2, 100));
        assert_eq!(asker.gather("many", "x", None, Some(2)).unwrap().len(), 2);
        let error = asker.gather("many", "x", None, Some(3)).unwrap_err();
        assert_eq!(error, "other: more replies are expected than `max-replies` allows");
        assert_eq!(asker.request("huge", "huge 100").unwrap()[0].data.len(), 100);
        let error = asker.request("huge", "huge 101").unwrap_err();
        assert_eq!(error, "other: the replies are larger than `max-reply-bytes`");
        // Two replies together are too large; the one before counts.
        assert_eq!(asker.gather("many", &*"x".repeat(60), None, Some(2)).unwrap().len(), 1);
    });
}

#[test]
fn a_disconnected_client_sends_nothing() {
    in_both(|| {
        let mut asker = Asker::new(link(&[(">", "echo")]));
        assert_eq!(asker.disconnected("x"), Err("connection: client `asker` is disconnected".into()));
    });
}

/// A reply can be sent as a request, and numbers of messages are used again.
#[test]
fn many_rounds_take_no_more_memory_than_a_few() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("echo", "echo"), ("many", "courier-c")]));
        assert_eq!(texts(&asker.relay("echo", "many", "x").unwrap()), ["1:x"]);
        asker.rounds("echo", &[7; 64], 10).unwrap();
        // An async round takes longer.
        let rounds = if asker.is_async { 4_000 } else { 20_000 };
        asker.rounds("echo", &[7; 1 << 16], rounds).unwrap();
    });
}

/// A handler can reply by hand, with the correlation id of the request.
#[test]
fn a_reply_by_hand_reaches_the_requester() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("by-hand", "nester")]));
        let replies = asker.request("by-hand", "x").unwrap();
        assert_eq!((texts(&replies), &*replies[0].metadata), (vec!["x"], &[("by".into(), "hand".into())][..]));
    });
}
