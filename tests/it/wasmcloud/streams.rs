//! Guests of `wasmcloud:messaging@0.3.0`, whose functions are async and whose bodies are streams. The mailbox is in the
//! memory of shared instances, so one instance has many messages in hand.

use super::around;
use crate::{
    engine::{World, answer, on_memory_variants, text},
    support::fixture,
};
use msgcompose::Composition;
use msgcompose_host::{Error, Message, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// Starts the guest with both adapters, and lets it handle these topics.
async fn start(world: &World, topics: &[&str], options: &[(&str, &str)]) {
    let composition = world.variant.around(around("wasmcloud-streams")).set("reply-topic", "replies");
    let composition = options.iter().fold(composition, |all, (key, value)| all.set(*key, *value));
    let composed = composition.compose().unwrap_or_else(|error| panic!("{error:?}"));
    let names = || composed.report.imports.iter().chain(&composed.report.exports);
    assert!(!names().any(|name| name.contains("wasmcloud")), "{:?}", composed.report);
    world.start_component("wasmcloud-streams", &composed.component.to_bytes(), topics, &[]).await;
}

/// A message that wants its reply on `answers`.
fn ask(data: &str) -> Message {
    Message::new(data).with("reply-to", "answers")
}

#[test]
fn it_replies_requests_and_publishes() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant);
        let topics = ["echo", "many", "unread", "ask", "ask-within", "send", "send-for-reply", "replies"];
        start(&world, &topics, &[("content-type", "text/x-mine"), ("metadata.tenant", "a")]).await;
        world.start("pricer", &["prices"], &[]).await;
        let (mut answers, mut news) = (world.listen("answers").await, world.listen("news").await);
        let large = "x".repeat(1 << 20);
        for (topic, data, replies) in [
            ("echo", "x", &["x"][..]),
            ("echo", "", &[""]),
            ("echo", &large, &[&large]),
            ("many", "x", &["1:x", "2:x", "3:x"]),
            ("unread", &large, &["unread"]),
            ("ask", "prices ACME", &["32.58"]),
            ("ask-within", "nobody 20 x", &["Error::Timeout"]),
            ("send", "news of today", &["ok"]),
        ] {
            world.publish(topic, ask(data).with("correlation-id", "mine")).await;
            for reply in replies {
                let answer = answers.next().await;
                assert_eq!((&*text(&answer), answer.get("correlation-id")), (*reply, Some("mine")), "{topic}");
                assert_eq!((answer.content_type.as_deref(), answer.get("tenant")), (Some("text/x-mine"), Some("a")));
            }
            assert_eq!(world.handled(topic).await, Outcome::Ok);
        }
        assert_eq!(text(&news.next().await), "of today");
        world.publish("send-for-reply", ask("news elsewhere")).await;
        assert_eq!(news.next().await.get("reply-to"), Some("elsewhere"));
    });
}

#[test]
fn errors_are_those_of_its_interface() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant).with_instances(1);
        let topics = ["reject", "retry", "fail", "delegate", "keep", "late", "huge", "replies"];
        start(&world, &topics, &[]).await;
        for (topic, why) in [("reject", "reject"), ("retry", "retry"), ("fail", "asked to fail")] {
            world.publish(topic, ask("")).await;
            assert_eq!(world.handled(topic).await, Outcome::Failed(Error::Other(why.into())));
        }
        let mut answers = world.listen("answers").await;
        world.publish("delegate", ask("elsewhere x")).await;
        assert!(text(&answers.next().await).contains("is that of a message in hand"));
        world.publish("keep", ask("")).await;
        assert_eq!(world.handled("keep").await, Outcome::Ok);
        world.publish("late", ask("")).await;
        assert!(text(&answers.next().await).contains("no longer in hand"));
        world.publish("huge", ask(&((16 << 20) + 1).to_string())).await;
        assert_eq!(text(&answers.next().await), "Error::MessageTooLarge");
    });
}

/// All wait in one instance, and each gets its own reply.
#[test]
fn each_of_many_messages_in_hand_has_its_own_reply() {
    on_memory_variants(|variant| async move {
        const NUMBER: usize = 20;
        let world = World::new(variant).with_instances(1);
        start(&world, &["ask", "echo", "replies"], &[]).await;
        let (mut answers, mut requests) = (world.listen("answers").await, world.listen("prices").await);
        for number in 0..NUMBER {
            let message = ask(&format!("prices {number}")).with("correlation-id", &format!("mine-{number}"));
            world.publish("ask", message).await;
        }
        let mut asked = BTreeMap::new();
        for _ in 0..NUMBER {
            let request = requests.next().await;
            asked.insert(text(&request), request);
        }
        // Another message passes those that wait.
        world.publish("echo", ask("passes").with("correlation-id", "other")).await;
        let passed = answers.next().await;
        assert_eq!((&*text(&passed), passed.get("correlation-id")), ("passes", Some("other")));
        for (number, request) in asked.iter().rev() {
            world.publish("replies", answer(request, &format!("for {number}"))).await;
            let reply = answers.next().await;
            let id = format!("mine-{number}");
            assert_eq!((text(&reply), reply.get("correlation-id")), (format!("for {number}"), Some(&*id)));
        }
    });
}

/// As application and as handler, with a sync guest of `wasi:messaging` between the two, which is lifted.
#[test]
fn it_is_linked_with_sync_guests_and_with_itself() {
    on_memory_variants(|variant| async move {
        let link = Composition::new("streams.wasm", fixture("wasmcloud-streams"))
            .handler(["ask"], "courier.wasm", fixture("courier"))
            .handler(["echo"], "streams.wasm", fixture("wasmcloud-streams"))
            // `courier` requests from there.
            .set("metadata.x-to", "echo");
        let composed = variant.around(link).set("reply-topic", "replies").compose().unwrap();
        let package = "wasmcloud:messaging@0.3.0";
        assert_eq!(composed.report.bridged.iter().map(|it| &*it.package).collect::<Vec<_>>(), [package]);
        let world = World::new(variant).with_instances(1);
        world.start_component("linked", &composed.component.to_bytes(), &["ask"], &[]).await;
        let mut answers = world.listen("answers").await;
        let mut seen = BTreeSet::new();
        for number in 0..20 {
            world.publish("ask", ask(&format!("ask hello {number}"))).await;
        }
        for _ in 0..20 {
            seen.insert(text(&answers.next().await));
        }
        assert_eq!(seen, (0..20).map(|number| format!("hello {number}")).collect());
    });
}
