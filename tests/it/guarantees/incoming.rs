use crate::engine::{World, answer, ask, on_all_variants, on_keyvalue_variants, text};
use msgcompose_host::{Error, Message, Outcome};
use std::time::Duration;

/// The result of `probe` for a message that is no command. It shows that the guest got the message.
fn reached_the_guest() -> Outcome {
    Outcome::Failed(Error::Other("no `probe-topic`".into()))
}

#[test]
fn g10_a_reply_to_an_open_request_goes_there_and_not_to_the_guest() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        world.publish("replies", answer(&requests.next().await, "1")).await;
        assert_eq!(world.handled("replies").await, Outcome::Ok);
        assert_eq!(text(&outcomes.next().await), "ok\n||1\n||?");
    });
}

#[test]
fn g11_replies_that_nobody_waits_for_are_counted_and_acknowledged() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[("max-replies", "2"), ("poll-max-ms", "5")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        let unknown = Message::new("1").with("correlation-id", "0123456789abcdef0123456789abcdef");

        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        world.publish("replies", answer(&request, "1")).await;
        outcomes.next().await;
        assert_eq!(world.handled("replies").await, Outcome::Ok);
        for (dropped, reason, count) in [
            // A late reply.
            (answer(&request, "2"), "unknown", 1),
            (unknown, "unknown", 2),
            (Message::new("no id"), "malformed", 1),
            (Message::new("1").with("correlation-id", ""), "malformed", 2),
            (Message::new("1").with("correlation-id", "../../seat.0"), "malformed", 3),
            (Message::new("1").with("correlation-id", "0123456789ABCDEF0123456789ABCDEF"), "malformed", 4),
        ] {
            world.publish("replies", dropped).await;
            assert_eq!(world.handled("replies").await, Outcome::Ok);
            assert_eq!(world.dropped(reason).await, count, "{reason}");
        }

        // More replies than a request may gather.
        world.publish("probe", ask("prices", "?").with("probe-expected-replies", "2")).await;
        let request = requests.next().await;
        // All but the first are duplicates, so the request keeps waiting. After four its mailbox is full.
        for number in 1..=5 {
            world.publish("replies", answer(&request, &number.to_string()).with("message-id", "same")).await;
            assert_eq!(world.handled("replies").await, Outcome::Ok);
        }
        // In memory, the fifth is recognised as a duplicate, too.
        let (reason, count) = if variant.is_in_memory() { ("duplicate", 4) } else { ("surplus", 1) };
        assert_eq!(world.dropped(reason).await, count);
        // Only the counts remain.
        assert!(outcomes.is_silent(Duration::from_millis(200)).await);
        let keys = world.keys().await;
        let left = keys.iter().filter(|key| !key.starts_with("reqreply.dropped.")).count();
        assert_eq!(left, if variant.is_in_memory() { 0 } else { 2 }, "counter and seat: {keys:?}");
    });
}

#[test]
fn g12_everything_else_passes_to_the_guest_and_its_result_back() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("stubborn", &["work.>", "replies"], &[]).await;
        let failed = Outcome::Failed;
        for (command, outcome) in [
            ("timeout", failed(Error::Timeout)),
            ("connection", failed(Error::Connection("the handler's own".into()))),
            ("denied", failed(Error::PermissionDenied("the handler's own".into()))),
            ("other", failed(Error::Other("the handler's own".into()))),
            ("huge 3", Outcome::Ok),
        ] {
            world.publish("work.now", Message::new(command)).await;
            assert_eq!(world.handled("work.now").await, outcome, "{command}");
        }
        world.publish("work.now", Message::new("trap")).await;
        let trapped = world.handled("work.now").await;
        assert!(matches!(&trapped, Outcome::Trapped(trap) if trap.contains("unreachable")), "{trapped:?}");

        // The guest gets the message unchanged, including the adapter's keys.
        let mut message = Message::new("tell").with("correlation-id", "theirs").with("reply-to", "back").with("b", "c");
        message.content_type = Some("text/plain".into());
        world.publish("work.now", message).await;
        let seen = concat!(
            r#"Some("work.now") Some("text/plain") "#,
            r#"Some([("correlation-id", "theirs"), ("reply-to", "back"), ("b", "c")]) tell"#
        );
        assert_eq!(world.handled("work.now").await, failed(Error::Other(seen.into())));
        world.publish("work.now", Message::new("tell")).await;
        let seen = r#"Some("work.now") None None tell"#;
        assert_eq!(world.handled("work.now").await, failed(Error::Other(seen.into())));
    });
}

#[test]
fn g12_only_the_reply_topic_itself_is_taken_out() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &[">"], &[]).await;
        for topic in ["replies.more", "repliess", "replie", "Replies", "x.replies"] {
            world.publish(topic, Message::new("1").with("correlation-id", "0123456789abcdef0123456789abcdef")).await;
            assert_eq!(world.handled(topic).await, reached_the_guest(), "{topic}");
        }
    });
}

#[test]
fn g13_a_guest_without_a_handler_works_as_a_requester() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        let bytes = crate::support::compose("survey", &[("keyvalue", variant.keyvalue())]);
        let arguments = ["crowd", "3", "60000", "who is there?"];
        let app = world.start_component("survey", &bytes, &["replies", "other"], &arguments).await;
        let (mut requests, mut results) = (world.listen("crowd").await, world.listen("survey.results").await);
        let program = tokio::spawn(async move { app.run(None).await });
        let request = requests.next().await;
        assert_eq!(text(&request), "who is there?");
        for name in ["ann", "bob", "cy"] {
            world.publish("replies", answer(&request, name)).await;
            assert_eq!(world.handled("replies").await, Outcome::Ok);
        }
        assert_eq!(text(&results.next().await), "ann\nbob\ncy");
        assert_eq!(program.await.unwrap(), Outcome::Ok);

        // The guest has no handler for other messages, so they fail with this error.
        world.publish("other", Message::new("1")).await;
        let refused = Outcome::Failed(Error::Other("the guest has no handler; deliver the reply topic only".into()));
        assert_eq!(world.handled("other").await, refused);
    });
}
