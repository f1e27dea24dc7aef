//! Async guests in a link: many messages are handled at once, and sync guests are lifted.

use super::{Asker, Said, in_both, link, texts};
use crate::{
    engine::{World, on_memory_variants, text},
    support::fixture,
};
use msgcompose::{Composition, Validation, link::Unrouted, types::Dialect};
use msgcompose_host::{Message, Outcome};
use std::collections::BTreeSet;

/// Links the async application with handlers.
fn tasks(handlers: &[(&str, &str)]) -> Composition {
    let link = Composition::new("asker.wasm", fixture("asker-async")).with(|all| all.validate = Validation::Full);
    handlers.iter().fold(link, |link, (patterns, handler)| {
        link.handler(patterns.split(','), format!("{handler}.wasm"), super::guest(handler))
    })
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

/// Each waits until all are there.
#[test]
fn messages_meet_in_an_async_handler() {
    let mut asker = Asker::new(tasks(&[("meet", "waiter")]));
    for _ in 0..3 {
        assert_eq!(asker.at_once("meet", &vec!["50".to_owned(); 50]), vec!["50"; 50]);
    }
}

/// The engine keeps the calls of a sync handler apart.
#[test]
fn a_sync_handler_has_one_message_at_a_time() {
    for handler in ["courier", "courier-c", "courier-js"] {
        let link = tasks(&[("state", handler)]);
        let note = format!("`{handler}.wasm` is lifted to async: it handles one message at a time");
        let report = link.clone().compose().unwrap().report;
        assert_eq!(report.dialect, Dialect::Async);
        assert!(report.notes.contains(&note), "{:?}", report.notes);
        // Those that wait are called in any order.
        let counts = Asker::new(link).at_once("state", &vec![String::new(); 30]);
        let mut counts: Vec<u32> = counts.iter().map(|count| count.parse().unwrap()).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=30).collect::<Vec<_>>());
    }
}

/// Requests within requests, through guests of each kind. No reply reaches another request.
#[test]
fn nested_requests_at_once_get_their_own_replies() {
    let handlers =
        [("nest.4", "waiter"), ("nest.3", "nester"), ("nest.2", "waiter"), ("nest.1", "nester"), ("nest.0", "echo")];
    let mut asker = Asker::new(tasks(&handlers));
    for _ in 0..10 {
        assert_eq!(asker.at_once("nest.4", &numbers(200)), numbers(200));
    }
    // Nobody is asked for it.
    assert_eq!(asker.at_once("nest.7", &numbers(2)), vec!["other: no handler is linked for `nest.7`"; 2]);
}

/// A request that is given up leaves nothing behind, and its handler is free for others.
#[test]
fn a_request_that_is_given_up_is_forgotten() {
    let mut asker = Asker::new(tasks(&[("nest.2,meet", "waiter"), ("nest.1", "waiter"), ("nest.0", "echo")]));
    for _ in 0..100 {
        assert_eq!(asker.give_up("meet", "1000000"), Ok(false));
    }
    assert_eq!(texts(&asker.request("nest.2", "x").unwrap()), ["x"]);
}

#[test]
fn failures_of_async_handlers_are_handled_like_those_of_sync_ones() {
    for handler in ["waiter", "courier"] {
        let late = if handler == "waiter" { "late" } else { "fail-late" };
        let mut asker = Asker::new(tasks(&[("fail,late,fail-late", handler)]));
        assert_eq!(asker.request("fail", "other"), Err("other: asked to fail".into()), "{handler}");
        assert_eq!(texts(&asker.request(late, "x").unwrap()), ["early"], "{handler}");
        let error = asker.send("fail", "other").unwrap_err();
        let expected = format!("other: `{handler}.wasm` failed to handle `fail`: other: asked to fail");
        assert_eq!(error, expected);
        let mut asker = Asker::new(tasks(&[("fail,late,fail-late", handler), ("$failed", "waiter")]));
        assert_eq!(asker.send("fail", "other"), Ok(()), "{handler}");
    }
    // An async handler sends to handlers to its right, and waits for them.
    let mut asker = Asker::new(tasks(&[("tell", "waiter"), ("told", "stubborn")]));
    let told = asker.request("tell", "denied").unwrap();
    assert!(texts(&told)[0].contains("`stubborn.wasm` failed to handle `told`"), "{told:?}");
}

/// A message is handled as under a sync application.
#[test]
fn a_handler_sees_the_same_as_under_a_sync_application() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("see", "stubborn")]));
        let seen = asker.request("see", Said::from("tell me").with("own", "1")).unwrap_err();
        assert!(seen.contains(r#"("own", "1"), ("correlation-id", "00000000000000000000000000000001")"#), "{seen}");
    });
}

/// Whatever the guests speak among themselves, the host has its own dialect. A program requests many times at once, and
/// sends the outcome over the host.
#[test]
fn what_leaves_is_in_the_dialect_of_the_host() {
    on_memory_variants(|variant| async move {
        let link = Composition::new("crowd-program.wasm", fixture("crowd-program"))
            .handler(["prices"], "echo.wasm", fixture("echo"))
            .with(|all| (all.unrouted, all.dialect) = (Some(Unrouted::Host), Some(variant.form())));
        let link = variant.around(link).set("reply-topic", "replies");
        let composed = link.compose().unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(composed.report.dialect, variant.form());
        let world = World::new(variant);
        let bytes = composed.component.to_bytes();
        let program = world.start_component("crowd-program", &bytes, &[], &["prices", "12"]).await;
        let mut outcomes = world.listen("crowd.outcome").await;
        assert_eq!(world.run(&program).await, Outcome::Ok);
        assert_eq!(text(&outcomes.next().await), numbers(12).join("\n"));
    });
}

/// Messages of the host reach a lifted application, whose requests an async handler answers, and its replies the host.
#[test]
fn what_comes_in_is_in_the_dialect_of_the_host() {
    on_memory_variants(|variant| async move {
        let link = Composition::new("quote-desk.wasm", fixture("quote-desk"))
            .handler(["prices"], "waiter.wasm", fixture("waiter"))
            .with(|all| all.dialect = Some(variant.form()));
        let composed = variant.around(link).set("reply-topic", "replies").compose().unwrap();
        let world = World::new(variant).with_instances(1);
        world.start_component("linked", &composed.component.to_bytes(), &["quotes"], &[]).await;
        let mut answers = world.listen("answers").await;
        for symbol in ["ACME", "EMCA", "MACE"] {
            world.publish("quotes", Message::new(symbol).with("reply-to", "answers").with("correlation-id", "7")).await;
        }
        let mut quotes = BTreeSet::new();
        for _ in 0..3 {
            let came = answers.next().await;
            assert_eq!(came.get("correlation-id"), Some("7"));
            quotes.insert(text(&came));
        }
        assert_eq!(quotes.into_iter().collect::<Vec<_>>(), ["ACME at ACME", "EMCA at EMCA", "MACE at MACE"]);
    });
}
