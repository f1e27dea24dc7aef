//! A component that is linked more than once: as application and handler, or as several handlers. Each time it is an
//! instance of its own.

use super::{Asker, in_both, link, texts};
use crate::{
    http::{client::Request, hosts::HOSTS},
    support::{OVER_HTTP, fixture},
};
use msgcompose::{Composition, adapters, link::Deliver};

/// An HTTP front sends to topics that its own handler serves.
#[test]
fn an_http_front_is_application_and_handler() {
    let front = || Composition::new("front.wasm", fixture("front")).handler(["orders"], "front.wasm", fixture("front"));
    // Alone, it needs nothing but HTTP.
    let alone = front().with(|all| all.deliver = Some(Deliver::None)).compose().unwrap();
    let note = "`front.wasm` is linked 2 times: these are instances, which share no state";
    assert!(alone.report.notes.iter().any(|other| other == note), "{:?}", alone.report.notes);
    // The same, and messages come in over HTTP, too.
    let over_http = front().adapter(adapters::get(OVER_HTTP).unwrap()).set("path-prefix", "/in/").compose().unwrap();
    for (composed, has_messages) in [(alone, false), (over_http, true)] {
        let component = composed.component.to_bytes();
        for host in HOSTS {
            let serving = host.serve(&component);
            assert_eq!(Request::post("/order", "tea").send(serving.port).status, 202, "{host}");
            assert_eq!(Request::new("GET", "/hello").send(serving.port).status, 200, "{host}");
            if has_messages {
                assert_eq!(
                    Request::post("/in/echo", "tea").send(serving.port).summary(),
                    (200, "tea".into()),
                    "{host}"
                );
            }
        }
    }
}

/// The same component, three times in one chain.
#[test]
fn a_handler_requests_from_itself_in_another_instance() {
    in_both(|| {
        let mut asker =
            Asker::new(link(&[("nest.3", "nester"), ("nest.2", "nester"), ("nest.1", "nester"), ("nest.0", "echo")]));
        assert_eq!(texts(&asker.request("nest.3", "deep").unwrap()), ["deep"]);
        // The last one reaches only what is to its right.
        let error = asker.request("nest.1", "x").and_then(|_| asker.request("nest.4", "x")).unwrap_err();
        assert_eq!(error, "other: no handler is linked for `nest.4`");
    });
}

/// Instances share no state, also of a component that sends.
#[test]
fn each_instance_has_its_own_state() {
    in_both(|| {
        let mut asker = Asker::new(link(&[("state", "courier"), ("*.x", "courier"), ("outcome", "courier")]));
        let mut count = |topic: &str| texts(&asker.request(topic, "").unwrap()).join("");
        assert_eq!((count("state"), count("state")), ("1".into(), "2".into()));
        assert_eq!(asker.send("state.x", ""), Ok(()));
        assert_eq!(texts(&asker.request("state", "").unwrap()), ["3"]);
    });
}
