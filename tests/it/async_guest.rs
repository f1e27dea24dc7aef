//! A guest that is async already: the composition keeps its dialect, whatever the mailbox.

use crate::{
    engine::{Variant, World, answer, on_keyvalue_variants, on_memory_variants, text},
    support::FLAGSHIP,
};
use msgcompose::types::Dialect;
use msgcompose_host::{Message, Outcome};
use std::time::Duration;

#[test]
fn in_memory_it_has_many_requests_at_once_in_one_instance_and_no_more_than_may_wait() {
    on_memory_variants(|variant| async move {
        let world = World::new(variant).with_instances(1);
        world.start("crowd", &["crowd", "replies"], &[("max-pending", "8")]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("crowd.outcome").await);
        // Refused requests hold no seat, so the second round is like the first.
        for _ in 0..2 {
            world.publish("crowd", Message::new("prices 12")).await;
            let mut waiting = Vec::new();
            for _ in 0..8 {
                waiting.push(requests.next().await);
            }
            // Let the others be refused before there is room again.
            assert!(requests.is_silent(Duration::from_millis(300)).await);
            for request in waiting.iter().rev() {
                world.publish("replies", answer(request, &text(request))).await;
            }
            let outcome = text(&outcomes.next().await);
            let outcome: Vec<_> = outcome.lines().collect();
            assert_eq!(outcome[..8], ["0", "1", "2", "3", "4", "5", "6", "7"]);
            assert_eq!(outcome.len(), 12);
            for refused in &outcome[8..] {
                assert!(refused.starts_with("Error::Other") && refused.contains("`max-pending`"), "{refused}");
            }
        }
    });
}

#[test]
fn with_a_bucket_its_requests_wait_one_after_the_other() {
    on_keyvalue_variants(|variant| async move {
        if !variant.concurrency_support {
            return;
        }
        let report = variant.composition("crowd", &[("reply-topic", "replies")]).compose().unwrap().report;
        assert_eq!(report.dialect, Dialect::Mixed);
        assert!(report.lifted.iter().all(|function| function.types == 0), "{:?}", report.lifted);
        let world = World::new(variant);
        world.start("crowd", &["crowd", "replies"], &[]).await;
        let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("crowd.outcome").await);
        world.publish("crowd", Message::new("prices 4")).await;
        for _ in 0..4 {
            let request = requests.next().await;
            assert!(requests.is_silent(Duration::from_millis(50)).await);
            world.publish("replies", answer(&request, &text(&request))).await;
        }
        assert_eq!(text(&outcomes.next().await), "0\n1\n2\n3");
    });
}

/// Answers 12 requests of `crowd-program`, the last one first if all wait at once, and checks the outcome.
async fn run_program(variant: Variant) {
    let world = World::new(variant).with_instances(2);
    let composed = variant.composition("crowd-program", &[("reply-topic", "replies")]).compose().unwrap();
    assert!(composed.plan.contains(&format!("{FLAGSHIP}/handler\n")), "{}", composed.plan);
    let bytes = composed.component.to_bytes();
    let program = world.start_component("crowd-program", &bytes, &["replies"], &["prices", "12"]).await;
    let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("crowd.outcome").await);
    let answers = async {
        let at_once = if variant.is_in_memory() { 12 } else { 1 };
        for _ in 0..12 / at_once {
            let mut waiting = Vec::new();
            for _ in 0..at_once {
                waiting.push(requests.next().await);
            }
            for request in waiting.iter().rev() {
                world.publish("replies", answer(request, &text(request))).await;
            }
        }
    };
    let (ran, ()) = tokio::join!(world.run(&program), answers);
    assert_eq!(ran, Outcome::Ok);
    for reason in ["unknown", "duplicate", "surplus", "malformed"] {
        assert_eq!(world.dropped(reason).await, 0, "{reason}");
    }
    let numbers: Vec<_> = (0..12).map(|number| number.to_string()).collect();
    assert_eq!(text(&outcomes.next().await), numbers.join("\n"));
}

#[test]
fn a_program_gets_its_replies_in_its_own_instance() {
    on_memory_variants(run_program);
}

#[test]
fn a_program_gets_its_replies_from_a_bucket() {
    on_keyvalue_variants(|variant| async move {
        if variant.concurrency_support {
            run_program(variant).await;
        }
    });
}
