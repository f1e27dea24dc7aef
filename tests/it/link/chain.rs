//! Handlers that send requests to handlers: a guest reaches those behind it.

use super::{Asker, Said, in_both, link, texts};
use crate::support::fixture;
use msgcompose::{Composition, Validation, link::MAX_HANDLERS};

/// Links `count` handlers that differ only in a custom section.
fn chained(count: usize) -> Composition {
    let mut link = Composition::new("asker.wasm", fixture("asker")).with(|all| all.validate = Validation::Full);
    for number in 1..=count {
        let mut courier = fixture("courier");
        let text = number.to_string();
        courier.extend([0, u8::try_from(2 + text.len()).unwrap(), 1, b'n']);
        courier.extend(text.bytes());
        link = link.handler([format!("outcome.{number}"), format!("h{number}")], format!("{number}.wasm"), courier);
    }
    link
}

/// Each handler is another component, reached through all those before it.
#[test]
fn ten_handlers_in_a_chain() {
    let link = chained(10).handler(["echo", "state"], "echo.wasm", fixture("courier-c"));
    let report = chained(10).compose().unwrap().report;
    assert_eq!(report.routes.len(), 10);
    let mut asker = Asker::new(link);
    assert_eq!(texts(&asker.request("echo", "x").unwrap()), ["x"]);
    // Handlers that do not know the topic take it, and do not reply.
    for number in 1..=10 {
        assert_eq!(asker.request(&format!("h{number}"), "x"), Err("timeout".into()));
    }
}

/// A request within a request, nested as deep as possible.
#[test]
fn requests_are_nested_as_deep_as_there_are_handlers() {
    let deep = |count: usize| {
        // Each `courier` sends requests through `ask`, to the topic of the next one.
        let mut link = Composition::new("asker.wasm", fixture("asker"));
        for number in 1..count {
            let mut desk = fixture("nester");
            let text = number.to_string();
            desk.extend([0, u8::try_from(2 + text.len()).unwrap(), 1, b'n']);
            desk.extend(text.bytes());
            link = link.handler([format!("nest.{}", count - number)], format!("{number}.wasm"), desk);
        }
        link.handler(["nest.0"], "last.wasm", fixture("echo"))
    };
    for count in [2, 10, MAX_HANDLERS] {
        let mut asker = Asker::new(deep(count));
        let top = format!("nest.{}", count - 1);
        assert_eq!(texts(&asker.request(&top, "deep").unwrap()), ["deep"], "{count}");
    }
    let error = deep(MAX_HANDLERS + 1).compose().unwrap_err();
    assert_eq!(error.to_string(), "65 handlers are given, and 64 is the limit");
}

/// Handlers to the left are not reached, whatever the topic.
#[test]
fn no_handler_reaches_those_to_its_left() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("echo", "courier"), ("outcome", "courier-c"), ("far", "echo")]));
        let outcome = |asker: &mut Asker, topic: &str| {
            texts(&asker.request("outcome", Said::from("x").with("x-to", topic)).unwrap()).join("")
        };
        assert_eq!(outcome(&mut asker, "far"), "ok 1");
        assert_eq!(outcome(&mut asker, "echo"), "other: no handler is linked for `echo`");
        assert_eq!(outcome(&mut asker, "outcome"), "other: no handler is linked for `outcome`");
        let sent = Said::from("x").with("x-to", "echo").with("x-how", "send");
        assert_eq!(texts(&asker.request("outcome", sent).unwrap()), ["other: no handler is linked for `echo`"]);
    });
}

/// A request goes to the most specific of the reachable handlers.
#[test]
fn a_less_specific_handler_is_asked_where_the_other_is_not_reached() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("x.y", "chatty"), ("ask", "courier"), ("x.*", "echo")]));
        assert_eq!(texts(&asker.request("x.y", "a").unwrap()), ["1 of 3"]);
        assert_eq!(texts(&asker.request("x.z", "a").unwrap()), ["a"]);
        assert_eq!(texts(&asker.request("ask", Said::from("a").with("x-to", "x.y")).unwrap()), ["a"]);
    });
}
