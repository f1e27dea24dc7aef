//! Compares the bus's and the linking's pattern matching with a simple reference.

use super::{Asker, link, texts};
use msgcompose::Pattern;
use proptest::prelude::*;
use std::cmp::Ordering;

/// Matches token by token, recursively.
fn reference(pattern: &[&str], topic: &[&str]) -> bool {
    match (pattern, topic) {
        ([">"], [_, ..]) | ([], []) => true,
        (["*", pattern @ ..], [_, topic @ ..]) => reference(pattern, topic),
        ([wanted, pattern @ ..], [token, topic @ ..]) if wanted == token => reference(pattern, topic),
        _ => false,
    }
}

fn tokens(text: &str) -> Vec<&str> {
    text.split('.').collect()
}

/// Returns the class of each token: 0 for text, 1 for `*`, 2 for `>`.
fn classes(pattern: &str) -> Vec<u8> {
    let class = |token| match token {
        "*" => 1,
        ">" => 2,
        _ => 0,
    };
    tokens(pattern).into_iter().map(class).collect()
}

fn pattern() -> impl Strategy<Value = String> {
    let token = prop_oneof![Just("a"), Just("b"), Just("*")];
    (prop::collection::vec(token, 0..4), any::<bool>()).prop_map(|(mut tokens, rest)| {
        if rest || tokens.is_empty() {
            tokens.push(">");
        }
        tokens.join(".")
    })
}

/// Returns all topics of up to five tokens. One of the tokens is in no pattern.
fn topics() -> Vec<String> {
    let mut topics: Vec<String> = vec![];
    let mut last = vec![String::new()];
    for _ in 0..5 {
        let longer = last.iter().flat_map(|start| ["a", "b", "c"].map(|token| format!("{start}.{token}")));
        last = longer.collect();
        topics.extend(last.iter().map(|topic| topic[1..].to_owned()));
    }
    topics
}

proptest! {
    #[test]
    fn a_pattern_matches_what_the_reference_says(pattern in pattern()) {
        for topic in topics() {
            prop_assert_eq!(subject::matches(&pattern, &topic), reference(&tokens(&pattern), &tokens(&topic)), "{} {}", pattern, topic);
        }
    }

    /// If two patterns match a topic, the first token with different classes decides which is more specific.
    #[test]
    fn specificity_orders_all_that_match_a_topic(one in pattern(), other in pattern()) {
        let parse = |text: &str| text.parse::<Pattern>().unwrap();
        let order = parse(&one).specificity(&parse(&other));
        prop_assert_eq!(order == Ordering::Equal, one == other);
        prop_assert_eq!(parse(&other).specificity(&parse(&one)), order.reverse());
        let both = topics().into_iter().any(|topic| subject::matches(&one, &topic) && subject::matches(&other, &topic));
        if both {
            prop_assert_eq!(order, classes(&one).cmp(&classes(&other)), "{} {}", one, other);
        }
    }

    /// A pattern is covered if others match all its topics. Five tokens are enough for patterns of four.
    #[test]
    fn a_pattern_is_covered_where_others_leave_no_topic(own in pattern(), others in prop::collection::vec(pattern(), 0..4)) {
        let parsed: Vec<Pattern> = others.iter().map(|text| text.parse().unwrap()).collect();
        let covered = own.parse::<Pattern>().unwrap().is_covered(&parsed);
        let left = topics().into_iter().find(|topic| {
            subject::matches(&own, topic) && !others.iter().any(|other| subject::matches(other, topic))
        });
        prop_assert_eq!(covered, left.is_none(), "{} {:?} {:?}", own, others, left);
    }
}

/// The bus uses the same order.
#[test]
fn the_most_specific_handler_is_asked() {
    // `chatty` replies `1 of 3`, `courier` does not reply to these topics, `echo` replies the data.
    let mut asker = Asker::new(link(&[(">", "courier"), ("*.b,a.*.c", "echo"), ("a.*,a.b.c", "chatty")]));
    let mut ask = |topic: &str| asker.request(topic, "x").map(|replies| texts(&replies).join(" "));
    for topic in ["a.b", "a.z", "a.b.c"] {
        assert_eq!(ask(topic).unwrap(), "1 of 3", "{topic}");
    }
    for topic in ["z.b", "a.z.c"] {
        assert_eq!(ask(topic).unwrap(), "x", "{topic}");
    }
    assert_eq!(ask("z"), Err("timeout".into()));
    // Only a handler that names system topics gets them.
    assert_eq!(ask("$SYS.b"), Err("other: no handler is linked for `$SYS.b`".into()));
}
