//! What debug builds of the adapters say, and others do not.

use crate::support::{host, root};
use msgcompose::{Composition, catalogue};
use std::{fs, path::Path};

fn compose(guest: &str, debug: bool, folder: &Path) -> String {
    let bytes = fs::read(root().join(format!("fixtures/prebuilt/{guest}.wasm"))).unwrap();
    let composition = Composition::new(guest, bytes).adapter(catalogue::get("reqreply-over-pubsub").unwrap());
    let composed = composition.set("reply-topic", "quotes.replies").with(|all| all.debug = debug).compose().unwrap();
    let path = folder.join(format!("{guest}.wasm"));
    fs::write(&path, composed.component.to_bytes()).unwrap();
    path.display().to_string()
}

/// Standard error of a request and the reply to it.
fn run(debug: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let desk = compose("quote-desk", debug, folder.path());
    let pricer = compose("pricer", debug, folder.path());
    let mut command = host();
    command.arg(format!("{desk}=quotes,quotes.replies")).arg(format!("{pricer}=prices"));
    command.args(["--deliver", "quotes=ACME", "--metadata", "reply-to=answers", "--metadata", "token=hidden"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_debug_composition_says_on_standard_error_what_it_does() {
    let said = run(true);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with('[')).collect();
    for start in [
        "[reqreply-over-pubsub/interceptor] message for the guest's handler, topic=quotes",
        "[reqreply-over-pubsub/provider] request topic=prices correlation=",
        "[reqreply-over-pubsub/provider] sent, waiting for replies on topic=quotes.replies",
        "[reqreply-over-pubsub/responder] reply topic=quotes.replies",
        "[reqreply-over-pubsub/interceptor] reply for correlation=",
        "[reqreply-over-pubsub/provider] reply taken, 1 of 1",
        "[reqreply-over-pubsub/provider] reply topic=answers",
        "[reqreply-over-pubsub/interceptor] the guest's handler: ok",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(start)), "`{start}` in {said}");
    }
    for secret in ["ACME", "32.58", "hidden"] {
        assert!(lines.iter().all(|line| !line.contains(secret)), "{said}");
    }
}

#[test]
fn any_other_composition_says_nothing() {
    assert_eq!(run(false), "ready\nsent 3, handled 3, answered 0, errors 0, traps 0\n");
}
