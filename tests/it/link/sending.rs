//! Tests of `send`: all matching handlers get their own copy of the message, and failures are reported.

use super::{Asker, Said, in_both, link, texts};
use msgcompose::link::Unrouted;

#[test]
fn all_matching_handlers_get_a_sent_message() {
    in_both(|| {
        // Each handler counts in its own instance.
        for asked in [0, 1] {
            let handlers = [("state,*.x", "courier"), ("*,x.state", "courier-c"), (">", "echo")];
            let mut asker = Asker::new(link(&handlers[asked..]));
            for _ in 0..3 {
                asker.send("state", "").unwrap();
            }
            // Both have counted; the request goes to the one with the most specific pattern.
            assert_eq!(texts(&asker.request("state", "").unwrap()), ["4"]);
        }
        // No handler sees another one's changes to the message: all fail with what they saw.
        let mut asker = Asker::new(link(&[("a", "stubborn"), ("*", "echo"), (">", "courier")]));
        let error = asker.send("a", Said::from("tell").with("own", "1")).unwrap_err();
        assert!(error.ends_with(r#"other: Some("a") None Some([("own", "1")]) tell"#), "{error}");
    });
}

/// A handler with two matching patterns gets the message once.
#[test]
fn a_handler_gets_a_sent_message_once() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("state,*,>", "courier")]));
        asker.send("state", "").unwrap();
        assert_eq!(texts(&asker.request("state", "").unwrap()), ["2"]);
    });
}

/// A reply to a sent message goes nowhere, and is no error.
#[test]
fn a_reply_to_a_sent_message_is_ignored() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("many,echo", "courier")]));
        assert_eq!(asker.send("many", "x"), Ok(()));
        assert_eq!(texts(&asker.request("echo", "y").unwrap()), ["y"]);
    });
}

/// Without a handler for failures, the sender gets the error, because nobody else would. All other handlers get the
/// message.
#[test]
fn the_sender_is_told_of_a_failure_that_nobody_handles() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("fail", "courier"), ("*", "stubborn"), (">,state", "courier-c")]));
        let error = asker.send("fail", "connection").unwrap_err();
        assert_eq!(error, "other: `courier.wasm` failed to handle `fail`: connection: asked to fail");
        assert_eq!(texts(&asker.request("state", "").unwrap()), ["1"]);
    });
}

#[test]
fn failures_go_to_those_who_handle_them() {
    in_both(|| {
        let handlers = [("fail,fail-late,echo", "courier"), ("failures", "echo"), ("$failed", "stubborn")];
        let mut asker = Asker::new(link(&handlers));
        // `stubborn` fails with what it saw, so the sender gets this error.
        let error = asker.send("fail", Said::from("tell").with("own", "1")).unwrap_err();
        let expected = concat!(
            r#"other: Some("$failed") None Some([("own", "1"), ("failed-topic", "fail"), "#,
            r#"("failed-handler", "courier.wasm"), ("error", "other: asked to fail")]) tell"#
        );
        assert_eq!(error, expected);
        // If a handler takes the failure, the sender gets no error.
        let mut asker = Asker::new(link(&[("fail,fail-late", "courier"), ("$failed", "echo")]));
        assert_eq!(asker.send("fail", "x"), Ok(()));
        assert_eq!(texts(&asker.gather("fail-late", "x", None, Some(2)).unwrap()), ["early"]);
        // Wildcards do not match failures.
        let mut asker = Asker::new(link(&[("fail", "courier"), (">", "echo")]));
        assert!(asker.send("fail", "x").is_err());
    });
}

#[test]
fn topics_without_a_handler_are_errors_or_nothing() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("a.*", "echo")]));
        for topic in ["a", "a.b.c", "b", "", "a.b."] {
            let error = Err(format!("other: no handler is linked for `{topic}`"));
            assert_eq!(asker.send(topic, "x"), error);
            assert_eq!(asker.request(topic, "x"), error.map(|()| vec![]));
        }
        let mut asker = Asker::new(link(&[("a.*", "echo")]).with(|all| all.unrouted = Some(Unrouted::Drop)));
        assert_eq!(asker.send("b", "x"), Ok(()));
        assert_eq!(asker.request("b", "x"), Err("timeout".into()));
        assert_eq!(texts(&asker.request("a.b", "x").unwrap()), ["x"]);
    });
}
