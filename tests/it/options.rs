//! Every option does what its help says. The tests of the guarantees cover the others: `reply-topic`,
//! `default-timeout-ms`, `max-pending`, `max-replies`, `headers`, the keys, `deadline-key`, `reply-to-allow`.

use crate::engine::{World, answer, ask, on_all_variants, on_keyvalue_variants, text};
use msgcompose_host::{Message, Outcome, keyvalue};
use std::time::Duration;

#[test]
fn client_names_the_connection_that_replies_go_through() {
    on_all_variants(|variant| async move {
        for (guest, options, client) in [
            ("chatty", vec![], ""),
            ("chatty", vec![("client", "back")], "back"),
            ("stubborn", vec![("client", "x")], "x"),
        ] {
            let world = World::new(variant);
            world.start(guest, &["work"], &options).await;
            world.publish("work", Message::new("huge 1").with("reply-to", "back")).await;
            assert_eq!(world.client("back").await, client);
        }
    });
}

#[test]
fn bucket_and_key_prefix_say_where_the_mailbox_is() {
    on_keyvalue_variants(|variant| async move {
        let world = World::with_store(variant, keyvalue::Memory::new(["default", "mail"]));
        world.start("probe", &["probe", "replies"], &[("bucket", "mail"), ("key-prefix", "box/a_")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        assert_eq!(world.keys().await, [""; 0], "nothing in the default bucket");
        let bucket = world.open("mail").await;
        let keys = bucket.keys().await.unwrap();
        assert!(keys.contains(&format!("box/a_{}", request.get("correlation-id").unwrap())), "{keys:?}");
        assert!(keys.iter().all(|key| key.starts_with("box/a_")), "{keys:?}");
        world.publish("replies", answer(&request, "1")).await;
        assert!(text(&outcomes.next().await).starts_with("ok"));
        assert_eq!(bucket.keys().await.unwrap(), [""; 0]);
    });
}

#[test]
fn echo_keys_says_what_a_reply_takes_over() {
    on_all_variants(|variant| async move {
        for guest in ["chatty", "stubborn"] {
            let world = World::new(variant);
            world.start(guest, &["work"], &[("echo-keys", "trace-id, tenant")]).await;
            let mut back = world.listen("back").await;
            let message = Message::new("huge 1")
                .with("reply-to", "back")
                .with("correlation-id", "c")
                .with("trace-id", "t")
                .with("kafka_correlationId", "k");
            world.publish("work", message).await;
            let reply = back.next().await;
            let echoed = ["correlation-id", "trace-id", "tenant", "kafka_correlationId"].map(|key| reply.get(key));
            assert_eq!(echoed, [Some("c"), Some("t"), None, None]);
        }
    });
}

#[test]
fn without_a_message_id_key_none_is_sent_and_every_reply_counts() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[("message-id-key", "")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?").with("probe-expected-replies", "2")).await;
        let request = requests.next().await;
        assert_eq!(request.get("message-id"), None);
        for _ in 0..2 {
            world.publish("replies", answer(&request, "1").with("message-id", "same")).await;
        }
        assert_eq!(text(&outcomes.next().await), "ok\n|message-id=same|1\n|message-id=same|1\n||?");
    });
}

#[test]
fn poll_max_ms_says_how_often_the_mailbox_is_looked_into() {
    on_keyvalue_variants(|variant| async move {
        let mut counts = Vec::new();
        for longest in ["5", "1000"] {
            let world = World::new(variant);
            world.start("probe", &["probe", "replies"], &[("poll-max-ms", longest)]).await;
            let mut outcomes = world.listen("probe.outcome").await;
            world.publish("probe", ask("prices", "?").with("probe-timeout-ms", "600")).await;
            outcomes.next().await;
            counts.push(world.store.operations());
        }
        // It looks after 1, 2, 4 ms and so on up to the longest pause: about 120 times, or 10, unless the machine is
        // busy.
        assert!(counts[0] > 2 * counts[1], "{counts:?}");
        assert!(counts[1] < 30, "{counts:?}");
    });
}

/// The cost of a request, as in the README: all operations except looks into an empty mailbox.
#[test]
fn a_request_takes_few_operations_of_the_store() {
    on_keyvalue_variants(|variant| async move {
        for (options, most) in [(vec![], 16), (vec![("max-pending", "0")], 13)] {
            let world = World::new(variant);
            let mut options: Vec<(&str, &str)> = options;
            options.push(("poll-max-ms", "10000"));
            world.start("probe", &["probe", "replies"], &options).await;
            let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
            world.publish("probe", ask("prices", "?")).await;
            let request = requests.next().await;
            // By now the pauses are longer than the rest of the test, so at most one look fails.
            tokio::time::sleep(Duration::from_millis(300)).await;
            let waiting = world.store.operations();
            world.publish("replies", answer(&request, "1")).await;
            outcomes.next().await;
            assert_eq!(world.handled("replies").await, Outcome::Ok);
            let opening = if options.len() == 1 { 3 } else { 1 };
            let operations = world.store.operations() - waiting + opening;
            assert!(operations <= most, "{operations}");
        }
    });
}
