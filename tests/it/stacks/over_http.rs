//! The plans of `messaging-over-http`: which parts stand around which guest, and what the host is asked for.

use super::{component, seen};
use crate::support::{FLAGSHIP, OVER_HTTP, dummy, fixture, root};
use msgcompose::{Composition, Report, catalogue};
use std::{collections::BTreeSet, fs};

fn over_http(composition: Composition) -> Composition {
    let composition = composition.adapter(catalogue::get(OVER_HTTP).unwrap());
    composition.set("messaging-over-http.base-url", "http://broker")
}

fn around(guest: &str) -> Composition {
    over_http(Composition::new(format!("{guest}.wasm"), fixture(guest)))
}

/// Compares the plan with its golden file. Nothing of messaging is left to the host, nothing of what the parts have
/// between them is seen, and what is imported is of the packages that an HTTP host has, or of `others`.
fn check_over_http(name: &str, composition: Composition, exports: &[&str], others: &[&str]) -> Report {
    let report = seen(name, composition);
    let packages = ["wasi:http/", "wasi:io/", "wasi:clocks/", "wasi:random/"];
    let known = |import: &&String| packages.iter().chain(others).any(|package| import.starts_with(package));
    assert_eq!(report.imports.iter().find(|import| !known(import)), None);
    assert_eq!(report.exports, exports.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
    report
}

const HANDLER: &str = "wasi:http/incoming-handler@0.2.0";
const RUN: &str = "wasi:cli/run@0.2.0";

#[test]
fn each_guest_has_the_parts_that_it_needs() {
    // Sends, and is run: there is nobody to deliver to.
    check_over_http("over-http-producer", around("ticker"), &[RUN], &[]);
    // Takes messages and replies: it sends nothing, and needs no URL.
    let receiver = Composition::new("pricer.wasm", fixture("pricer")).adapter(catalogue::get(OVER_HTTP).unwrap());
    check_over_http("over-http-receiver", receiver, &[HANDLER], &[]);
    // Both.
    check_over_http("over-http-both", around("quote-desk"), &[HANDLER], &[]);
    // Has an HTTP handler of its own beside that for messages: the router gives each its requests.
    check_over_http("over-http-router", around("front"), &[HANDLER], &[]);
    // Has no other: its HTTP handler is the host's to call.
    check_over_http("over-http-own-handler", around("gateway"), &[HANDLER], &[]);
}

/// A receiver asks the host for no outgoing HTTP at all.
#[test]
fn who_does_not_send_needs_no_way_out() {
    let receiver = Composition::new("pricer.wasm", fixture("pricer")).adapter(catalogue::get(OVER_HTTP).unwrap());
    let imports = receiver.compose().unwrap().report.imports;
    assert!(!imports.iter().any(|import| import.contains("outgoing-handler")), "{imports:?}");
    let imports = around("ticker").compose().unwrap().report.imports;
    assert!(imports.contains("wasi:http/outgoing-handler@0.2.0"), "{imports:?}");
}

/// A guest that only handles, and one that is run and requests.
#[test]
fn guests_of_other_shapes_have_their_parts() {
    let handler = component("handler", &["types"], &["incoming-handler"]);
    let handler = Composition::new("handler.wasm", handler).adapter(catalogue::get(OVER_HTTP).unwrap());
    check_over_http("over-http-handler", handler, &[HANDLER], &[]);
    let requester = component("requester", &["types", "request-reply", "wasi:cli/environment@0.2.0"], &[RUN]);
    let requester = over_http(Composition::new("requester.wasm", requester));
    check_over_http("over-http-requester", requester, &[RUN], &["wasi:cli/environment@0.2.0"]);
}

/// Request/reply by a mailbox, over messages that travel by HTTP: the replies come in as any message does.
#[test]
fn request_reply_over_messaging_over_http() {
    for (name, guest, others) in [
        ("over-http-stack", "quote-desk", &["wasi:keyvalue/"][..]),
        ("over-http-stack-handler", "survey", &["wasi:keyvalue/", "wasi:cli/environment@0.2.0"]),
        ("over-http-stack-responder", "pricer", &[]),
    ] {
        let flagship =
            Composition::new(format!("{guest}.wasm"), fixture(guest)).adapter(catalogue::get(FLAGSHIP).unwrap());
        let exports: &[&str] = if guest == "survey" { &[HANDLER, RUN] } else { &[HANDLER] };
        check_over_http(name, over_http(flagship.set("reply-topic", "replies")), exports, others);
    }
}

/// The host is asked for each interface once, with all that somebody inside wants of it. Its name is the newest version
/// that is wanted, but for interfaces whose types other imports use: the encoder names these as the first component
/// has them, here the part. Hosts match versions on one track, so that either name is served.
#[test]
fn a_guest_of_a_newer_patch_version_shares_its_imports_with_the_parts() {
    let package = |name: &str, uses: &str| {
        let text = fs::read_to_string(root().join(format!("wit/{name}/{name}.wit"))).unwrap();
        let (_, interfaces) = text.split_once("@0.2.0;\n").unwrap();
        let interfaces = interfaces.replace("@0.2.0", "@0.2.12");
        format!("package wasi:{name}@0.2.12 {{\n{}\n}}\n", interfaces.replacen("interface", uses, 1))
    };
    let newer = "interface newer { since: func(); }\ninterface";
    let guest = dummy(&format!(
        "package t:guest;\nworld guest {{\n  import wasi:io/streams@0.2.12;\n  import wasi:io/newer@0.2.12;\n  \
         import wasi:clocks/monotonic-clock@0.2.12;\n  import wasi:random/random@0.2.12;\n  \
         import wasi:messaging/producer@0.2.0-draft;\n  export wasi:messaging/incoming-handler@0.2.0-draft;\n}}\n{}{}{}",
        package("io", newer),
        package("clocks", "interface"),
        package("random", "interface"),
    ));
    let guest = over_http(Composition::new("guest.wasm", guest));
    let report = check_over_http("over-http-newer-guest", guest, &[HANDLER], &[]);
    let expected = [
        "wasi:clocks/monotonic-clock@0.2.0",
        "wasi:http/outgoing-handler@0.2.0",
        "wasi:http/types@0.2.0",
        "wasi:io/error@0.2.0",
        "wasi:io/newer@0.2.12",
        "wasi:io/poll@0.2.0",
        "wasi:io/streams@0.2.0",
        "wasi:random/random@0.2.12",
    ];
    assert_eq!(report.imports.iter().collect::<Vec<_>>(), expected);
}
