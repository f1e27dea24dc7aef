//! What comes in and what goes out. The application gets what the host delivers, unless `--deliver none`. With
//! `--unrouted host`, topics without a handler go to the host. On the development host, requests and replies need
//! `reqreply-over-pubsub`.

use super::guest;
use crate::{
    engine::{World, ask, on_keyvalue_variants, text},
    http::{client::Request, hosts::HOSTS},
    support::{FLAGSHIP, OVER_HTTP, dummy, fixture},
};
use msgcompose::{
    Composition, Report, adapters,
    link::{Deliver, Unrouted},
};
use msgcompose_host::{Message, Outcome};

/// Links `courier` with a handler for `prices`.
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
fn topics_without_a_handler_go_to_the_host() {
    on_keyvalue_variants(async |variant| {
        let world = World::new(variant);
        let (component, _) = linked("courier");
        let flagship = Composition::new("linked.wasm", component)
            .adapter(adapters::get(FLAGSHIP).unwrap())
            .set("reply-topic", "replies")
            .set("keyvalue", variant.keyvalue());
        let component = flagship.compose().unwrap().component.to_bytes();
        world.start_component("linked", &component, &["ask", "outcome", "forward", "fail", "replies"], &[]).await;
        world.start("echo", &["far"], &[("reply-topic", "unused")]).await;

        let mut answers = world.listen("answers").await;
        let asked =
            |to: &str| Message::new("ACME").with("x-to", to).with("reply-to", "answers").with("correlation-id", "7");
        // Replies come from the handler in the same component, and from a component on the broker.
        for (to, answer) in [("prices", "32.58"), ("far", "ACME")] {
            world.publish("ask", asked(to)).await;
            let came = answers.next().await;
            assert_eq!((text(&came).as_str(), came.get("correlation-id")), (answer, Some("7")), "{to}");
        }
        // A sent message leaves with its content and the client's name.
        let mut far = world.listen("elsewhere").await;
        world.publish("forward", asked("elsewhere").with("x-client", "me").with("x-more", "1")).await;
        let came = far.next().await;
        assert_eq!((text(&came).as_str(), came.get("x-more")), ("ACME", Some("1")));
        assert_eq!(world.client("elsewhere").await, "me");
        // A message with a handler does not leave.
        let mut audit = world.listen("audit.x").await;
        world.publish("outcome", asked("audit.x").with("x-how", "send")).await;
        assert_eq!(text(&answers.next().await), "ok 0");
        assert!(audit.now().is_none());
        // An error of the application's handler goes to the host.
        world.publish("fail", Message::new("connection")).await;
        let outcome = format!("{:?}", world.handled("fail").await);
        assert!(outcome.contains("asked to fail"), "{outcome}");
    });
}

