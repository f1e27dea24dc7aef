//! Handlers that ask handlers: order gives reach.

use super::{Asker, Said, link, texts};
use crate::support::fixture;
use msgcompose::{Composition, Validation, link::MAX_HANDLERS};

/// `count` handlers that are not the same to the last byte: a custom section tells them apart.
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

/// Each is another component, reached through all that stand before it.
#[test]
fn ten_handlers_in_a_chain() {
    let link = chained(10).handler(["echo", "state"], "echo.wasm", fixture("courier-c"));
    let report = chained(10).compose().unwrap().report;
    assert_eq!(report.routes.len(), 10);
    let mut asker = Asker::new(link);
    assert_eq!(texts(&asker.request("echo", "x").unwrap()), ["x"]);
    // Those who know nothing of the topic take it, and reply nothing.
    for number in 1..=10 {
        assert_eq!(asker.request(&format!("h{number}"), "x"), Err("timeout".into()));
    }
}

/// A request within a request, to the last of the most that there may be.
#[test]
fn requests_are_nested_as_deep_as_there_are_handlers() {
    let deep = |count: usize| {
        // Each `courier` asks by `ask`; the topic is that of the next one.
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

/// What stands to the left is not reached, by whatever topic.
#[test]
fn nobody_reaches_those_to_the_left() {
    let mut asker = Asker::new(link(&[("echo", "courier"), ("outcome", "courier-c"), ("far", "echo")]));
    let outcome = |asker: &mut Asker, topic: &str| {
        texts(&asker.request("outcome", Said::from("x").with("x-to", topic)).unwrap()).join("")
    };
    assert_eq!(outcome(&mut asker, "far"), "ok 1");
    assert_eq!(outcome(&mut asker, "echo"), "other: no handler is linked for `echo`");
    assert_eq!(outcome(&mut asker, "outcome"), "other: no handler is linked for `outcome`");
    let sent = Said::from("x").with("x-to", "echo").with("x-how", "send");
    assert_eq!(texts(&asker.request("outcome", sent).unwrap()), ["other: no handler is linked for `echo`"]);
}

/// The most specific of those that are reached.
#[test]
fn a_less_specific_handler_is_asked_where_the_other_is_not_reached() {
    let mut asker = Asker::new(link(&[("x.y", "chatty"), ("ask", "courier"), ("x.*", "echo")]));
    assert_eq!(texts(&asker.request("x.y", "a").unwrap()), ["1 of 3"]);
    assert_eq!(texts(&asker.request("x.z", "a").unwrap()), ["a"]);
    assert_eq!(texts(&asker.request("ask", Said::from("a").with("x-to", "x.y")).unwrap()), ["a"]);
}
