//! Options at run time: the rules of a config layer are those of composing, and what is set goes over what is baked.

use config_rules::{Options, Place, check, merge};
use msgcompose::{
    ConfigFrom,
    internals::config::rule,
    option::OptionType::{
        self, Choice, Header, HeaderPrefix, Key, Keys, Number, OptionalHeader, OptionalKey, Path, StoreKey,
        Subscriptions, Text, Topic, TopicPatterns, Url,
    },
};
use proptest::prelude::*;

/// For each layer.
const LAYER: usize = 12 * 1024 + 512;

fn kinds() -> [OptionType; 15] {
    let choice = Choice { values: vec!["a".into(), "b c".into()] };
    let number = Number { min: 1, max: 1000 };
    [
        Text,
        Topic,
        TopicPatterns,
        Key,
        OptionalKey,
        Keys,
        StoreKey,
        number,
        choice,
        Url,
        Path,
        Header,
        OptionalHeader,
        HeaderPrefix,
        Subscriptions,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Characters that `{:?}` writes otherwise are in the next test.
    #[test]
    fn a_layer_takes_what_composing_takes_and_complains_in_the_same_words(value in "[ -&(-Z^-~,>äß]{0,9}|[+]?[0-9]{1,5}|a|b c|https?://[a-z:.?@]{0,5}/{0,2}|/?[a-z%?]{0,3}/{0,2}|[a-z]/[a-z]") {
        for kind in kinds() {
            prop_assert_eq!(check(&rule(&kind), &value), kind.parse(&value), "{}", kind);
        }
    }

    #[test]
    fn a_layer_takes_no_value_that_composing_refuses(value in ".{0,6}|[\\p{Z}\\p{C}a,]{0,6}") {
        for kind in kinds() {
            prop_assert_eq!(check(&rule(&kind), &value).ok(), kind.parse(&value).ok(), "{}", kind);
        }
    }
}

#[test]
fn numbers_are_compared_as_numbers() {
    let of = |min, max| rule(&Number { min, max });
    assert_eq!(check(&of(0, 9), "000"), Ok("0".into()));
    assert_eq!(check(&of(0, u64::MAX), "+018446744073709551615"), Ok(u64::MAX.to_string()));
    let refused = |text: &str| Err(format!("is not a number from {text}"));
    assert_eq!(check(&of(0, u64::MAX), "18446744073709551616"), refused("0 to 18446744073709551615"));
    assert_eq!(check(&of(7, 10), "6"), refused("7 to 10"));
    assert_eq!(check(&of(7, 10), ""), refused("7 to 10"));
    assert_eq!(check(&of(0, 10), "+"), refused("0 to 10"));
}

fn options(pairs: &[(&str, &str)]) -> Options {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_is_set_goes_over_what_is_baked() {
    let baked = options(&[
        ("?one", "A_ONE\tONE\n\n\n-c\thas a control character"),
        ("?two", "A_TWO\tTWO\none\nThe second\n!"),
        ("one", "1"),
    ]);
    let merged = |set: &[(&str, &str)]| merge(&baked, &options(set), Place("<", ">"));
    let both = |one, two| Ok(options(&[("one", one), ("two", two)]));
    assert_eq!(merged(&[("TWO", "2"), ("OTHER", "\0")]), both("1", "2"));
    assert_eq!(merged(&[("TWO", "2"), ("ONE", ""), ("A_TWO", "3")]), both("", "3"));
    assert_eq!(merged(&[]), Err("<TWO> is not set, and no value was baked: The second".into()));
    assert_eq!(merged(&[("A_TWO", "")]), Err("<A_TWO>: the value is empty".into()));
    assert_eq!(merged(&[("TWO", "1")]), Err("<TWO>: `1` is the value of `one` too".into()));
    assert_eq!(merged(&[("TWO", "1"), ("ONE", "\t")]), Err("<ONE>: `\t` has a control character".into()));
}

#[test]
fn a_layer_keeps_within_its_budget() {
    assert!(ConfigFrom::Baked.layer(false).is_none());
    for from in [ConfigFrom::Env, ConfigFrom::Host] {
        let (name, bytes) = from.layer(false).unwrap();
        assert!(bytes.len() <= LAYER, "{name}: {} bytes", bytes.len());
    }
}
