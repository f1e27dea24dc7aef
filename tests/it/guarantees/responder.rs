use crate::engine::{World, answer, ask, on_all_variants, text};
use msgcompose_host::{Error, Message, Outcome};
use std::{collections::BTreeSet, time::Duration};

#[test]
fn g14_a_reply_goes_to_the_reply_topic_with_the_correlation_id() {
    on_all_variants(|variant| async move {
        // `chatty` only replies and gets the responder; `stubborn` also requests and gets the whole provider.
        for (guest, command, replies) in [("chatty", "go", 3), ("stubborn", "huge 5", 1)] {
            let world = World::new(variant);
            world.start(guest, &["work", "replies"], &[]).await;
            let mut back = world.listen("back").await;
            let message = Message::new(command)
                .with("reply-to", "back")
                .with("correlation-id", "theirs, whatever it is")
                .with("kafka_correlationId", "k")
                .with("correlation-data", "d")
                .with("message-id", "question")
                .with("colour", "blue");
            world.publish("work", message).await;
            let mut ids = BTreeSet::new();
            for _ in 0..replies {
                let reply = back.next().await;
                assert_eq!(reply.get("correlation-id"), Some("theirs, whatever it is"));
                assert_eq!(reply.get("kafka_correlationId"), Some("k"));
                assert_eq!(reply.get("correlation-data"), Some("d"));
                assert_eq!(reply.get("reply-to"), None);
                assert_eq!(reply.get("colour"), None, "a reply is the guest's own message");
                ids.insert(reply.get("message-id").unwrap().to_owned());
            }
            assert_eq!(ids.len(), replies, "{guest}: a fresh id each");
            assert!(!ids.contains("question"));
            assert_eq!(world.handled("work").await, Outcome::Ok);
        }
    });
}

#[test]
fn g14_without_a_reply_topic_a_reply_is_ok_and_nothing_is_sent() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("chatty", &["work"], &[]).await;
        let mut everything = world.listen(">").await;
        for message in [Message::new("1"), Message::new("1").with("reply-to", ""), Message::new("1").with("a", "b")] {
            world.publish("work", message).await;
            assert_eq!(world.handled("work").await, Outcome::Ok);
            assert_eq!(everything.next().await.topic.as_deref(), Some("work"));
        }
        assert!(everything.is_silent(Duration::from_millis(50)).await);
    });
}

#[test]
fn g15_replies_go_only_where_they_are_allowed_to() {
    on_all_variants(|variant| async move {
        for guest in ["chatty", "stubborn"] {
            let world = World::new(variant);
            world.start(guest, &["work"], &[("reply-to-allow", "replies.*, inbox.>, desk-*")]).await;
            let mut everything = world.listen(">").await;
            let send = |topic: &str| world.publish("work", Message::new("huge 1").with("reply-to", topic));
            for topic in ["replies.a", "inbox.a.b.c", "inbox.a", "desk-7"] {
                send(topic).await;
                assert_eq!(world.handled("work").await, Outcome::Ok, "{topic}");
            }
            let refused =
                ["replies", "replies.a.b", "inbox", "desk-7.more", "other", "xdesk-1", "replies.*", "inbox.>"];
            for topic in refused.into_iter().chain(["inbox.#", "inbox.+", "inbox.a\nb", "inbox.\u{0}"]) {
                send(topic).await;
                let outcome = world.handled("work").await;
                let Outcome::Failed(Error::PermissionDenied(reason)) = &outcome else { panic!("{topic}: {outcome:?}") };
                assert!(reason.contains(topic), "{reason}");
            }
            let mut topics = BTreeSet::new();
            while let Some(message) = everything.now() {
                topics.insert(message.topic.unwrap());
            }
            assert_eq!(topics, ["desk-7", "inbox.a", "inbox.a.b.c", "replies.a", "work"].map(String::from).into());
        }
    });
}

/// A stranger must not aim the responder's credentials at the broker's own topics.
#[test]
fn g15_by_default_replies_do_not_go_to_the_brokers_own_topics() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("chatty", &["work"], &[]).await;
        let mut everything = world.listen(">").await;
        for topic in ["$JS.API.STREAM.DELETE.orders", "$KV.a.b", "$SYS.x", "a b", "a\tb", "a..b", ".a", "a.", "/a"] {
            world.publish("work", Message::new("1").with("reply-to", topic)).await;
            let outcome = world.handled("work").await;
            assert!(matches!(&outcome, Outcome::Failed(Error::PermissionDenied(_))), "{topic}: {outcome:?}");
            assert_eq!(everything.next().await.topic.as_deref(), Some("work"));
        }
        assert!(everything.is_silent(Duration::from_millis(50)).await);
    });
}

#[test]
fn g15_a_pattern_that_names_the_dollar_allows_it() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("chatty", &["work"], &[("reply-to-allow", "$desk.>")]).await;
        world.publish("work", Message::new("1").with("reply-to", "$desk.a")).await;
        assert_eq!(world.handled("work").await, Outcome::Ok);
    });
}

/// Else two guests that copy metadata would answer each other for ever.
#[test]
fn g14_a_reply_that_copies_the_requests_metadata_asks_for_no_reply() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("courier", &["echo"], &[("reply-to-key", "x-reply-to")]).await;
        let mut answers = world.listen("answers").await;
        let request = Message::new("1").with("x-reply-to", "answers").with("x-colour", "blue");
        world.publish("echo", request).await;
        let reply = answers.next().await;
        assert_eq!((reply.get("x-reply-to"), reply.get("x-colour")), (None, Some("blue")));
    });
}

#[test]
fn g16_an_error_of_the_handler_is_no_reply() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        let shedding = world.start("stubborn", &["prices"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "other")).await;
        let request = requests.next().await;
        assert_eq!(world.handled("prices").await, Outcome::Failed(Error::Other("the handler's own".into())));
        assert_eq!(shedding.name(), "stubborn");
        assert!(outcomes.is_silent(Duration::from_millis(200)).await, "the request waits on");
        // The reply of a healthy responder wins, although it is later.
        world.publish("replies", answer(&request, "42")).await;
        assert_eq!(text(&outcomes.next().await), "ok\n||42\n||other");
    });
}
