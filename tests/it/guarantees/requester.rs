use crate::engine::{Listener, World, answer, ask, on_all_variants, on_keyvalue_variants, text};
use msgcompose_host::{Clock, Error, Message, Outcome, keyvalue};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Starts `probe`. Returns a listener for its requests and one for their outcomes.
async fn probing(world: &World, options: &[(&str, &str)]) -> (Listener, Listener) {
    world.start("probe", &["probe", "replies"], options).await;
    (world.listen("prices").await, world.listen("probe.outcome").await)
}

/// Returns the lines of an outcome: `ok` or the error, each reply, and the request message afterwards.
fn lines(outcome: &Message) -> Vec<String> {
    text(outcome).lines().map(str::to_owned).collect()
}

#[test]
fn g01_every_request_has_a_correlation_id_of_128_random_bits() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[]).await;
        let mut ids = BTreeSet::new();
        for _ in 0..40 {
            world.publish("probe", ask("prices", "?")).await;
            let request = requests.next().await;
            ids.insert(request.get("correlation-id").unwrap().to_owned());
            world.publish("replies", answer(&request, "1")).await;
            outcomes.next().await;
        }
        assert_eq!(ids.len(), 40);
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|c| b"0123456789abcdef".contains(&c))), "{ids:?}");
        // In 40 random ids, every digit varies. Those of a counter or a clock would not.
        for place in 0..32 {
            let digits: BTreeSet<u8> = ids.iter().map(|id| id.as_bytes()[place]).collect();
            assert!(digits.len() > 4, "digit {place} of {ids:?}");
        }
    });
}

#[test]
fn g02_the_callers_message_is_copied_and_not_changed() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[]).await;
        let mut message = ask("prices", "the question").with("colour", "blue");
        message.content_type = Some("text/x-question".into());
        world.publish("probe", message).await;
        let request = requests.next().await;
        assert_eq!(text(&request), "the question");
        assert_eq!(request.content_type.as_deref(), Some("text/x-question"));
        assert_eq!(request.get("colour"), Some("blue"));
        world.publish("replies", answer(&request, "42")).await;
        let outcome = outcomes.next().await;
        assert_eq!(lines(&outcome).last().unwrap(), "text/x-question|colour=blue|the question");
    });
}

#[test]
fn g03_key_names_come_from_a_preset_and_can_be_set_one_by_one() {
    on_all_variants(|variant| async move {
        let id = "message-id";
        for (options, keys) in [
            (vec![], ["correlation-id", "reply-to", id]),
            (vec![("headers", "default")], ["correlation-id", "reply-to", id]),
            (vec![("headers", "kafka")], ["kafka_correlationId", "kafka_replyTopic", id]),
            (vec![("headers", "amqp")], ["correlation-id", "reply-to", id]),
            (vec![("headers", "mqtt5")], ["correlation-data", "response-topic", id]),
            (vec![("headers", "kafka"), ("reply-to-key", "back")], ["kafka_correlationId", "back", id]),
            (vec![("correlation-id-key", "c"), ("message-id-key", "m")], ["c", "reply-to", "m"]),
        ] {
            let world = World::new(variant);
            let (mut requests, mut outcomes) = probing(&world, &options).await;
            world.publish("probe", ask("prices", "?")).await;
            let request = requests.next().await;
            let mut found: Vec<&str> = request.metadata.iter().flatten().map(|(key, _)| key.as_str()).collect();
            found.sort_unstable();
            let mut expected = keys.to_vec();
            expected.sort_unstable();
            assert_eq!(found, expected, "{options:?}");
            assert!(request.get(keys[1]).is_some_and(|topic| variant.is_reply_topic(topic)), "{options:?}");
            // The reply is recognised by the same key.
            let reply = Message::new("1").with(keys[0], request.get(keys[0]).unwrap());
            world.publish("replies", reply).await;
            assert_eq!(lines(&outcomes.next().await)[0], "ok", "{options:?}");
        }
    });
}

