//! `--unrouted host`: what no handler takes goes to the host, and what the host delivers comes to the application. The
//! application is `courier`, and the host the development host, which wants `reqreply-over-pubsub` for requests.

use super::guest;
use crate::{
    engine::{World, on_keyvalue_variants, text},
    http::{client::Request, hosts::HOSTS},
    support::{FLAGSHIP, OVER_HTTP, fixture},
};
use msgcompose::{Composition, Report, catalogue, link::Unrouted};
use msgcompose_host::Message;

/// `courier` with a handler for `prices`.
fn linked(app: &str) -> (Vec<u8>, Report) {
    let link =
        Composition::new("courier.wasm", guest(app)).handler(["prices", "audit.>"], "pricer.wasm", fixture("pricer"));
    let composed =
        link.with(|all| all.unrouted = Some(Unrouted::Host)).compose().unwrap_or_else(|error| panic!("{error:?}"));
    (composed.component.to_bytes(), composed.report)
}

#[test]
fn the_host_is_asked_for_all_of_messaging() {
    let (_, report) = linked("courier");
    let names = ["producer", "request-reply", "types"].map(|name| format!("wasi:messaging/{name}@0.2.0-draft"));
    assert_eq!(report.imports.into_iter().collect::<Vec<_>>(), names);
    assert_eq!(report.exports.into_iter().collect::<Vec<_>>(), ["wasi:messaging/incoming-handler@0.2.0-draft"]);
}

#[test]
fn what_no_handler_takes_is_the_hosts() {
    on_keyvalue_variants(async |variant| {
        let world = World::new(variant);
        let (component, _) = linked("courier");
        let flagship = Composition::new("linked.wasm", component)
            .adapter(catalogue::get(FLAGSHIP).unwrap())
            .set("reply-topic", "replies")
            .set("keyvalue", variant.keyvalue());
        let component = flagship.compose().unwrap().component.to_bytes();
        world.start_component("linked", &component, &["ask", "outcome", "forward", "fail", "replies"], &[]).await;
        world.start("echo", &["far"], &[("reply-topic", "unused")]).await;

        let mut answers = world.listen("answers").await;
        let asked =
            |to: &str| Message::new("ACME").with("x-to", to).with("reply-to", "answers").with("correlation-id", "7");
        // By the handler in the same component, and by a component on the broker.
        for (to, answer) in [("prices", "32.58"), ("far", "ACME")] {
            world.publish("ask", asked(to)).await;
            let came = answers.next().await;
            assert_eq!((text(&came).as_str(), came.get("correlation-id")), (answer, Some("7")), "{to}");
        }
        // What is sent leaves with its content and the client's name.
        let mut far = world.listen("elsewhere").await;
        world.publish("forward", asked("elsewhere").with("x-client", "me").with("x-more", "1")).await;
        let came = far.next().await;
        assert_eq!((text(&came).as_str(), came.get("x-more")), ("ACME", Some("1")));
        assert_eq!(world.client("elsewhere").await, "me");
        // What has a handler does not.
        let mut audit = world.listen("audit.x").await;
        world.publish("outcome", asked("audit.x").with("x-how", "send")).await;
        assert_eq!(text(&answers.next().await), "ok 0");
        assert!(audit.now().is_none());
        // A failure is the host's to know.
        world.publish("fail", Message::new("connection")).await;
        let outcome = format!("{:?}", world.handled("fail").await);
        assert!(outcome.contains("asked to fail"), "{outcome}");
    });
}

/// Over HTTP on hosts that others made: the application's messages are those of the link, and HTTP is the host's.
#[test]
fn over_http_a_linked_application_is_served() {
    for app in ["courier", "courier-c", "courier-js"] {
        let (component, _) = linked(app);
        let over_http = Composition::new("linked.wasm", component).adapter(catalogue::get(OVER_HTTP).unwrap());
        let component = over_http.set("base-url", "http://127.0.0.1:9").compose().unwrap().component.to_bytes();
        for host in HOSTS {
            let serving = host.serve(&component);
            for _ in 0..3 {
                let response = Request::post("/ask", "ACME").with("x-to", "prices").send(serving.port);
                assert_eq!(response.summary(), (200, "32.58".into()), "{app} on {host}");
                // Nobody listens there.
                let response = Request::post("/outcome", "ACME").with("x-to", "elsewhere").send(serving.port);
                assert!(response.text().starts_with("connection: "), "{app} on {host}: {}", response.text());
            }
        }
    }
}
