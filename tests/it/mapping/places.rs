//! URLs, and topics in paths.

use http_mapping::{
    topic::{self, Place},
    url,
};
use proptest::prelude::*;

#[test]
fn a_url_is_taken_apart() {
    let parts = |text| url::parse(text).map(|url| (url.secure, url.authority, url.path));
    assert_eq!(parts("http://h"), Some((false, "h", "")));
    assert_eq!(parts("https://h:1/a/b?c"), Some((true, "h:1", "/a/b?c")));
    assert_eq!(parts("http://[::1]:8080?t=a"), Some((false, "[::1]:8080", "?t=a")));
    for none in ["", "h", "ftp://h", "http:/h", "http://", "https:///a", "http://?a", "HTTP://h"] {
        assert_eq!(parts(none), None, "{none}");
    }
}

#[test]
fn a_template_is_filled() {
    let fill = |template| url::fill(template, "http://h/b", "a/é {x}", "c&d");
    assert_eq!(fill("{base-url}/{topic}").as_deref(), Some("http://h/b/a%2F%C3%A9%20%7Bx%7D"));
    assert_eq!(fill("{base-url}/v1/{client}/{topic}?t={topic}").as_deref(), {
        Some("http://h/b/v1/c%26d/a%2F%C3%A9%20%7Bx%7D?t=a%2F%C3%A9%20%7Bx%7D")
    });
    assert_eq!(fill("http://other/x").as_deref(), Some("http://other/x"));
    for none in ["{base-url", "{}", "{other}", "{base-url}/{{topic}}", "{"] {
        assert_eq!(fill(none), None, "{none}");
    }
}

#[test]
fn the_path_after_the_prefix_is_the_topic() {
    let topic = |text: &str| Place::Topic(text.to_owned());
    for (path, prefix, place) in [
        ("/a.b", "/", topic("a.b")),
        ("/a/b", "/", topic("a/b")),
        ("/a%2Fb?c=/d", "/", topic("a/b")),
        ("/", "/", topic("")),
        ("", "/", topic("")),
        ("?a", "/", topic("")),
        ("//a", "/", topic("/a")),
        ("/in/a", "/in/", topic("a")),
        ("/in/", "/in/", topic("")),
        ("/in", "/in/", topic("")),
        ("/in?a", "/in/", topic("")),
        ("/inside", "/in/", Place::Outside),
        ("/IN/a", "/in/", Place::Outside),
        ("/other?/in/a", "/in/", Place::Outside),
        ("*", "/", Place::Outside),
        ("/%ff", "/", Place::Undecodable),
        ("/in/%4", "/in/", Place::Undecodable),
    ] {
        assert_eq!(topic::of_path(path, prefix), place, "{path} {prefix}");
    }
}

#[test]
fn a_topic_that_a_path_would_take_for_a_step_is_not_sent() {
    let steps = [".", "..", "../a", "a/..", "a/../b", "a/./b", "/..", "./", "..\\a", "a\\.", "/a//../"];
    assert!(steps.iter().all(|topic| topic::has_dot_segment(topic)));
    let none = ["", "...", ".a", "a.b", "a..b", "/", "a/...", "a/.b/c.", " ", "/ ../", "%2e%2e"];
    assert!(none.iter().all(|topic| !topic::has_dot_segment(topic)));
}

proptest! {
    /// Any topic stays one step of the path: it changes neither the host nor the rest of the URL.
    #[test]
    fn a_topic_that_was_sent_is_the_topic_that_comes(topic in ".+", prefix in "/([a-z]{1,3}/)?") {
        let sent = url::fill("{base-url}{topic}", &["http://h", &prefix].concat(), &topic, "").unwrap();
        let url = url::parse(&sent).unwrap();
        prop_assert_eq!(url.authority, "h");
        prop_assert!(url.path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte)));
        prop_assert_eq!(topic::of_path(url.path, &prefix), Place::Topic(topic));
    }

    #[test]
    fn any_text_is_a_template_a_url_and_a_path(text in ".*|[{}a-z:/?#%é]*") {
        let _ = url::fill(&text, &text, &text, &text);
        let _ = url::parse(&text);
        let _ = topic::of_path(&text, "/a/");
        if !text.contains('{') {
            prop_assert_eq!(url::fill(&text, "", "", ""), Some(text));
        }
    }
}
