//! CloudEvents in JSON: written events are read back, and events of others are read by the rules of the format.

use super::{attribute_pairs, attributes, content, pairs, typed_data};
use http_mapping::{event, form, media};
use message::Content;
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::Value;
use std::collections::BTreeMap;

fn written(content: &Content, all_metadata: bool) -> String {
    let mut out = Vec::new();
    event::write(&attributes(), content, all_metadata, &mut out);
    String::from_utf8(out).unwrap()
}

fn any_content() -> impl Strategy<Value = Content> {
    let key = prop_oneof!["(ce|CE|Ce)-[a-zA-Z0-9]{1,3}", "ce-.{0,3}", "[a-z-]{0,8}", ".{0,4}"];
    (btree_map(key, ".{0,6}", 0..6), typed_data()).prop_map(|(metadata, (content_type, data))| Content {
        content_type,
        metadata: metadata.into_iter().collect(),
        data: data.into(),
    })
}

/// Returns content as it is after a round trip through an event. Keys of attributes are in lower case, and JSON has no
/// white space around it.
fn expected(content: &Content) -> (Option<String>, BTreeMap<String, String>, Vec<u8>) {
    let mut metadata: BTreeMap<_, _> = attribute_pairs().into_iter().collect();
    for (key, value) in content.metadata.iter().filter(|(key, _)| !key.is_empty()) {
        let key = event::extension(key).map_or(key.clone(), |name| format!("ce-{name}"));
        metadata.entry(key).or_insert(value.clone());
    }
    let data = content.data.to_vec();
    let is_json = content.content_type.as_deref().is_some_and(media::is_json);
    let value = std::str::from_utf8(&data).ok().filter(|_| is_json).and_then(json::value);
    let data = value.filter(|value| *value != "null").map_or(data.clone(), |value| value.as_bytes().to_vec());
    (content.content_type.clone(), metadata, data)
}

fn found(content: Content) -> (Option<String>, BTreeMap<String, String>, Vec<u8>) {
    let entries = content.metadata.len();
    let metadata: BTreeMap<_, _> = content.metadata.into_iter().collect();
    assert_eq!(metadata.len(), entries, "a key has one value");
    (content.content_type, metadata, content.data.to_vec())
}

