//! Failures around the mailbox become errors of the interface, in time.

use crate::engine::{World, answer, ask, on_all_variants, on_keyvalue_variants, text};
use msgcompose_host::{Error, Message, Outcome, keyvalue};
use std::time::{Duration, Instant};

/// Returns the first line of the outcome of a request.
async fn outcome(world: &World, message: Message) -> String {
    let mut outcomes = world.listen("probe.outcome").await;
    world.publish("probe", message).await;
    text(&outcomes.next().await).lines().next().unwrap().to_owned()
}

#[test]
fn a_missing_bucket_is_an_error() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[("bucket", "elsewhere")]).await;
        let mut requests = world.listen("prices").await;
        let found = outcome(&world, ask("prices", "?")).await;
        assert_eq!(found, r#"Error::Other("mailbox: the host has no keyvalue bucket of this name")"#);
        assert!(requests.now().is_none(), "nothing was published");
        // The reply must not count as handled either.
        world.publish("replies", Message::new("1").with("correlation-id", &"0".repeat(32))).await;
        assert!(matches!(world.handled("replies").await, Outcome::Failed(Error::Other(_))));
    });
}

#[test]
fn a_store_that_fails_while_a_request_waits_ends_it_with_the_reason() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        world.store.set_broken(true);
        let found = text(&outcomes.next().await);
        assert!(found.starts_with(r#"Error::Connection("mailbox: the store is broken")"#), "{found}");
        // A broker that delivers again may find the store repaired.
        world.publish("replies", answer(&request, "1")).await;
        assert!(matches!(world.handled("replies").await, Outcome::Failed(Error::Connection(_))));

        // The keys left behind are taken over after some time; until then they do no harm.
        world.store.set_broken(false);
        world.publish("probe", ask("prices", "again")).await;
        let request = requests.next().await;
        world.publish("replies", answer(&request, "1")).await;
        assert!(text(&outcomes.next().await).starts_with("ok\n||1"));
    });
}

#[test]
fn a_store_that_is_not_shared_is_an_error_at_once() {
    on_keyvalue_variants(|variant| async move {
        let world = World::with_store(variant, keyvalue::Memory::private(["default"]));
        world.start("probe", &["probe", "replies"], &[("default-timeout-ms", "0")]).await;
        for message in [ask("prices", "?"), ask("prices", "?").with("probe-timeout-ms", "20")] {
            let found = outcome(&world, message).await;
            assert!(found.starts_with("Error::Other") && found.contains("bucket is not shared"), "{found}");
        }
    });
}

#[test]
fn an_emptied_mailbox_is_an_error_at_once() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[("default-timeout-ms", "0")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        requests.next().await;
        let bucket = world.bucket().await;
        for key in world.keys().await {
            bucket.delete(&key).await.unwrap();
        }
        let found = text(&outcomes.next().await);
        assert!(found.starts_with("Error::Other") && found.contains("lost the request"), "{found}");
        assert_eq!(world.keys().await, [""; 0]);
    });
}

#[test]
fn a_slot_that_was_taken_and_never_filled_does_not_hold_up_the_next_reply() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        let options = [("poll-max-ms", "5"), ("max-pending", "1")];
        world.start("probe", &["probe", "replies"], &options).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        for timeout in [None, Some("2000")] {
            let mut message = ask("prices", "?");
            if let Some(timeout) = timeout {
                message.set("probe-timeout-ms", timeout);
            }
            world.publish("probe", message).await;
            let request = requests.next().await;
            // Like an instance that is stopped in the middle of a delivery.
            let id = request.get("correlation-id").unwrap();
            let counter = format!("reqreply.{id}");
            world.bucket().await.increment(&counter, 1).await.unwrap();
            world.publish("replies", answer(&request, "1")).await;
            assert_eq!(text(&outcomes.next().await), "ok\n||1\n||?", "{timeout:?}");
            // The instance may be slow and fill the slot later. So the seat names the request, and the next request, which
            // takes the seat, removes it. Of the request before, nothing is left.
            let mut left = [counter.as_str(), "reqreply.dropped.surplus", "reqreply.seat.0"];
            left.sort_unstable();
            assert_eq!(world.keys().await, left);
            let seat = world.bucket().await.get("reqreply.seat.0").await.unwrap().unwrap();
            assert!(seat.starts_with(format!("{id}+").as_bytes()));
        }
        world.publish("probe", ask("prices", "?")).await;
        world.publish("replies", answer(&requests.next().await, "1")).await;
        assert_eq!(text(&outcomes.next().await), "ok\n||1\n||?");
        assert_eq!(world.keys().await, ["reqreply.dropped.surplus"]);
        assert_eq!(world.dropped("surplus").await, 2, "each slot that was never filled");
    });
}

