//! Headers and bodies: what is sent is received again, and no metadata can break out of its header.

use super::{attribute_pairs, attributes, content, pairs, typed_data};
use http_mapping::{
    Field, event,
    form::{self, Mode},
    header::{self, Refusal},
    media, reading,
};
use message::Content;
use proptest::{collection::vec, prelude::*};

const MODES: [Mode; 4] = [Mode::Binary, Mode::Structured, Mode::Raw, Mode::Dapr];

/// Returns whether a header belongs to HTTP, as the documentation lists it.
fn is_framing(name: &str) -> bool {
    let listed = [
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
    ];
    listed.contains(&name) || name.starts_with("proxy-")
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

fn fields(headers: &[(&str, &str)]) -> Vec<Field> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}

fn names(headers: &[Field]) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).collect()
}

fn sorted(mut metadata: Vec<(String, String)>) -> Vec<(String, String)> {
    metadata.sort();
    metadata
}

proptest! {
    /// With every mode, metadata, content type, attribute and prefix, the headers are valid.
    #[test]
    fn no_metadata_breaks_out_of_its_header(
        metadata in vec(("(ce-|CE-|proxy-)?.{0,4}|host|Content-Type|te|[a-z]{0,3}[\r\n:]{1,2}", ".{0,4}|[a-z\r\n\t\0\u{7f}:]{0,6}"), 0..4),
        content_type in proptest::option::of(".{0,5}|text/plain[\r\n]{1,2}x: y"),
        own in ".{0,4}|[\r\n]{1,3}x: y",
        prefix in prop::sample::select(vec!["", "x-", "proxy-", "content-", "ce-"]),
    ) {
        let attributes = event::Attributes { id: &own, source: &own, kind: &own, subject: Some(&own) };
        let content = Content { content_type, metadata, data: b"x".to_vec().into() };
        for mode in MODES {
            match form::of(mode, &attributes, &content, prefix) {
                Ok(form) => {
                    for (name, value) in &form.headers {
                        prop_assert!(is_token(name) && *name == name.to_lowercase(), "{:?}", name);
                        prop_assert!(value.iter().all(|byte| !byte.is_ascii_control() || *byte == b'\t'), "{:?}", value);
                    }
                    prop_assert_eq!(&form.headers[0].0, "content-type");
                    prop_assert!(form.headers[1..].iter().all(|(name, _)| !is_framing(name)), "{:?}", form.headers);
                }
                Err((key, _)) => prop_assert!(key == "content-type" || content.metadata.iter().any(|(name, _)| *name == key)),
            }
        }
    }

    #[test]
    fn what_goes_out_in_headers_comes_in_again(
        metadata in proptest::collection::btree_map("(x-|msg-)?[a-z!#$%&'*+.^_`|~-][a-z0-9-]{0,6}", "\\PC{0,10}", 0..6),
        extensions in proptest::collection::btree_map("ce-[a-z0-9]{1,5}", ".{0,8}", 0..4),
        prefix in prop::sample::select(vec!["", "x-", "msg-"]),
        (content_type, data) in typed_data(),
    ) {
        let metadata: Vec<_> = metadata.into_iter().filter(|(key, _)| !key.starts_with("ce-")).chain(extensions).collect();
        let content = Content { content_type, metadata, data: data.into() };
        for mode in [Mode::Binary, Mode::Raw] {
            let form = match form::of(mode, &attributes(), &content, prefix) {
                Ok(form) => form,
                Err((key, refusal)) => {
                    prop_assert_eq!(refusal, Refusal::Framing);
                    prop_assert!(is_framing(&[prefix, &key].concat()) || key == "expect", "{}", key);
                    continue;
                }
            };
            let read = reading::read(form.headers, form.body, prefix, mode != Mode::Raw, 1).unwrap().remove(0);
            prop_assert_eq!(read.content_type.as_deref(), Some(content.content_type.as_deref().unwrap_or(media::BYTES)));
            prop_assert_eq!(read.data, content.data.clone());
            let mut expected = if mode == Mode::Binary { attribute_pairs() } else { vec![] };
            expected.extend(content.metadata.iter().filter(|(key, _)| {
                mode == Mode::Raw || !key.strip_prefix("ce-").is_some_and(event::is_own)
            }).cloned());
            prop_assert_eq!(sorted(read.metadata), sorted(expected));
        }
    }

    /// An event in JSON is received completely, with and without its metadata in headers.
    #[test]
    fn what_goes_out_in_an_event_comes_in_again(
        metadata in proptest::collection::btree_map("m-[a-z]{1,4}|ce-x[a-z]{0,2}", "[ -~é]{0,8}", 0..6),
        prefix in prop::sample::select(vec!["", "x-"]),
        data in vec(any::<u8>(), 0..20),
    ) {
        let content = Content { content_type: Some("a/b".into()), metadata: metadata.into_iter().collect(), data: data.into() };
        for mode in [Mode::Structured, Mode::Dapr] {
            let form = form::of(mode, &attributes(), &content, prefix).unwrap();
            prop_assert_eq!(form.headers[0].1.as_slice(), media::EVENT.as_bytes());
            prop_assert!(mode == Mode::Structured || form.headers.len() == 1);
            let read = reading::read(form.headers, form.body, prefix, true, 1).unwrap().remove(0);
            prop_assert_eq!((&read.content_type, &read.data), (&content.content_type, &content.data));
            prop_assert_eq!(sorted(read.metadata), sorted([attribute_pairs(), content.metadata.clone()].concat()));
        }
    }

    #[test]
    fn any_request_is_read_or_refused(
        headers in vec((".{0,5}|ce-.{0,3}|content-type|x-.{0,2}", vec(any::<u8>(), 0..5)), 0..5),
        content_type in prop::sample::select(vec![media::EVENT, media::BATCH, "application/cloudevents+json;a", "", "x"]),
        body in prop_oneof![vec(any::<u8>(), 0..30), "[\\[\\]{}:,\"a1]{0,20}".prop_map(String::into_bytes)],
        unpack: bool,
        most in 0..3usize,
    ) {
        let mut headers = headers;
        headers.push(("Content-Type".to_owned(), content_type.into()));
        if let Ok(read) = reading::read(headers, body.into(), "x-", unpack, most) {
            prop_assert!(read.len() <= most.max(1));
        }
    }
}