proptest! {
    #[test]
    fn an_event_is_read_back(content in any_content()) {
        prop_assert_eq!(found(event::read(&written(&content, true)).unwrap()), expected(&content));
    }

    #[test]
    fn a_batch_is_read_back(contents in vec(any_content(), 0..4), most in 0..5usize) {
        let form = form::batch(contents.iter().map(|content| (attributes(), content)));
        prop_assert_eq!(form.headers, [("content-type".to_owned(), media::BATCH.into())]);
        let text = String::from_utf8(form.body.to_vec()).unwrap();
        let events = event::read_batch(&text, most).unwrap();
        let expected: Vec<_> = contents.iter().take(most).map(expected).collect();
        prop_assert_eq!(events.into_iter().map(found).collect::<Vec<_>>(), expected);
    }

    /// Strict readers need each member once, and names as in the format.
    #[test]
    fn an_event_is_well_formed(content in any_content(), all: bool) {
        let mut names = Vec::new();
        json::object(&written(&content, all), |name, _| { names.push(name); Some(()) }).unwrap();
        let well_named = |name: &String| {
            name == "data_base64" || name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        prop_assert!(names.iter().all(well_named), "{:?}", names);
        prop_assert!((1..names.len()).all(|at| !names[at..].contains(&names[at - 1])), "{:?}", names);
        prop_assert_eq!(&names[..5], ["specversion", "id", "source", "type", "subject"]);
    }

    #[test]
    fn no_text_makes_the_reader_panic(content in any_content(), at: prop::sample::Index, to in "[\\[\\]{}:,\"\\\\u0n ]{0,3}", text in ".*") {
        let mut event = written(&content, true);
        let at = at.index(event.len());
        if event.is_char_boundary(at) {
            event.replace_range(at..at, &to);
        }
        let _ = event::read(&event);
        let _ = event::read_batch(&["[", &event, "]"].concat(), 2);
        let _ = event::read(&text);
        let _ = event::read_batch(&text, 2);
    }
}

#[test]
fn data_is_written_as_what_it_is() {
    for (content_type, data, member) in [
        (Some("application/json"), " {\"a\": [1]}\n", r#""data":{"a": [1]}"#),
        (Some("APPLICATION/JSON; charset=utf-8"), "1", r#""data":1"#),
        (Some("application/problem+json"), "\"a\"", r#""data":"a""#),
        // It would be read back as no data, if it were not encoded.
        (Some("application/json"), "null", r#""data_base64":"bnVsbA==""#),
        (Some("application/json"), "{", r#""data_base64":"ew==""#),
        (Some("text/json"), "{", r#""data_base64":"ew==""#),
        (Some("text/plain"), "a\"b", r#""data":"a\"b""#),
        (Some("Text/Plain; x=y"), "1", r#""data":"1""#),
        (Some("application/octet-stream"), "1", r#""data_base64":"MQ==""#),
        (None, "1", r#""data_base64":"MQ==""#),
    ] {
        let event = written(&content(&[], content_type, data.as_bytes()), false);
        assert!(event.ends_with(&format!(",{member}}}")), "{event}");
    }
    assert!(written(&content(&[], Some("text/plain"), b"\xff"), false).ends_with(r#","data_base64":"/w=="}"#));
    assert!(!written(&content(&[], Some("text/plain"), b""), false).contains("data\""));
}

#[test]
fn attributes_are_metadata_and_metadata_attributes() {
    let all = [
        ("ce-foo", "1"),
        ("Ce-Foo", "2"),
        ("CE-BAR", "3"),
        ("ce-id", "9"),
        ("Ce-Source", "9"),
        ("a", "4"),
        ("ce-a-b", "5"),
    ];
    let event: Value = serde_json::from_str(&written(&content(&all, None, b""), true)).unwrap();
    let expected = serde_json::json!({
        "specversion": "1.0", "id": "1", "source": "/s", "type": "k", "subject": "a.topic",
        "foo": "1", "bar": "3", "msgmetadata": r#"{"a":"4","ce-a-b":"5"}"#,
    });
    assert_eq!(event, expected);
    for key in ["ce-", "ce-data", "ce-datacontenttype", "ce-msgmetadata", "ce-a_b", "ce-é", "foo", "cefoo"] {
        assert_eq!(event::extension(key), None, "{key}");
    }
}

/// Reads an event with these members beside `specversion`.
fn read(members: &str) -> Result<Content, event::Malformed> {
    event::read(&format!(r#" {{"specversion":"1.0",{members}}} "#))
}

#[test]
fn data_is_read_as_the_format_says() {
    for (members, content_type, data) in [
        (r#""data": {"a" : 1 }"#, Some("application/json"), r#"{"a" : 1 }"#),
        (r#""data":"a\n""#, Some("application/json"), r#""a\n""#),
        (r#""data":"a\n","datacontenttype":"application/json""#, Some("application/json"), r#""a\n""#),
        (r#""datacontenttype":"x/Y+JSON;a=b","data":"a""#, Some("x/Y+JSON;a=b"), r#""a""#),
        (r#""datacontenttype":"text/plain","data":"a\n\u00e9""#, Some("text/plain"), "a\né"),
        (r#""data":"a","datacontenttype":"application/xml""#, Some("application/xml"), "a"),
        (r#""datacontenttype":"text/plain","data":{"a":1}"#, Some("text/plain"), r#"{"a":1}"#),
        (r#""data_base64":"AQ==""#, None, "\x01"),
        (r#""datacontenttype":"application/json","data_base64":"MQ==""#, Some("application/json"), "1"),
        (r#""data":null,"data_base64":"MQ==","datacontenttype":null"#, None, "1"),
        (r#""data":null"#, None, ""),
        (r#""datacontenttype":"text/plain""#, Some("text/plain"), ""),
        (r#""data":"","datacontenttype":"text/plain""#, Some("text/plain"), ""),
    ] {
        let event = read(members).unwrap();
        assert_eq!(event, content(&[("ce-specversion", "1.0")], content_type, data.as_bytes()), "{members}");
    }
}

#[test]
fn attributes_are_read_as_text() {
    let event =
        read(r#""a":1,"b":true,"c":null,"d":"\"x\u20ac","e":-1.50,"f":{"g":[]},"A":"upper","ce-a":"twice","":"none""#);
    let expected = [
        ("ce-specversion", "1.0"),
        ("ce-a", "1"),
        ("ce-b", "true"),
        ("ce-d", "\"x€"),
        ("ce-e", "-1.50"),
        ("ce-f", r#"{"g":[]}"#),
        ("ce-A", "upper"),
        ("ce-ce-a", "twice"),
        ("ce-", "none"),
    ];
    assert_eq!(event.unwrap().metadata, pairs(&expected));
    assert_eq!(event::read(r#"{"specversion":1.0}"#).unwrap().metadata, pairs(&[("ce-specversion", "1.0")]));
}

/// Others may use the extension that holds metadata for something else.
#[test]
fn the_metadata_of_somebody_else_is_an_attribute() {
    let metadata = |members: &str| read(members).unwrap().metadata[1..].to_vec();
    assert_eq!(metadata(r#""msgmetadata":"{\"a\":\"1\",\"\":\"2\"}""#), pairs(&[("a", "1")]));
    assert_eq!(metadata(r#""msgmetadata":null"#), []);
    for text in ["x", "[]", "{\\\"a\\\":1}", "{}x"] {
        let read = metadata(&format!(r#""msgmetadata":"{text}""#));
        assert_eq!(read, pairs(&[("ce-msgmetadata", &text.replace('\\', ""))]));
    }
    assert_eq!(metadata(r#""msgmetadata":7"#), pairs(&[("ce-msgmetadata", "7")]));
}

#[test]
fn what_is_no_event_is_refused() {
    let object = "an event is a JSON object";
    let version = "an event has a `specversion`";
    for (text, reason) in [
        ("", object),
        ("[]", object),
        ("null", object),
        (r#"{"specversion":"1.0""#, object),
        (r#"{"specversion":"1.0"}x"#, object),
        (r#"{"specversion":"1.0"}{}"#, object),
        (r#"{"specversion":"1.0","a":}"#, object),
        ("{}", version),
        (r#"{"id":"1"}"#, version),
        (r#"{"specversion":null}"#, version),
        (r#"{"SpecVersion":"1.0"}"#, version),
        (r#"{"specversion":"1.0","data_base64":"x"}"#, "the `data_base64` of an event is in base 64"),
        (r#"{"specversion":"1.0","data_base64":1}"#, "the `data_base64` of an event is in base 64"),
    ] {
        assert_eq!(event::read(text), Err(reason), "{text}");
    }
    let batch = "a batch is a JSON array of events";
    for (text, reason) in [
        ("{}", batch),
        ("[", batch),
        ("[]]", batch),
        (r#"[{"specversion":"1.0"},]"#, batch),
        (r#"[{"specversion":"1.0"},{}]"#, version),
        ("[1]", object),
    ] {
        assert_eq!(event::read_batch(text, 10), Err(reason), "{text}");
    }
    assert_eq!(event::read_batch(" [ ] ", 10), Ok(vec![]));
}

/// A name that is there twice counts twice.
#[test]
fn an_event_of_too_many_attributes_is_refused() {
    let members = |many: usize| (0..many).map(|at| format!(r#""a{at}":1"#)).collect::<Vec<_>>().join(",");
    assert_eq!(read(&members(999)).unwrap().metadata.len(), 1000);
    let refused = Err("an event has at most 1,000 attributes");
    assert_eq!(read(&members(1_000_000)), refused);
    let inner = members(1_000_000).replace(":1", ":\"\"").replace('"', "\\\"");
    assert_eq!(read(&format!(r#""msgmetadata":"{{{inner}}}""#)), refused);
    let repeated = |times: usize| read(&vec![r#""msgmetadata":"{\"a\":\"1\"}""#; times].join(","));
    assert_eq!(repeated(999).unwrap().metadata, pairs(&[("ce-specversion", "1.0"), ("a", "1")]));
    assert_eq!(repeated(1000), refused);
}
