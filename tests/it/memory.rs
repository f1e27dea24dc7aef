//! Faults and unusual timing, with the mailbox in the memory of shared instances.

use crate::{
    engine::{Variant, World, answer, ask, on_memory_variants, text},
    pictures::assert_same,
    support::fixture,
};
use msgcompose::{Composition, adapters, provenance::Provenance};
use msgcompose_host::{Error, Message, Outcome};
use std::{collections::BTreeSet, fs, time::Duration};

fn bytes(variant: Variant, guest: &str, options: &[(&str, &str)]) -> Vec<u8> {
    variant.composition(guest, options).compose().unwrap().component.to_bytes()
}

#[test]
fn the_tool_says_what_the_host_must_subscribe_and_every_instance_has_an_inbox_there() {
    on_memory_variants(|variant| async move {
        let composed = variant.composition("probe", &[]).compose().unwrap();
        let duty = composed.report.host.iter().find(|duty| duty.kind == "deliver-topics").unwrap();
        assert_eq!(duty.value, "replies.*");
        let provenance = Provenance::read(&composed.component.to_bytes()).unwrap();
        assert_eq!(provenance.dialect, Some(variant.form()));
        assert_same(&composed);
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        let mut requests = world.listen("prices").await;
        let mut inboxes = BTreeSet::new();
        for _ in 0..8 {
            world.publish("probe", ask("prices", "?")).await;
            let request = requests.next().await;
            let inbox = request.get("reply-to").unwrap();
            let suffix = inbox.strip_prefix("replies.").unwrap();
            assert!(suffix.len() == 32 && suffix.bytes().all(|digit| b"0123456789abcdef".contains(&digit)), "{inbox}");
            inboxes.insert(inbox.to_owned());
        }
        assert_eq!(inboxes.len(), 8, "each waits in an instance of its own");
    });
}

#[test]
fn a_reply_that_is_there_before_the_send_returns_is_the_request_s() {
    on_memory_variants(|variant| async move {
        // The broker blocks the publisher until somebody has replied.
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        let hold = world.broker.hold("prices");
        world.publish("probe", ask("prices", "?")).await;
        world.publish("replies", answer(&requests.next().await, "early")).await;
        assert!(outcomes.now().is_none(), "it is still being sent");
        drop(hold);
        assert_eq!(text(&outcomes.next().await), "ok\n||early\n||?");
    });
}

#[test]
fn a_reply_after_the_timeout_is_dropped_and_counted() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[("default-timeout-ms", "50")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        assert!(text(&outcomes.next().await).starts_with("Error::Timeout"));
        world.publish("replies", answer(&request, "late")).await;
        assert_eq!(world.handled("replies").await, Outcome::Ok);
        assert_eq!(world.dropped("unknown").await, 1);
    });
}

#[test]
fn the_first_of_two_replies_is_taken() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant);
        world.start("probe", &["probe", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        for reply in ["first", "second"] {
            world.publish("replies", answer(&request, reply)).await;
        }
        assert_eq!(text(&outcomes.next().await), "ok\n||first\n||?");
        for _ in 0..2 {
            assert_eq!(world.handled("replies").await, Outcome::Ok);
        }
        // The reply came when the request was complete, or when it was gone.
        assert_eq!(world.dropped("surplus").await + world.dropped("unknown").await, 1);
    });
}

#[test]
fn a_thousand_requests_over_sixteen_instances_are_all_answered_and_none_is_crossed() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant).with_instances(16);
        world.start("probe", &["probe", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        for number in 0..1000 {
            world.publish("probe", ask("prices", &format!("{number}"))).await;
        }
        let mut answered = BTreeSet::new();
        for _ in 0..1000 {
            let request = requests.next().await;
            world.publish("replies", answer(&request, &format!("for {}", text(&request)))).await;
            let outcome = text(&outcomes.next().await);
            let [ok, reply, asked] = outcome.lines().collect::<Vec<_>>()[..] else { panic!("{outcome}") };
            assert_eq!((ok, reply), ("ok", &*format!("||for {}", asked.trim_start_matches('|'))));
            assert!(answered.insert(asked.to_owned()), "{asked} twice");
        }
        for reason in ["unknown", "malformed", "duplicate", "surplus"] {
            assert_eq!(world.dropped(reason).await, 0, "{reason}");
        }
    });
}

#[test]
fn a_trap_ends_what_is_in_flight_on_its_instance_and_the_next_one_works() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant).with_instances(1);
        world.start("stubborn", &["work", "replies"], &[("default-timeout-ms", "60000")]).await;
        let mut requests = world.listen("nobody").await;
        world.publish("work", Message::new("ask nobody")).await;
        let request = requests.next().await;
        world.publish("work", Message::new("trap")).await;
        world.publish("work", Message::new("ask nobody")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.publish("replies", answer(&request, "1")).await;
        // The guest takes one message at a time: the reply ends the first, then the second traps, and so does the
        // third, which the instance had taken. It depends on the engine whether the host learns of the first before the
        // trap.
        let first = world.handled("work").await;
        assert!(first == Outcome::Ok || matches!(first, Outcome::Trapped(_)), "{first:?}");
        for _ in 0..2 {
            let outcome = world.handled("work").await;
            assert!(matches!(outcome, Outcome::Trapped(_)), "{outcome:?}");
        }
        world.publish("work", Message::new("ask nobody")).await;
        let request = requests.next().await;
        world.publish("replies", answer(&request, "1")).await;
        assert_eq!(world.handled("work").await, Outcome::Ok);
    });
}

