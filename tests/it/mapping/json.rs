//! The JSON reader, compared with `serde_json`.

use proptest::{collection::vec, prelude::*};
use serde::de::IgnoredAny;
use serde_json::Value;

/// Returns any JSON value, nested a few levels.
pub fn value(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((".{0,3}", inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Returns whether the text is JSON. `IgnoredAny` accepts half surrogates and numbers of any size, as the reader does.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[test]
fn what_is_json_is_accepted_and_nothing_else() {
    for text in ["0", "-0.5e+7", " [ ] ", "{\"a\" : [1 , {}]}", "\"\\ud800\"", "1e999", "\"\u{7f}\u{2028}\"", "null\n"]
    {
        assert!(is_json(text) && json::value(text) == Some(text.trim()), "{text}");
    }
    for text in [
        "",
        " ",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "nul",
        "nulll",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{1:2}",
        "{\"a\":1,}",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\t\"",
        "'a'",
        "[1]]",
        "1 1",
        "\u{feff}1",
        "\u{a0}1",
        "[1}",
    ] {
        assert!(!is_json(text) && json::value(text).is_none(), "{text:?}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| ["[".repeat(levels), "1".into(), "]".repeat(levels)].concat();
    assert!(json::value(&nested(32)).is_some());
    assert!(json::value(&nested(33)).is_none());
    assert!(json::value(&"[{\"a\":".repeat(100_000)).is_none());
}

#[test]
fn escapes_are_taken_out_of_strings() {
    for (written, text) in [
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u00e9\u20AC\ud83d\ude00""#, "é€😀"),
        (r#""\udbff\udfff\ud800\udc00\uffff""#, "\u{10ffff}\u{10000}\u{ffff}"),
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\ude00x""#, "\u{fffd}x"),
        (r#""\ud83dA""#, "\u{fffd}A"),
        (r#""\ud83d\n""#, "\u{fffd}\n"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        (r#""\u0000""#, "\0"),
    ] {
        assert_eq!(json::string(written).as_deref(), Some(text), "{written}");
    }
    for other in ["1", "null", "[\"a\"]", "\"", ""] {
        assert_eq!(json::string(other), None, "{other}");
    }
}

proptest! {
    #[test]
    fn json_is_read_as_serde_reads_it(value in value(5), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        prop_assert_eq!(json::value(&text), Some(&*text));
        prop_assert_eq!(json::string(&text), value.as_str().map(str::to_owned));
        let mut members = serde_json::Map::new();
        let is_object = json::object(&text, |name, value| {
            members.insert(name, serde_json::from_str(value).unwrap());
            Some(())
        });
        prop_assert_eq!(is_object.map(|()| members), value.as_object().cloned());
        let mut elements = Vec::new();
        let is_array = json::array(&text, |value| {
            elements.push(serde_json::from_str::<Value>(value).unwrap());
            Some(())
        });
        prop_assert_eq!(is_array.map(|()| elements), value.as_array().cloned());
    }

    #[test]
    fn damaged_json_is_accepted_where_serde_accepts_it(value in value(3), at: prop::sample::Index, to in "[\\[\\]{}:,\"\\\\u0-2a.eE+ -]{0,2}") {
        let mut text = value.to_string();
        let start = at.index(text.len());
        let end = start + 1;
        if text.is_char_boundary(start) && text.is_char_boundary(end) {
            text.replace_range(start..end, &to);
        }
        prop_assert_eq!(json::value(&text).is_some(), is_json(&text), "{}", text);
    }

    #[test]
    fn other_text_is_accepted_where_serde_accepts_it(text in "[\\[\\]{}:,\"\\\\u0-2a.eE+\n -]{0,8}|.{0,8}") {
        prop_assert_eq!(json::value(&text).is_some(), is_json(&text), "{}", text);
        let _ = json::string(&text);
        let _ = json::object(&text, |_, _| Some(()));
    }

    #[test]
    fn a_written_string_is_read_back(text in ".*|[\0-\u{1f}\"\\\\\u{7f}]*") {
        let mut out = Vec::new();
        json::write_string(&text, &mut out);
        let written = String::from_utf8(out).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text.clone());
        prop_assert_eq!(json::string(&written), Some(text));
    }
}