/// On hosts that others made: the linked application's messages travel over HTTP.
#[test]
fn over_http_a_linked_application_is_served() {
    for app in ["courier", "courier-c", "courier-js"] {
        let (component, _) = linked(app);
        let over_http = Composition::new("linked.wasm", component).adapter(adapters::get(OVER_HTTP).unwrap());
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

/// Links a fixture with one handler, and puts the adapter for HTTP around them.
fn over_http(app: &str, topic: &str, handler: &str) -> Composition {
    Composition::new(format!("{app}.wasm"), fixture(app))
        .handler([topic], format!("{handler}.wasm"), fixture(handler))
        .adapter(adapters::get(OVER_HTTP).unwrap())
}

/// Nothing leaves, so there is no URL to set.
#[test]
fn over_http_what_comes_in_is_answered_inside() {
    let composed = over_http("quote-desk", "prices", "pricer").compose().unwrap();
    assert!(!composed.report.imports.contains("wasi:http/outgoing-handler@0.2.0"), "{:?}", composed.report.imports);
    let component = composed.component.to_bytes();
    for host in HOSTS {
        let serving = host.serve(&component);
        for _ in 0..3 {
            let response = Request::post("/quotes", "ACME").send(serving.port);
            assert_eq!(response.summary(), (200, "ACME at 32.58".into()), "{host}");
        }
    }
}

/// `front` handles messages, and HTTP requests of its own.
#[test]
fn an_application_with_two_entry_points_keeps_both() {
    let link = over_http("front", "orders", "stubborn").set("path-prefix", "/in/");
    let component = link.compose().unwrap().component.to_bytes();
    for host in HOSTS {
        let serving = host.serve(&component);
        for (request, status, text) in [
            (Request::new("GET", "/hello"), 200, "hello from the guest"),
            (Request::post("/in/echo", "a message"), 200, "a message"),
            (Request::post("/elsewhere", "denied"), 500, "`stubborn.wasm` failed to handle `orders`"),
        ] {
            let response = request.send(serving.port);
            assert_eq!(response.status, status, "{host}, {}: {}", request.target, response.text());
            assert!(response.text().contains(text), "{host}, {}: {}", request.target, response.text());
        }
    }
}

#[test]
fn where_nobody_is_delivered_to_the_other_entry_point_stays() {
    let link = Composition::new("front.wasm", fixture("front"))
        .handler(["orders"], "stubborn.wasm", fixture("stubborn"))
        .with(|all| all.deliver = Some(Deliver::None));
    let composed = link.compose().unwrap();
    assert_eq!(composed.report.exports.iter().collect::<Vec<_>>(), ["wasi:http/incoming-handler@0.2.0"]);
    let serving = HOSTS[0].serve(&composed.component.to_bytes());
    // It is no message any more.
    let response = Request::post("/echo", "denied").send(serving.port);
    assert!(response.text().contains("failed to handle `orders`"), "{}", response.text());
}

#[test]
fn what_goes_out_and_what_comes_in_are_apart() {
    let messaging = |names: &[&str]| names.iter().map(|name| format!("wasi:messaging/{name}@0.2.0-draft")).collect();
    let (all, inward): (Vec<String>, Vec<String>) =
        (messaging(&["producer", "request-reply", "types"]), messaging(&["request-reply", "types"]));
    for (unrouted, deliver, imports, is_exported) in [
        (Unrouted::Error, None, &inward, true),
        (Unrouted::Drop, Some(Deliver::App), &inward, true),
        (Unrouted::Host, Some(Deliver::App), &all, true),
        (Unrouted::Host, Some(Deliver::None), &all, false),
        (Unrouted::Error, Some(Deliver::None), &Vec::new(), false),
    ] {
        // It has another export, so that it can be called.
        let app = dummy(
            "package t:t;\nworld both {\nimport wasi:messaging/types@0.2.0-draft;\n\
             import wasi:messaging/producer@0.2.0-draft;\nimport wasi:messaging/request-reply@0.2.0-draft;\n\
             export wasi:messaging/incoming-handler@0.2.0-draft;\nexport wasi:cli/run@0.2.0;\n}",
        );
        let link = Composition::new("app.wasm", app).handler(["prices"], "pricer.wasm", fixture("pricer"));
        let link = link.with(|all| (all.unrouted, all.deliver) = (Some(unrouted), deliver));
        let report = link.compose().unwrap().report;
        assert_eq!(report.imports.iter().collect::<Vec<_>>(), imports.iter().collect::<Vec<_>>(), "{unrouted:?}");
        let has_handler = report.exports.contains("wasi:messaging/incoming-handler@0.2.0-draft");
        assert_eq!(has_handler, is_exported, "{unrouted:?} {deliver:?}");
    }
}

/// `probe` requests and sends, and never replies.
#[test]
fn an_application_that_never_replies_needs_no_more_than_messages_of_the_host() {
    on_keyvalue_variants(async |variant| {
        let world = World::new(variant);
        let link =
            Composition::new("probe.wasm", fixture("probe")).handler(["prices"], "pricer.wasm", fixture("pricer"));
        for (link, failure) in [
            (link.clone(), Some("no handler is linked for `probe.outcome`")),
            (link.handler(["probe.outcome"], "echo.wasm", fixture("echo")), None),
        ] {
            let composed = link.compose().unwrap();
            assert_eq!(composed.report.imports.iter().collect::<Vec<_>>(), ["wasi:messaging/types@0.2.0-draft"]);
            let topic = if failure.is_some() { "alone" } else { "served" };
            world.start_component(topic, &composed.component.to_bytes(), &[topic], &[]).await;
            world.publish(topic, ask("prices", "ACME")).await;
            let outcome = world.handled(topic).await;
            match failure {
                Some(text) => assert!(format!("{outcome:?}").contains(text), "{outcome:?}"),
                None => assert_eq!(outcome, Outcome::Ok),
            }
        }
    });
}

/// Its replies need a part of the adapter, but no mailbox: no request leaves.
#[test]
fn an_application_replies_over_the_host_and_requests_inside() {
    on_keyvalue_variants(async |variant| {
        let world = World::new(variant);
        let link = Composition::new("quote-desk.wasm", fixture("quote-desk"))
            .handler(["prices"], "pricer.wasm", fixture("pricer"))
            .adapter(adapters::get(FLAGSHIP).unwrap());
        let composed = link.compose().unwrap();
        assert!(composed.report.imports.iter().all(|import| !import.contains("keyvalue")));
        world.start_component("linked", &composed.component.to_bytes(), &["quotes"], &[]).await;
        let mut answers = world.listen("answers").await;
        world.publish("quotes", Message::new("ACME").with("reply-to", "answers").with("correlation-id", "7")).await;
        let came = answers.next().await;
        assert_eq!((text(&came).as_str(), came.get("correlation-id")), ("ACME at 32.58", Some("7")));
    });
}