#[test]
fn while_the_guest_is_busy_other_messages_wait_and_replies_pass() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant).with_instances(1);
        world.start("probe", &["probe", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "first")).await;
        let first = requests.next().await;
        world.publish("probe", ask("prices", "second")).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(requests.now().is_none(), "the second waits");
        world.publish("replies", answer(&first, "1")).await;
        assert_eq!(text(&outcomes.next().await), "ok\n||1\n||first");
        let second = requests.next().await;
        world.publish("replies", answer(&second, "2")).await;
        assert_eq!(text(&outcomes.next().await), "ok\n||2\n||second");
    });
}

#[test]
fn a_host_that_calls_one_at_a_time_gets_a_timeout_and_no_trap() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant);
        let app = world.load("probe", &bytes(variant, "probe", &[("default-timeout-ms", "100")]));
        let pool = app.share(1.try_into().unwrap()).await.unwrap();
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        let message = Message { topic: Some("probe".into()), ..ask("prices", "?") };
        assert_eq!(pool.handle(message).await, Outcome::Ok);
        assert!(text(&outcomes.next().await).starts_with("Error::Timeout"));
        let request = requests.next().await;
        let inbox = request.get("reply-to").unwrap().to_owned();
        let reply = Message { topic: Some(inbox), ..answer(&request, "late") };
        assert_eq!(pool.handle(reply).await, Outcome::Ok);
        assert_eq!(pool.dropped().await, [("unknown".to_owned(), 1)].into());
    });
}

#[test]
fn a_reply_to_another_instance_is_not_taken_and_not_counted() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant);
        let app = world.load("probe", &bytes(variant, "probe", &[]));
        let pool = app.share(1.try_into().unwrap()).await.unwrap();
        let elsewhere = format!("replies.{}", "0".repeat(32));
        let message = Message { topic: Some(elsewhere), ..Message::new("1").with("correlation-id", &"1".repeat(32)) };
        assert_eq!(pool.handle(message).await, Outcome::Ok);
        assert_eq!(pool.dropped().await, [].into());
    });
}

#[test]
fn a_shared_inbox_is_the_reply_topic_itself() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant).with_instances(1);
        let composed = bytes(variant, "probe", &[("inbox", "shared")]);
        world.start_component("probe", &composed, &["probe", "shared:replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
        world.publish("probe", ask("prices", "?")).await;
        let request = requests.next().await;
        assert_eq!(request.get("reply-to"), Some("replies"));
        world.publish("replies", answer(&request, "1")).await;
        assert_eq!(text(&outcomes.next().await), "ok\n||1\n||?");
        // A topic below it is not an inbox, so the guest gets the message.
        let below = Message { topic: Some(format!("replies.{}", "0".repeat(32))), ..Message::new("1") };
        let app = world.load("probe", &composed);
        let pool = app.share(1.try_into().unwrap()).await.unwrap();
        assert_eq!(pool.handle(below).await, Outcome::Failed(Error::Other("no `probe-topic`".into())));
    });
}

#[test]
fn guests_in_every_language_wait_in_memory() {
    on_memory_variants(|variant| async move {
        let folder = std::env::var("MSGCOMPOSE_GUESTS").expect("`cargo xtask test` sets `MSGCOMPOSE_GUESTS`");
        let built = |name: &str| fs::read(format!("{folder}/{name}.wasm")).unwrap();
        for (name, guest) in [
            ("courier", fixture("courier")),
            ("courier-c", fixture("courier-c")),
            ("courier-js", built("courier-js")),
            ("courier-python", built("courier-python")),
        ] {
            let world = World::new(variant).with_instances(1);
            let composition = variant.around(Composition::new(name, guest)).set("reply-topic", "replies");
            let composed = composition.compose().unwrap().component.to_bytes();
            world.start_component(name, &composed, &["ask", "outcome", "replies"], &[]).await;
            let (mut requests, mut answers) = (world.listen("prices").await, world.listen("answers").await);
            // Twice, so that the test notices if the first call damages the guest.
            for number in 0..2 {
                let question = format!("question {number}");
                world.publish("ask", Message::new(&*question).with("reply-to", "answers")).await;
                let request = requests.next().await;
                assert_eq!(text(&request), question, "{name}");
                world.publish("replies", answer(&request, "größer")).await;
                assert_eq!(text(&answers.next().await), "größer", "{name}");
                assert_eq!(world.handled("ask").await, Outcome::Ok, "{name}");
            }
            world.publish("ask", Message::new("?").with("x-timeout-ms", "30").with("reply-to", "answers")).await;
            assert_eq!(world.handled("ask").await, Outcome::Failed(Error::Timeout), "{name}");
        }
    });
}

#[test]
fn a_composed_component_is_lifted_and_answers() {
    on_memory_variants(|variant| async move {
        let inner = Composition::new("pricer.wasm", fixture("pricer"))
            .adapter(adapters::get(crate::support::FLAGSHIP).unwrap())
            .compose()
            .unwrap();
        let lifted = msgcompose::uplift::uplift("pricer.wasm", inner.component.to_bytes(), variant.form()).unwrap();
        let world = World::new(variant);
        world.start_component("pricer", &lifted.bytes, &["prices"], &[]).await;
        let mut answers = world.listen("answers").await;
        world.publish("prices", Message::new("ACME").with("reply-to", "answers")).await;
        assert_eq!(text(&answers.next().await), "32.58");
    });
}
