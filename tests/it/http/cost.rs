//! What a request costs grows with its size and with nothing else. The engine counts instructions, so no clock decides.

use crate::{
    http::{client::Request, compose, instance::Instance},
    support::fixture,
};
use serde_json::json;

const EVENT: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

fn instance() -> Instance {
    Instance::counting(&compose(fixture("echo"), &[]))
}

/// Returns an event with this number of extension attributes, whose names differ late.
fn event(attributes: usize) -> String {
    let extensions: String = (0..attributes).map(|at| format!(r#""extension{at:04}":"v","#)).collect();
    format!(
        r#"{{{extensions}"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"a/b","data":"?"}}"#
    )
}

fn batch(events: usize, attributes: usize) -> Request {
    let events = vec![event(attributes); events].join(",");
    Request::post("/echo", format!("[{events}]")).with("content-type", BATCH)
}

/// Returns how many instructions a byte of the body takes.
fn cost(instance: &mut Instance, request: &Request, status: u16) -> u64 {
    let (response, instructions) = instance.count(request);
    assert_eq!(response.status, status, "{}", response.text());
    instructions / request.body.as_ref().unwrap().len() as u64
}

/// Each attribute was once compared with all before it.
#[test]
fn many_attributes_of_one_event_cost_no_more_than_those_of_many_events() {
    let mut instance = instance();
    let spread = cost(&mut instance, &batch(990, 10), 200);
    let together = cost(&mut instance, &batch(10, 990), 200);
    println!("instructions for a byte: {spread} with 10 attributes, {together} with 990");
    assert!(together <= 2 * spread, "{together} and {spread}");
}

/// The extension that holds metadata may be there many times, each time with the same keys.
#[test]
fn repeated_metadata_cost_no_more_than_other_members() {
    let mut instance = instance();
    let of_one = cost(&mut instance, &batch(10, 990), 200);
    let keys: serde_json::Map<_, _> = (0..990).map(|at| (format!("extension{at:04}"), json!("v"))).collect();
    let member = format!(r#""msgmetadata":{},"#, json!(json!(keys).to_string()));
    let event = event(0).replacen('{', &format!("{{{}", member.repeat(256)), 1);
    let repeated = cost(&mut instance, &Request::post("/echo", event).with("content-type", EVENT), 400);
    println!("instructions for a byte: {repeated} repeated, {of_one} in one");
    assert!(repeated <= of_one, "{repeated} and {of_one}");
}

/// Replies are counted against a limit. Their number is once that of the events.
#[test]
fn each_of_many_replies_costs_what_one_of_a_few_costs() {
    let mut instance = instance();
    let few = cost(&mut instance, &batch(100, 0), 200);
    let many = cost(&mut instance, &batch(10_000, 0), 200);
    println!("instructions for a byte: {few} with 100 events, {many} with 10,000");
    assert!(many <= 2 * few, "{many} and {few}");
}

#[test]
fn many_headers_cost_no_more_for_each_byte_than_a_few() {
    let mut instance = instance();
    let mut cost = |count: usize| {
        let request = (0..count).fold(Request::post("/echo", "?"), |request, at| {
            request.with(&format!("x-extension-{:04}", at % 500), "v")
        });
        let (response, instructions) = instance.count(&request);
        assert_eq!(response.status, 200, "{}", response.text());
        instructions / count as u64
    };
    let (few, many) = (cost(100), cost(990));
    println!("instructions for a header: {few} with 100, {many} with 990");
    assert!(many <= 2 * few, "{many} and {few}");
}