#[test]
fn g04_the_reply_topic_is_the_one_that_the_tool_told_the_host_to_deliver() {
    on_keyvalue_variants(|variant| async move {
        let composed = msgcompose::Composition::new("probe.wasm", crate::support::fixture("probe"))
            .adapter(msgcompose::adapters::get(crate::support::FLAGSHIP).unwrap())
            .set("reply-topic", "inbox.of.probe")
            .set("keyvalue", variant.keyvalue())
            .compose()
            .unwrap();
        let duty = composed.report.host.iter().find(|duty| duty.kind == "deliver-topic").unwrap();
        assert_eq!(duty.value, "inbox.of.probe");
        assert!(duty.text.contains("deliver topic `inbox.of.probe`"), "{}", duty.text);

        let world = World::new(variant);
        world.start_component("probe", &composed.component.to_bytes(), &["probe", &duty.value], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        assert_eq!(request.get("reply-to"), Some("inbox.of.probe"));
        world.publish("inbox.of.probe", answer(&request, "1")).await;
        assert_eq!(lines(&outcomes.next().await)[0], "ok");
    });
}

#[test]
fn g05_a_request_without_a_timeout_is_bounded_by_the_option() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (_requests, mut outcomes) = probing(&world, &[("default-timeout-ms", "50")]).await;
        let asked = Instant::now();
        world.publish("probe", ask("prices", "?")).await;
        assert_eq!(lines(&outcomes.next().await)[0], "Error::Timeout");
        assert!(asked.elapsed() >= Duration::from_millis(50));

        // The guest's own timeout takes precedence, and 0 waits without a limit.
        for (options, timeout) in [(("default-timeout-ms", "50"), Some("60000")), (("default-timeout-ms", "0"), None)] {
            let world = World::new(variant);
            let (mut requests, mut outcomes) = probing(&world, &[options]).await;
            let mut message = ask("prices", "?");
            if let Some(timeout) = timeout {
                message.set("probe-timeout-ms", timeout);
            }
            world.publish("probe", message).await;
            let request = requests.next().await;
            assert!(outcomes.is_silent(Duration::from_millis(400)).await, "{options:?}");
            world.publish("replies", answer(&request, "1")).await;
            assert_eq!(lines(&outcomes.next().await)[0], "ok");
        }
    });
}

#[test]
fn g05_a_deadline_is_carried_when_it_is_wanted() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let options = [("deadline-key", "deadline"), ("default-timeout-ms", "0")];
        let (mut requests, _outcomes) = probing(&world, &options).await;
        let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        let before = now();
        world.publish("probe", ask("prices", "?").with("probe-timeout-ms", "7000")).await;
        let deadline: u64 = requests.next().await.get("deadline").unwrap().parse().unwrap();
        assert!((before + 7000..=now() + 7000).contains(&deadline), "{deadline}");
        // Without a timeout there is no deadline.
        world.publish("probe", ask("prices", "?")).await;
        assert_eq!(requests.next().await.get("deadline"), None);
    });
}

#[test]
fn g06_nothing_is_left_after_success_timeout_and_failure_to_send() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[]).await;

        world.publish("probe", ask("prices", "?").with("probe-expected-replies", "2")).await;
        let request = requests.next().await;
        if !variant.is_in_memory() {
            assert_eq!(world.keys().await.len(), 2, "the counter and the seat");
        }
        for reply in ["1", "2"] {
            world.publish("replies", answer(&request, reply)).await;
        }
        assert_eq!(lines(&outcomes.next().await)[0], "ok");
        assert_eq!(world.keys().await, [""; 0], "after success");

        let message = ask("prices", "?").with("probe-expected-replies", "3").with("probe-timeout-ms", "2000");
        world.publish("probe", message).await;
        world.publish("replies", answer(&requests.next().await, "1")).await;
        assert_eq!(lines(&outcomes.next().await)[0], "ok");
        assert_eq!(world.keys().await, [""; 0], "after a partial result");

        world.publish("probe", ask("prices", "?").with("probe-timeout-ms", "20")).await;
        assert_eq!(lines(&outcomes.next().await)[0], "Error::Timeout");
        assert_eq!(world.keys().await, [""; 0], "after a timeout");

        world.broker.fail("closed", Error::PermissionDenied("closed".into()));
        world.publish("probe", ask("closed", "?")).await;
        assert_eq!(lines(&outcomes.next().await)[0], "Error::PermissionDenied(\"closed\")");
        assert_eq!(world.keys().await, [""; 0], "after a failure to send");
        // In memory the count shows it: a reply to a finished request counts as unknown.
        world.publish("replies", answer(&request, "3")).await;
        while world.dropped("unknown").await == 0 {
            world.handled("replies").await;
        }
        assert_eq!(world.dropped("unknown").await, 1);
    });
}