#[test]
fn metadata_that_cannot_be_a_header_is_refused_by_its_key() {
    for (key, value, refusal) in [
        ("", "", Refusal::Name),
        ("a b", "", Refusal::Name),
        ("a:", "", Refusal::Name),
        ("é", "", Refusal::Name),
        ("ce-a b", "", Refusal::Name),
        ("Host", "", Refusal::Framing),
        ("CONTENT-LENGTH", "", Refusal::Framing),
        ("content-type", "", Refusal::Framing),
        ("proxy-x", "", Refusal::Framing),
        ("ce-datacontenttype", "a/b", Refusal::Framing),
        ("a", "b\r\nc: d", Refusal::Value),
        ("a", "\0", Refusal::Value),
        ("a", "\u{7f}", Refusal::Value),
    ] {
        let content = content(&[("fine", "1"), (key, value)], None, b"");
        assert_eq!(header::check(&content, ""), Err((key, refusal)));
        assert_eq!(form::of(Mode::Binary, &attributes(), &content, "").unwrap_err(), (key.to_owned(), refusal));
    }
    let prefixed = content(&[("content-type", ""), ("host", "")], None, b"");
    assert_eq!(header::check(&prefixed, "x-"), Ok(()));
    assert_eq!(header::field("type", "", "content-"), Err(Refusal::Framing), "with its prefix");
    let broken = content(&[], Some("text/plain\r\nx: y"), b"");
    assert_eq!(header::check(&broken, ""), Err(("content-type", Refusal::Value)));
    for mode in [Mode::Binary, Mode::Structured, Mode::Raw] {
        let refused = form::of(mode, &attributes(), &broken, "").unwrap_err();
        assert_eq!(refused, ("content-type".to_owned(), Refusal::Value));
    }
}

/// Each attribute of a message is sent once, even if the metadata contains its name in another spelling.
#[test]
fn an_attribute_goes_out_once() {
    let all = [("Ce-Id", "x"), ("CE-SUBJECT", "x"), ("ce-Foo", "1 2"), ("CE-foo", "3"), ("A", "1"), ("a", "2")];
    let content = content(&all, None, b"");
    let form = form::of(Mode::Binary, &attributes(), &content, "").unwrap();
    let own = ["content-type", "ce-specversion", "ce-id", "ce-source", "ce-type", "ce-subject"];
    assert_eq!(names(&form.headers), [&own[..], &["ce-foo", "a", "a"]].concat());
    assert_eq!(form.headers[6].1, b"1%202");
    let form = form::of(Mode::Structured, &attributes(), &content, "").unwrap();
    assert_eq!(names(&form.headers), ["content-type", "a", "a"]);
    // Without events there are no attributes: everything is metadata.
    let form = form::of(Mode::Raw, &attributes(), &content, "").unwrap();
    assert_eq!(names(&form.headers), ["content-type", "ce-id", "ce-subject", "ce-foo", "ce-foo", "a", "a"]);

    let empty = super::content(&[("Ce-Subject", ""), ("ce-id", "")], None, b"");
    let reply = event::Attributes { subject: None, ..attributes() };
    let form = form::of(Mode::Binary, &reply, &empty, "").unwrap();
    assert_eq!(names(&form.headers), ["content-type", "ce-specversion", "ce-id", "ce-source", "ce-type"]);
}

