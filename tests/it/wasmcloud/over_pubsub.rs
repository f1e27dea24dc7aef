//! Guests of wasmCloud's dialect over a host's publish/subscribe, with `reqreply-over-pubsub` around them.

use super::around;
use crate::engine::{Listener, Variant, World, on_keyvalue_variants, text};
use msgcompose_host::{Error, Message, Outcome};
use std::collections::BTreeMap;

/// Starts a guest with both adapters, and lets it handle these topics.
async fn start(world: &World, guest: &str, topics: &[&str], options: &[(&str, &str)]) {
    let composition = world.variant.around(around(guest)).set("reply-topic", "replies");
    let composition = options.iter().fold(composition, |all, (key, value)| all.set(*key, *value));
    let composed = composition.compose().unwrap_or_else(|error| panic!("{error:?}"));
    world.start_component(guest, &composed.component.to_bytes(), topics, &[]).await;
}

/// A message that wants its reply on `answers`.
fn ask(data: &str) -> Message {
    Message::new(data).with("reply-to", "answers")
}

#[test]
fn the_courier_replies_requests_and_publishes() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        let topics = ["echo", "many", "ask", "ask-within", "forward", "send-for-reply", "fail", "replies"];
        start(&world, "wasmcloud-courier", &topics, &[]).await;
        let (mut answers, mut news) = (world.listen("answers").await, world.listen("news").await);
        for (topic, data, replies) in
            [("echo", "x", &["x"][..]), ("many", "x", &["1:x", "2:x", "3:x"]), ("forward", "news of today", &[])]
        {
            world.publish(topic, ask(data).with("correlation-id", "mine")).await;
            for reply in replies {
                let answer = answers.next().await;
                assert_eq!((&*text(&answer), answer.get("correlation-id")), (*reply, Some("mine")));
            }
            assert_eq!(world.handled(topic).await, Outcome::Ok);
        }
        assert_eq!(text(&news.next().await), "of today");
        world.publish("fail", ask("")).await;
        assert_eq!(world.handled("fail").await, Outcome::Failed(Error::Other("asked to fail".into())));

        // Without a place to reply to, nothing is sent and nothing fails.
        world.publish("echo", Message::new("x")).await;
        assert_eq!(world.handled("echo").await, Outcome::Ok);

        // Its `reply-to` is where a composed responder replies to.
        start(&world, "wasmcloud-echo", &["asked"], &[]).await;
        world.publish("send-for-reply", Message::new("asked news")).await;
        assert_eq!(text(&news.next().await), "asked");

        world.publish("ask-within", ask("nobody 20 x")).await;
        assert_eq!(text(&answers.next().await), "error request timed out after 20ms");
    });
}

#[test]
fn guests_of_both_dialects_ask_each_other() {
    on_keyvalue_variants(|variant| async move {
        let world = World::new(variant);
        start(&world, "wasmcloud-courier", &["ask", "replies"], &[]).await;
        start(&world, "wasmcloud-prices", &["their-prices"], &[]).await;
        world.start("pricer", &["prices"], &[]).await;
        let mut answers = world.listen("answers").await;
        for topic in ["prices", "their-prices"] {
            world.publish("ask", ask(&format!("{topic} ACME"))).await;
            assert_eq!(text(&answers.next().await), "32.58");
        }
    });
}

/// Starts two guests that request each other, and plays this many rallies of four requests.
async fn rallies(world: &World, number: usize) {
    for (side, replies) in [("left", "left-replies"), ("right", "right-replies")] {
        start(world, "wasmcloud-courier", &[side, replies], &[("reply-topic", replies)]).await;
    }
    let mut answers: Listener = world.listen("answers").await;
    let at_once = 4;
    let mut played = BTreeMap::new();
    for first in (0..number).step_by(at_once) {
        for ball in first..first + at_once {
            let side = if ball % 2 == 0 { "left" } else { "right" };
            world.publish(side, ask(&format!("4 ball-{ball}"))).await;
        }
        for _ in 0..at_once {
            let back = text(&answers.next().await);
            let (ball, way) = back.split_once(' ').unwrap();
            *played.entry(ball.to_owned()).or_insert(0) += 1;
            let number: usize = ball.strip_prefix("ball-").unwrap().parse().unwrap();
            // The last hit is the first to come back.
            let ways = ["right left right left", "left right left right"];
            assert_eq!(way, ways[number % 2], "{ball}");
        }
    }
    assert_eq!(played.len(), number);
    assert!(played.values().all(|times| *times == 1), "{played:?}");
}

/// None is crossed and none is lost. With `MSGCOMPOSE_MESSAGES=100000`, this many messages are exchanged.
#[test]
fn two_guests_that_request_each_other_cross_nothing() {
    let messages = std::env::var("MSGCOMPOSE_MESSAGES").map_or(2000, |number| number.parse().unwrap());
    // A rally is a message, four requests, and five replies.
    let number = (messages / 10usize).next_multiple_of(4);
    let variant = Variant { mailbox: crate::engine::Mailbox::KeyValue("0.2.0-draft"), concurrency_support: true };
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    threads.block_on(async {
        let world = World::new(variant);
        rallies(&world, number).await;
        assert_eq!(world.keys().await, [""; 0], "the mailbox is empty, and no reply was dropped");
    });
    threads.shutdown_background();
}
