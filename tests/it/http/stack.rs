//! A stack of two adapters: requests over publish/subscribe, and that over HTTP. A stand-in for an eventing broker
//! connects the components. The mailbox is in the store that the host's instances share.

use crate::{
    engine::{World, on_keyvalue_variants},
    http::{
        client::Request,
        server::{Answer, Received, Server},
        wait_until,
    },
    support::{FLAGSHIP, fixture},
};
use msgcompose::{Composition, adapters};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    thread,
};

/// The subscribers of each topic, and the results of deliveries.
#[derive(Default)]
struct Routes {
    ports: BTreeMap<&'static str, u16>,
    deliveries: Vec<(String, u16)>,
}

/// Starts a broker. It takes a message by a POST to its topic, answers, and then delivers the message by a POST to the
/// subscriber.
fn broker(routes: &Arc<Mutex<Routes>>) -> Server {
    let routes = routes.clone();
    Server::start(move |message| {
        let routes = routes.clone();
        let port = routes.lock().unwrap().ports.get(message.target.as_str()).copied();
        if let Some(port) = port {
            let message = message.clone();
            thread::spawn(move || {
                let response = delivery(&message).send(port);
                routes.lock().unwrap().deliveries.push((message.target, response.status));
            });
        }
        Answer::empty(202)
    })
}

/// Returns the message as it arrived, without headers of the connection.
fn delivery(message: &Received) -> Request {
    let headers = message.headers.iter();
    let headers = headers.filter(|(name, _)| !matches!(&**name, "host" | "content-length" | "connection"));
    let request = Request::post(&message.target, message.body.clone());
    headers.fold(request, |request, (name, value)| request.with(name, value.as_str()))
}

fn stacked(guest: &str, version: &str, broker: &Server) -> Vec<u8> {
    let composition = Composition::new(format!("{guest}.wasm"), fixture(guest))
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .adapter(adapters::get("messaging-over-http").unwrap())
        .set("base-url", broker.url())
        .set("http", version);
    let composition = if guest == "pricer" { composition } else { composition.set("reply-topic", "quotes.replies") };
    let composed = composition.compose().unwrap_or_else(|error| panic!("{error:?}"));
    let imports = &composed.report.imports;
    assert!(!imports.iter().any(|name| name.starts_with("wasi:messaging")), "{imports:?}");
    assert!(imports.iter().any(|name| name.starts_with("wasi:keyvalue")) == (guest != "pricer"), "{imports:?}");
    composed.component.to_bytes()
}

#[test]
fn requests_over_pubsub_over_http_are_answered_by_a_component_that_replies_so() {
    requests(8, "0.2.0");
}

/// The parts for the mailbox are lifted.
#[test]
fn thirty_two_requests_wait_for_a_mailbox_on_wasi_0_3() {
    requests(32, "0.3.0");
}

fn requests(number: usize, version: &'static str) {
    on_keyvalue_variants(move |variant| async move {
        // WASI 0.3 needs that support.
        if version == "0.3.0" && !variant.concurrency_support {
            return;
        }
        let world = World::new(variant);
        let routes = Arc::<Mutex<Routes>>::default();
        let broker = broker(&routes);
        let desk = world.serve("quote-desk", &stacked("quote-desk", version, &broker)).await;
        let pricer = world.serve("pricer", &stacked("pricer", version, &broker)).await;
        let ports = [("/quotes", desk), ("/quotes.replies", desk), ("/prices", pricer)];
        routes.lock().unwrap().ports = BTreeMap::from(ports);

        // Each request waits in its own instance, and each reply arrives in yet another.
        for number in 0..number {
            let message = Request::post("/quotes", "ACME").with("reply-to", "answers");
            let response = message.with("correlation-id", format!("mine-{number}")).send(broker.port);
            assert_eq!(response.status, 202);
        }
        let answers: Vec<Received> = (0..number).map(|_| broker.wait("/answers")).collect();
        assert!(answers.iter().all(|answer| answer.text() == "ACME at 32.58"), "{answers:?}");
        let ids: BTreeSet<_> = answers.iter().map(|answer| answer.header("correlation-id").unwrap()).collect();
        assert_eq!(ids.len(), number, "{ids:?}");
        assert!(answers.iter().all(|answer| answer.header("ce-subject") == Some("answers")), "{answers:?}");

        let all = || routes.lock().unwrap().deliveries.len() == 3 * number;
        wait_until("all deliveries are answered", all);
        let deliveries = std::mem::take(&mut routes.lock().unwrap().deliveries);
        assert!(deliveries.iter().all(|(_, status)| *status == 204), "{deliveries:?}");
        assert_eq!(world.keys().await, [""; 0], "the mailbox is empty");
    });
}