/// The same, but the slot is filled after a while: the reply is not lost.
#[test]
fn a_slot_that_is_filled_late_is_looked_at_again() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[("poll-max-ms", "5")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?").with("probe-expected-replies", "2")).await;
        let request = requests.next().await;
        let counter = format!("reqreply.{}", request.get("correlation-id").unwrap());
        let bucket = world.bucket().await;
        bucket.increment(&counter, 1).await.unwrap();
        world.publish("replies", answer(&request, "second")).await;
        assert_eq!(world.handled("replies").await, Outcome::Ok);
        // The requester has passed the first slot when it has taken the second.
        while world.keys().await.contains(&format!("{counter}.2")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let first = reqreply::envelope::encode(None, &[], b"first");
        bucket.set(&format!("{counter}.1"), first).await.unwrap();
        assert_eq!(text(&outcomes.next().await), "ok\n||first\n||second\n||?", "in the order of their arrival");
        assert_eq!(world.keys().await, [""; 0]);
    });
}

#[test]
fn entries_of_the_mailbox_that_are_no_replies_are_dropped() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        let counter = format!("reqreply.{}", request.get("correlation-id").unwrap());
        let bucket = world.bucket().await;
        let slot = bucket.increment(&counter, 1).await.unwrap() - 1024 * 1024;
        bucket.set(&format!("{counter}.{slot}"), b"\x01\x01\xff\xff\xff\xff".to_vec()).await.unwrap();
        world.publish("replies", answer(&request, "1")).await;
        assert_eq!(text(&outcomes.next().await), "ok\n||1\n||?");
        assert_eq!(world.dropped("malformed").await, 1);
    });
}

#[test]
fn large_and_odd_messages_come_through_whole() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        world.start("stubborn", &["prices"], &[]).await;
        let mut outcomes = world.listen("probe.outcome").await;
        let size = 8 * 1024 * 1024;
        world.publish("probe", ask("prices", &format!("huge {size}"))).await;
        let outcome = text(&outcomes.next().await);
        let reply = outcome.lines().nth(1).unwrap();
        assert_eq!(reply.len(), size + 2);
        assert!(reply.ends_with(&"x".repeat(size)));
        assert_eq!(world.handled("replies").await, Outcome::Ok);

        let mut requests = world.listen("odd").await;
        world.publish("probe", ask("odd", "?").with("probe-expected-replies", "3")).await;
        let request = requests.next().await;
        for data in ["", "\u{1F980} größer", "last"] {
            world.publish("replies", answer(&request, data).with("ключ", "значение").with("", "empty")).await;
            world.handled("replies").await;
        }
        let pairs = "=empty,ключ=значение";
        let expected = format!("ok\n|{pairs}|\n|{pairs}|\u{1F980} größer\n|{pairs}|last\n||?");
        assert_eq!(text(&outcomes.next().await), expected);
    });
}

#[test]
fn more_replies_than_the_mailbox_takes_cannot_be_asked_for() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[("max-replies", "4")]).await;
        let mut requests = world.listen("prices").await;
        let found = outcome(&world, ask("prices", "?").with("probe-expected-replies", "5")).await;
        assert!(found.starts_with("Error::Other") && found.contains("`max-replies`"), "{found}");
        assert!(requests.now().is_none(), "nothing was published");
    });
}

#[test]
fn a_requester_that_traps_leaves_nothing_that_harms_others() {
    on_all_variants(|variant| async move {
        let world = World::new(variant);
        world.start("stubborn", &["work", "replies"], &[("default-timeout-ms", "100")]).await;
        let asked = Instant::now();
        world.publish("work", Message::new("ask nobody")).await;
        assert_eq!(world.handled("work").await, Outcome::Failed(Error::Timeout));
        assert!(asked.elapsed() >= Duration::from_millis(100));
        world.publish("work", Message::new("trap")).await;
        assert!(matches!(world.handled("work").await, Outcome::Trapped(_)));
        assert_eq!(world.keys().await, [""; 0]);
    });
}

#[test]
fn a_reply_that_is_taken_while_it_is_still_being_delivered_is_not_counted_as_dropped() {
    on_keyvalue_variants(|variant| async move {
        // The requester looks while the interceptor is between two operations.
        let world = World::with_store(variant, keyvalue::Memory::slow(["default"], Duration::from_millis(12)));
        world.start("probe", &["probe", "replies"], &[("poll-max-ms", "1")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        for _ in 0..25 {
            world.publish("probe", ask("prices", "?")).await;
            world.publish("replies", answer(&requests.next().await, "1")).await;
            outcomes.next().await;
            assert_eq!(world.handled("replies").await, Outcome::Ok);
        }
        assert_eq!(world.keys().await, [""; 0]);
    });
}