#[test]
fn g06_pending_requests_are_bounded() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[("max-pending", "2")]).await;
        let mut waiting = Vec::new();
        for _ in 0..2 {
            world.publish("probe", ask("prices", "?")).await;
            waiting.push(requests.next().await);
        }
        world.publish("probe", ask("prices", "?")).await;
        let refused = lines(&outcomes.next().await)[0].clone();
        assert!(refused.starts_with("Error::Other") && refused.contains("`max-pending`"), "{refused}");
        // A request that has got its reply makes room.
        world.publish("replies", answer(&waiting[0], "1")).await;
        assert_eq!(lines(&outcomes.next().await)[0], "ok");
        world.publish("probe", ask("prices", "?")).await;
        waiting.push(requests.next().await);
        for request in &waiting[1..] {
            world.publish("replies", answer(request, "1")).await;
            assert_eq!(lines(&outcomes.next().await)[0], "ok");
        }
        assert_eq!(world.keys().await, [""; 0]);
    });
}

#[test]
fn g06_what_a_killed_requester_left_is_removed_when_its_seat_is_taken() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[("max-pending", "1")]).await;
        let bucket = world.bucket().await;
        let gone = "0123456789abcdef0123456789abcdef";
        for (key, value) in [
            ("reqreply.seat.0".to_owned(), format!("{gone}1000000000")),
            (format!("reqreply.{gone}"), (reqreply::mailbox::OPEN + 2).to_string()),
            (format!("reqreply.{gone}.1"), "a reply".to_owned()),
            (format!("reqreply.{gone}.2"), "another".to_owned()),
        ] {
            bucket.set(&key, value.into_bytes()).await.unwrap();
        }
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        let id = request.get("correlation-id").unwrap();
        assert_eq!(world.dropped("unknown").await, 2);
        bucket.delete("reqreply.dropped.unknown").await.unwrap();
        let mut expected = [format!("reqreply.{id}"), "reqreply.seat.0".to_owned()];
        expected.sort();
        assert_eq!(world.keys().await, expected);
        world.publish("replies", answer(&request, "1")).await;
        assert_eq!(lines(&outcomes.next().await)[0], "ok");
        assert_eq!(world.keys().await, [""; 0]);
    });
}

#[test]
fn g07_the_guest_does_not_see_the_adapters_keys_in_replies() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[("deadline-key", "deadline")]).await;
        world.publish("probe", ask("prices", "?")).await;
        let mut reply = answer(&requests.next().await, "42")
            .with("reply-to", "somewhere")
            .with("message-id", "1")
            .with("deadline", "2")
            .with("colour", "blue");
        reply.content_type = Some("text/x-answer".into());
        world.publish("replies", reply).await;
        assert_eq!(lines(&outcomes.next().await), ["ok", "text/x-answer|colour=blue|42", "||?"]);
    });
}

#[test]
fn g08_as_many_replies_are_gathered_as_are_expected_or_come_in_time() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[]).await;
        for (expected, sent, timeout, outcome) in [
            // All replies: it returns at once, long before the timeout.
            (3, 3, 60_000, vec!["ok", "||1", "||2", "||3", "||?"]),
            // Only some replies.
            (3, 2, 2_000, vec!["ok", "||1", "||2", "||?"]),
            // No reply.
            (3, 0, 50, vec!["Error::Timeout", "||?"]),
            // No reply is expected, so it does not wait.
            (0, 0, 60_000, vec!["ok", "||?"]),
        ] {
            let message = ask("prices", "?")
                .with("probe-expected-replies", &expected.to_string())
                .with("probe-timeout-ms", &timeout.to_string());
            world.publish("probe", message).await;
            let request = requests.next().await;
            for number in 1..=sent {
                world.publish("replies", answer(&request, &number.to_string())).await;
                world.handled("replies").await;
            }
            assert_eq!(lines(&outcomes.next().await), outcome, "{expected} {sent} {timeout}");
        }
    });
}

#[test]
fn g09_replies_come_in_the_order_of_their_arrival_and_a_second_delivery_does_not_count() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[]).await;
        world.publish("probe", ask("prices", "?").with("probe-expected-replies", "6")).await;
        let request = requests.next().await;
        // Two replies without an id are different replies, and an empty id counts as none.
        for (data, id) in
            [("c", "3"), ("a", "1"), ("c", "3"), ("b", "2"), ("a", "1"), ("x", "none"), ("x", ""), ("x", "")]
        {
            let reply = answer(&request, data);
            world.publish("replies", if id == "none" { reply } else { reply.with("message-id", id) }).await;
            world.handled("replies").await;
        }
        assert_eq!(lines(&outcomes.next().await), ["ok", "||c", "||a", "||b", "||x", "||x", "||x", "||?"]);
        assert_eq!(world.dropped("duplicate").await, 2);
    });
}

