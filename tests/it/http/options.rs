//! Every option does what its help says. `client.<name>.base-url`, `path-prefix`, `max-body-bytes` and
//! `default-timeout-ms` are tested elsewhere, with the behaviour that they control.

use crate::http::{
    Courier,
    client::{Request, Response},
    instance::Instance,
    server::{Answer, Received, Server},
};
use serde_json::{Value, json};

/// Lets a courier with these options send a message with metadata to the topic `a/b`. Returns the request that arrived
/// at a path.
fn forwarded(options: &[(&str, &str)], path: &str) -> Received {
    forwarded_data(options, path, "text/plain", b"gr\xc3\xbcn")
}

fn forwarded_data(options: &[(&str, &str)], path: &str, content_type: &str, data: &[u8]) -> Received {
    let server = Server::start(|_| Answer::empty(204));
    let url = server.url();
    let component = Courier::Rust.compose(&[&[("base-url", url.as_str())], options].concat());
    let message = Request::post("/forward", data).with("content-type", content_type);
    let response = Instance::new(&component, 100).answer(&message.with("x-to", "a/b").with("x-a", "1"));
    assert_eq!(response.status, 204, "{options:?}: {}", response.text());
    server.only(path)
}

fn answer(options: &[(&str, &str)], request: &Request) -> Response {
    let component = Courier::Rust.compose(&[&[("base-url", "http://127.0.0.1:1")], options].concat());
    Instance::new(&component, 100).answer(request)
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

const EVENT: &str = "application/cloudevents+json";
const ENCODED: &str = "/a%2Fb";

#[test]
fn mode_says_what_is_sent() {
    let names = ["content-type", "ce-type", "x-a"];
    let headers = |sent: &Received| names.map(|name| sent.header(name).unwrap_or_default().to_owned());

    let sent = forwarded(&[("mode", "raw")], ENCODED);
    assert_eq!((headers(&sent), sent.text()), (["text/plain", "", "1"].map(String::from), "grün"));

    let sent = forwarded(&[("mode", "cloudevents-structured")], ENCODED);
    assert_eq!(headers(&sent), [EVENT, "", "1"]);
    let mut event = json(&sent.body);
    let id = event["id"].take();
    assert!(id.as_str().is_some_and(|id| id.len() > 20), "{id}");
    let expected = json!({"specversion": "1.0", "id": null, "source": "/msgcompose", "type": "wasi.messaging.message",
        "subject": "a/b", "datacontenttype": "text/plain", "data": "grün"});
    assert_eq!(event, expected);

    let sent = forwarded(&[("mode", "dapr")], "/v1.0/publish/default/a%2Fb");
    assert_eq!(headers(&sent), [EVENT, "", ""]);
    let event = json(&sent.body);
    assert_eq!((&event["data"], &event["subject"]), (&json!("grün"), &json!("a/b")));
    assert_eq!(json(event["msgmetadata"].as_str().unwrap().as_bytes()), json!({"x-to": "a/b", "x-a": "1"}));
}

#[test]
fn data_in_an_event_is_json_or_text_or_encoded() {
    let bytes: Vec<u8> = (0..=255).collect();
    let encoded =
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9Q";
    for (content_type, data, member, expected) in [
        ("application/json", b"{\"a\": [1, null]}".as_slice(), "data", json!({"a": [1, null]})),
        ("application/x+json", b" \"a\\u00fc\" ", "data", json!("aü")),
        ("application/json", b"{\"a\": ", "data_base64", json!("eyJhIjog")),
        ("text/csv", b"a,\"b\"\n", "data", json!("a,\"b\"\n")),
        ("text/plain", b"\xff", "data_base64", json!("/w==")),
        ("image/png", b"ab", "data_base64", json!("YWI=")),
        ("image/png", &bytes[..81], "data_base64", json!(encoded)),
    ] {
        let sent = forwarded_data(&[("mode", "cloudevents-structured")], ENCODED, content_type, data);
        let event = json(&sent.body);
        assert_eq!(event[member], expected, "{event}");
        // And back.
        let response = answer(&[], &Request::post("/echo", sent.body).with("content-type", EVENT));
        assert_eq!(response.header("content-type"), Some(content_type));
        if member == "data" && content_type != "text/csv" {
            assert_eq!(json(&response.body), expected);
        } else {
            assert_eq!(response.body, data, "{content_type}");
        }
    }
}

#[test]
fn mode_says_what_comes_in_and_what_is_replied() {
    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": 7}).to_string();
    let request = Request::post("/echo", event.clone()).with("content-type", EVENT);
    let unpacked = answer(&[], &request);
    assert_eq!((unpacked.text(), unpacked.header("ce-specversion")), ("7".into(), Some("1.0")));
    let raw = answer(&[("mode", "raw")], &request);
    let found = (raw.text(), raw.header("content-type"), raw.header("ce-specversion"));
    assert_eq!(found, (event, Some(EVENT), None));
    let structured = answer(&[("mode", "cloudevents-structured")], &request);
    assert_eq!((structured.header("content-type"), &structured.json()["data"]), (Some(EVENT), &json!(7)));
    let dapr = answer(&[("mode", "dapr")], &request);
    assert_eq!(dapr.summary(), (204, String::new()), "a reply is a no-op");
}

#[test]
fn subscriptions_are_what_dapr_asks_for() {
    let options = [("mode", "dapr"), ("path-prefix", "/in/"), ("subscriptions", "kafka/prices, mqtt/a/b")];
    let get = Request::new("GET", "/dapr/subscribe");
    let response = answer(&options, &get);
    let expected = json!([{"pubsubname": "kafka", "topic": "prices", "route": "/in/prices"},
        {"pubsubname": "mqtt", "topic": "a/b", "route": "/in/a%2Fb"}]);
    assert_eq!((response.status, response.json()), (200, expected));
    assert_eq!(answer(&options[..2], &get).json(), json!([]));
    assert_eq!(answer(&[], &get).status, 405, "in no other mode");
}

#[test]
fn an_event_has_the_source_and_the_type_of_the_options() {
    let sent = forwarded(&[("ce-source", "/ü"), ("ce-type", "a.b")], ENCODED);
    assert_eq!((sent.header("ce-source"), sent.header("ce-type")), (Some("/%C3%BC"), Some("a.b")));
    let reply = answer(&[("ce-source", "/s"), ("ce-type", "a.b")], &Request::post("/echo", "?"));
    assert_eq!((reply.header("ce-source"), reply.header("ce-type")), (Some("/s"), Some("a.b")));
}

#[test]
fn headers_of_the_options_are_sent_with_every_message() {
    let sent = forwarded(&[("header.authorization", "Bearer t"), ("header.x-b", "2")], ENCODED);
    let found = ["authorization", "x-b", "x-a"].map(|name| sent.header(name));
    assert_eq!(found, [Some("Bearer t"), Some("2"), Some("1")]);
}

/// A guest may forward the metadata of whoever sent it a message.
#[test]
fn a_header_of_the_options_stands_in_place_of_metadata_of_that_name() {
    let server = Server::start(|_| Answer::empty(204));
    for (prefix, configured) in [("", "header.X-API-Key"), ("x-", "header.x-x-api-key")] {
        let url = server.url();
        let options = [("base-url", &*url), ("header-prefix", prefix), (configured, "own"), ("header.ce-id", "7")];
        let message =
            Request::post("/forward", "?").with(&format!("{prefix}x-to"), "to").with("x-api-key", "stranger's");
        let message = message.with("x-x-api-key", "stranger's").with(&format!("{prefix}x-other"), "stays");
        let response = Instance::new(&Courier::Rust.compose(&options), 100).answer(&message);
        assert_eq!(response.status, 204, "{}", response.text());
        let sent = server.only("/to");
        let found = |name: &str| -> Vec<&str> {
            sent.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
        };
        let name = configured.trim_start_matches("header.").to_lowercase();
        assert_eq!((found(&name), found("ce-id")), (vec!["own"], vec!["7"]), "{:?}", sent.headers);
        assert_eq!(found(&format!("{prefix}x-other")), ["stays"]);
    }
}

#[test]
fn header_prefix_stands_before_metadata_and_is_taken_off() {
    let sent = forwarded(&[("header-prefix", "m-")], ENCODED);
    let found = ["m-x-a", "x-a", "ce-subject", "m-ce-subject"].map(|name| sent.header(name));
    assert_eq!(found, [Some("1"), None, Some("a/b"), None]);
    let request = Request::post("/echo", "?").with("m-x-a", "1").with("m-y", "2");
    let reply = answer(&[("header-prefix", "m-")], &request);
    assert_eq!((reply.header("m-x-a"), reply.header("x-a"), reply.header("m-y")), (Some("1"), None, None));
}

#[test]
fn url_template_says_where_a_message_goes() {
    let template = ("url-template", "{base-url}/to/{client}?topic={topic}&k=v");
    forwarded(&[template], "/to/default?topic=a%2Fb&k=v");
}

#[test]
fn topic_header_has_the_topic_before_the_path() {
    let options = [("topic-header", "x-kind")];
    let echo = Request::post("/fail", "?").with("x-kind", "echo");
    assert_eq!(answer(&options, &echo).summary(), (200, "?".into()));
    assert_eq!(answer(&options, &Request::post("/echo", "path")).summary(), (200, "path".into()));
}
