//! How messages become HTTP requests and back (`docs/messaging-over-http.md`), without a host.

mod codecs;
mod events;
mod forms;
mod json;
mod places;
mod repeated;

use message::Content;
use proptest::{collection::vec, prelude::*};

/// Returns content with these metadata, content type and data.
fn content(metadata: &[(&str, &str)], content_type: Option<&str>, data: &[u8]) -> Content {
    Content { content_type: content_type.map(str::to_owned), metadata: pairs(metadata), data: data.to_vec().into() }
}

fn pairs(metadata: &[(&str, &str)]) -> Vec<(String, String)> {
    metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Returns the attributes for a message that has none of its own.
fn attributes<'a>() -> http_mapping::event::Attributes<'a> {
    http_mapping::event::Attributes { id: "1", source: "/s", kind: "k", subject: Some("a.topic") }
}

/// Returns [`attributes`] as metadata.
fn attribute_pairs() -> Vec<(String, String)> {
    pairs(&[
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/s"),
        ("ce-type", "k"),
        ("ce-subject", "a.topic"),
    ])
}

/// A content type and data, which may or may not fit together.
fn typed_data() -> impl Strategy<Value = (Option<String>, Vec<u8>)> {
    let types = prop::sample::select(vec![
        "application/json",
        "Application/Problem+JSON; charset=utf-8",
        "text/json",
        "text/plain",
        "TEXT/html; charset=utf-8",
        "application/octet-stream",
        "x",
        "",
    ]);
    let data = prop_oneof![
        vec(any::<u8>(), 0..40),
        ".{0,20}".prop_map(String::into_bytes),
        json::value(3).prop_map(|value| value.to_string().into_bytes()),
        Just(b"null".to_vec()),
    ];
    (proptest::option::of(types.prop_map(str::to_owned)), data)
}

/// A body that arrives byte by byte is stored in few pieces, and one in large pieces in as many. Neither loses a byte.
#[test]
fn small_pieces_are_put_together() {
    let mut trickle = message::Data::default();
    (0..100_000u32).for_each(|at| trickle.push(vec![at as u8]));
    assert_eq!((trickle.len(), trickle.pieces().count()), (100_000, 1));
    assert!(trickle.into_vec().into_iter().eq((0..100_000u32).map(|at| at as u8)));

    let mut large = message::Data::default();
    (0..3).for_each(|at| large.push(vec![at; 65_536]));
    assert_eq!(
        large.pieces().map(|piece| (piece[0], piece.len())).collect::<Vec<_>>(),
        [(0, 65_536), (1, 65_536), (2, 65_536)]
    );
}