#[test]
fn g09_duplicates_do_not_take_the_places_of_real_replies() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[("max-replies", "2")]).await;
        world.publish("probe", ask("prices", "?").with("probe-expected-replies", "2")).await;
        let request = requests.next().await;
        for (data, id) in [("a", "1"), ("a", "1"), ("a", "1"), ("b", "2")] {
            world.publish("replies", answer(&request, data).with("message-id", id)).await;
            assert_eq!(world.handled("replies").await, Outcome::Ok);
        }
        assert_eq!(lines(&outcomes.next().await), ["ok", "||a", "||b", "||?"]);
        assert_eq!(world.dropped("duplicate").await, 2);
    });
}

#[test]
fn requests_that_wait_at_the_same_time_get_their_own_replies() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[]).await;
        let mut waiting = Vec::new();
        for number in 0..20 {
            world.publish("probe", ask("prices", &number.to_string())).await;
            waiting.push(requests.next().await);
        }
        for request in waiting.iter().rev() {
            world.publish("replies", answer(request, &format!("for {}", text(request)))).await;
        }
        for _ in 0..20 {
            let outcome = lines(&outcomes.next().await);
            let asked = outcome[2].trim_start_matches('|');
            assert_eq!(outcome[..2], ["ok".to_owned(), format!("||for {asked}")]);
        }
        assert_eq!(world.keys().await, [""; 0]);
        assert_eq!(world.handled("probe").await, Outcome::Ok);
    });
}

#[test]
fn g06_replies_beyond_the_expected_ones_are_removed_and_counted() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[("poll-max-ms", "200")]).await;
        world.publish("probe", ask("prices", "?").with("probe-expected-replies", "2")).await;
        let request = requests.next().await;
        // Wait until the pauses between two looks are long, so that all five replies arrive within one pause.
        tokio::time::sleep(Duration::from_millis(300)).await;
        for number in 1..=5 {
            world.publish("replies", answer(&request, &number.to_string())).await;
        }
        for _ in 1..=5 {
            assert_eq!(world.handled("replies").await, Outcome::Ok);
        }
        assert_eq!(lines(&outcomes.next().await).len(), 4);
        // The other three replies, whether they arrived before the mailbox closed or later.
        assert_eq!(world.dropped("surplus").await + world.dropped("unknown").await, 3);
        assert!(world.keys().await.iter().all(|key| key.contains("dropped")));
    });
}

#[test]
fn g06_a_request_that_waits_long_keeps_its_seat() {
    on_keyvalue_variants(|variant| async move {
        // A seat expires after ten minutes, which take two seconds here.
        let world = World::with(variant, keyvalue::Memory::new(["default"]), Clock::fast(300));
        let options = [("max-pending", "1"), ("poll-max-ms", "300"), ("default-timeout-ms", "0")];
        let (mut requests, mut outcomes) = probing(&world, &options).await;
        world.publish("probe", ask("prices", "first")).await;
        let first = requests.next().await;
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(150)).await;
            world.publish("probe", ask("prices", "second")).await;
            let refused = lines(&outcomes.next().await)[0].clone();
            assert!(refused.contains("`max-pending`"), "{refused}");
        }
        world.publish("replies", answer(&first, "1")).await;
        assert_eq!(lines(&outcomes.next().await), ["ok", "||1", "||first"]);
        assert_eq!(world.keys().await, [""; 0]);
    });
}

#[test]
fn g08_what_came_is_the_result_if_the_mailbox_fails_after_it() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        let (mut requests, mut outcomes) = probing(&world, &[]).await;
        let message = ask("prices", "?").with("probe-expected-replies", "2").with("probe-timeout-ms", "60000");
        world.publish("probe", message).await;
        let request = requests.next().await;
        world.publish("replies", answer(&request, "1")).await;
        assert_eq!(world.handled("replies").await, Outcome::Ok);
        // Wait until the reply has been taken from the mailbox, before the counter is deleted.
        while world.keys().await.len() > 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let counter = format!("reqreply.{}", request.get("correlation-id").unwrap());
        world.bucket().await.delete(&counter).await.unwrap();
        assert_eq!(lines(&outcomes.next().await), ["ok", "||1", "||?"]);
    });
}
