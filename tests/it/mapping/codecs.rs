//! Base 64, percent-encoding, and quotations in errors.

use http_mapping::{percent, problem};
use proptest::{collection::vec, prelude::*};

fn encoded(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    base64::encode(bytes, &mut out);
    String::from_utf8(out).unwrap()
}

/// RFC 4648, section 10, and the two digits that are neither letters nor numbers.
#[test]
fn base64_is_that_of_the_rfc() {
    for (plain, text) in [
        (&b""[..], ""),
        (b"f", "Zg=="),
        (b"fo", "Zm8="),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg=="),
        (b"fooba", "Zm9vYmE="),
        (b"foobar", "Zm9vYmFy"),
        (b"\xfb\xef\xff", "++//"),
    ] {
        assert_eq!(encoded(plain), text);
        assert_eq!(base64::decode(text).as_deref(), Some(plain));
    }
    for text in
        ["=", "Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm9v\n", " Zg==", "Zg-_", "Zh==", "Zm9=", "Zé="]
    {
        assert_eq!(base64::decode(text), None, "{text:?}");
    }
}

#[test]
fn a_percent_encoding_that_is_none_is_refused() {
    for text in ["%", "%4", "%zz", "a%4g", "%ff", "%c3%28", "%+1"] {
        assert_eq!(percent::decode(text), None, "{text}");
    }
    assert_eq!(percent::decode("a+b%2fc%C3%a9").as_deref(), Some("a+b/cé"));
}

/// The example of CloudEvents HTTP 1.0.2, section 3.1.3.2, and quotes as in older versions.
#[test]
fn attributes_are_encoded_as_the_binding_says() {
    assert_eq!(percent::encode_attribute("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
    for (header, value) in [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        (r#""a b""#, "a b"),
        (r#""a \"b\" \\ %20c""#, r#"a "b" \  c"#),
        (r#"""#, r#"""#),
        (r#""a"#, r#""a"#),
        ("100%", "100%"),
        ("a\\b", "a\\b"),
        ("%2541", "%41"),
    ] {
        assert_eq!(percent::decode_attribute(header.to_owned()), value, "{header}");
    }
}

#[test]
fn an_excerpt_is_one_line_cut_between_characters() {
    assert_eq!(problem::excerpt(b" a\r\nb\x1b\x7fc\n"), "a  b  c");
    assert_eq!(problem::excerpt(b"abc\xffdef"), "abc");
    let long = ["x".repeat(199), "é".repeat(10)].concat();
    assert_eq!(problem::excerpt(long.as_bytes()), "x".repeat(199));
}

proptest! {
    #[test]
    fn base64_is_read_back(bytes in vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(base64::decode(&encoded(&bytes)), Some(bytes));
    }

    /// Each text has exactly one encoding.
    #[test]
    fn what_is_no_base64_is_refused(text in "[A-Da-d0-2+/=]{0,9}|.{0,9}") {
        if let Some(bytes) = base64::decode(&text) {
            prop_assert_eq!(encoded(&bytes), text);
        }
    }

    #[test]
    fn a_topic_in_a_url_is_read_back(text in ".*") {
        let encoded = percent::encode(&text);
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        prop_assert_eq!(percent::decode(&encoded), Some(text));
    }

    #[test]
    fn an_attribute_in_a_header_is_read_back(text in ".*|[\"%\\\\\r\n é]{0,6}") {
        let encoded = percent::encode_attribute(&text);
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'));
        prop_assert_eq!(percent::decode_attribute(encoded), text);
    }

    #[test]
    fn any_header_is_an_attribute(text in "[\"%\\\\a0é]{0,8}") {
        let _ = percent::decode(&text);
        let _ = percent::decode_attribute(text);
    }

    #[test]
    fn an_excerpt_is_the_start_of_the_text(bytes in vec(any::<u8>(), 0..300), text in "\\PC{100,250}") {
        let quoted = problem::excerpt(&bytes);
        prop_assert!(quoted.len() <= 200 && !quoted.chars().any(char::is_control));
        let end = (0..=200.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap();
        prop_assert_eq!(problem::excerpt(text.as_bytes()), text[..end].trim_ascii());
    }
}