#[test]
fn an_attribute_of_the_metadata_is_found_whatever_its_case() {
    let metadata = pairs(&[("ce-id", ""), ("Ce-Id", "1"), ("ce-id", "2")]);
    assert_eq!(header::get(&metadata, "ce-id"), Some("1"));
    assert_eq!(header::get(&metadata, "ce-i"), None);
}

fn read(headers: &[(&str, &str)], prefix: &str) -> Vec<(String, String)> {
    header::read(fields(headers), prefix).unwrap().metadata
}

#[test]
fn headers_are_read_as_metadata() {
    let headers = [("X-A", "1"), ("x-b", "é"), ("x-a", "2"), ("Ce-Foo", "a%20b"), ("X-C", "a%20b"), ("empty", "")];
    let expected = [("x-a", "1, 2"), ("x-b", "é"), ("ce-foo", "a b"), ("x-c", "a%20b"), ("empty", "")];
    assert_eq!(read(&headers, ""), pairs(&expected));
    let framing = [
        ("Host", "h"),
        ("content-length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("proxy-authorization", "x"),
        ("te", "x"),
        ("Ce-DataContentType", "a/b"),
    ];
    assert_eq!(read(&framing, ""), []);
    let content = header::read(fields(&[("CONTENT-TYPE", "A/B; c=d")]), "").unwrap();
    assert_eq!(content, super::content(&[], Some("A/B; c=d"), b""));
    let broken = vec![("X-Latin".to_owned(), vec![0xe9])];
    assert_eq!(reading::read(broken, vec![].into(), "", true, 1), Err("header `x-latin` is not UTF-8".to_owned()));
}

/// The prefix is removed exactly from the names that it was added to.
#[test]
fn the_prefix_is_symmetric() {
    let headers =
        [("m-a", "1"), ("b", "2"), ("m-", "3"), ("m-ce-c", "%20"), ("ce-c", "%20"), ("m-host", "4"), ("m-m-d", "5")];
    let expected = [("a", "1"), ("b", "2"), ("m-", "3"), ("m-ce-c", "%20"), ("ce-c", " "), ("host", "4"), ("m-d", "5")];
    assert_eq!(read(&headers, "m-"), pairs(&expected));
    assert_eq!(header::field("ce-c", " ", "m-"), Ok(("ce-c".into(), b"%20".into())));
}

#[test]
fn an_event_is_unpacked_where_that_is_wanted() {
    let event = r#"{"specversion":"1.0","id":"1","data":{}}"#;
    let headers = |content_type| fields(&[("content-type", content_type), ("ce-id", "2"), ("x", "3")]);
    for content_type in ["application/cloudevents+json", "Application/CloudEvents+JSON ; charset=UTF-8"] {
        let read = reading::read(headers(content_type), event.as_bytes().to_vec().into(), "", true, 1).unwrap();
        let expected = [("ce-specversion", "1.0"), ("ce-id", "1"), ("x", "3")];
        assert_eq!(read, [content(&expected, Some("application/json"), b"{}")]);
    }
    let raw = reading::read(headers(media::EVENT), event.as_bytes().to_vec().into(), "", false, 1).unwrap();
    assert_eq!(raw, [content(&[("ce-id", "2"), ("x", "3")], Some(media::EVENT), event.as_bytes())]);
    let not_text = reading::read(headers(media::EVENT), vec![0xff].into(), "", true, 1);
    assert_eq!(not_text, Err("events in JSON are UTF-8".to_owned()));
    let batch = format!("[{event},{event},{event}]");
    let read = reading::read(headers(media::BATCH), batch.into_bytes().into(), "", true, 2).unwrap();
    assert_eq!(read.len(), 2);
    assert_eq!(event::subject(&read[0]), None);
}
