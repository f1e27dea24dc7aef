//! Size budgets: how much composing adds, and how much memory instances take.

use crate::support::{FLAGSHIP, OVER_HTTP, fixture, root};
use msgcompose::{Composition, adapters, adapters::Part, bake, provenance::Provenance};
use wasm_encoder::{CustomSection, Section};
use wasmparser::{DataKind, Instance, Parser, Payload};

/// The budget of the flagship's parts around one guest, in bytes.
const FLAGSHIP_BUDGET: usize = 42 * 1024;

/// The budget of their baked options.
const FLAGSHIP_CONFIGURATION: usize = 1280;

/// The budget of the parts with the mailbox in memory and of their baked options.
const IN_MEMORY_BUDGET: usize = 72 * 1024;

/// The same for messaging over HTTP.
const OVER_HTTP_BUDGET: usize = 80 * 1024;

/// The same on WASI 0.3, with the wiring. Waiting without blocking is a fifth of it.
const OVER_HTTP_ASYNC_BUDGET: usize = 103 * 1024;

/// The same for messaging over NATS: the protocol, signatures for credentials, and the worker. Its wiring has sockets.
const OVER_NATS_BUDGET: usize = 100 * 1024;

/// The budget of a worker alone, which all brokers share.
const WORKER_BUDGET: usize = 8 * 1024;

/// The budget of the parts of `wasmcloud-over-messaging` and of their baked options.
const WASMCLOUD_BUDGET: usize = 32 * 1024;

/// The budget of its parts with streams, which contain a scheduler of tasks.
const WASMCLOUD_STREAMS_BUDGET: usize = 68 * 1024;

/// The budget of the flagship's wiring: everything but guest, parts and configuration, in bytes.
const FLAGSHIP_WIRING: usize = 2560;

/// The same for messaging over HTTP, which must wire all of `wasi:http`.
const OVER_HTTP_WIRING: usize = 6 * 1024;

/// The budget of the parts that link two handlers. They are built for speed.
const LINK_BUDGET: usize = 68 * 1024;

/// The budget of these parts for async guests. Async functions bring their event loop.
const LINK_ASYNC_BUDGET: usize = 88 * 1024;

/// The budget of each further handler.
const LINK_HANDLER: usize = 2 * 1024;

/// The budget of the provenance, with the usual options and the duties of the host.
const PROVENANCE: usize = 1100;

fn pages(wasm: &[u8]) -> Vec<u64> {
    let payloads = Parser::new(0).parse_all(wasm).map(Result::unwrap);
    let memories = payloads.filter_map(|payload| match payload {
        Payload::MemorySection(section) => Some(section.into_iter().map(|memory| memory.unwrap().initial)),
        _ => None,
    });
    memories.flatten().collect()
}

/// Returns the bytes of the components in a component.
fn components(wasm: &[u8]) -> usize {
    let (mut depth, mut bytes) = (0, 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::ComponentSection { unchecked_range, .. } => {
                bytes += if depth == 0 { unchecked_range.end - unchecked_range.start } else { 0 };
                depth += 1;
            }
            Payload::ModuleSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    usize::try_from(bytes).unwrap()
}

/// Composes a guest with an adapter. Returns the bytes of the parts that must be used, of the configuration, and of the
/// wiring.
fn sizes(adapter: &str, guest: &str, parts: &[&str], options: &[(&str, &str)]) -> (usize, usize, usize) {
    let found = adapters::get(adapter).unwrap();
    let size = |part: &Part| {
        let chosen = |option: &str| {
            let known = options.iter().chain(&[("mailbox", "keyvalue"), ("dialect", "async"), ("http", "0.2.0")]);
            known.into_iter().find(|(name, _)| *name == option).unwrap().1
        };
        found.file(part, chosen).unwrap().len()
    };
    let part = |name: &&str| found.parts.iter().find(|part| part.name == *name).unwrap();
    let parts_size = parts.iter().map(|name| size(part(name))).sum();
    let mut composition = Composition::new("guest.wasm", fixture(guest)).adapter(found.clone());
    composition = composition.with(|all| all.bake_secrets = true);
    for (option, value) in options {
        composition = composition.set(*option, *value);
    }
    let composed = composition.compose().unwrap();
    for part in &found.parts {
        let is_there = composed.plan.lines().any(|line| line == format!("{adapter}/{}", part.name));
        assert_eq!(is_there, parts.contains(&part.name.as_str()), "{guest}: {}", part.name);
    }
    let bytes = composed.component.to_bytes();
    // The options are data of the parts.
    assert!(!composed.plan.contains("/config\n"), "{}", composed.plan);
    let config = components(&bytes) - fixture(guest).len() - parts_size;
    let mut section = Vec::new();
    let (name, data) = Provenance::read(&bytes).unwrap().section();
    CustomSection { name: name.into(), data: data.into() }.append_to(&mut section);
    let said = section.len();
    assert!(said <= PROVENANCE, "{guest}: {said} bytes");
    let wiring = composed.report.size.added - parts_size - config - said;
    println!("{adapter} {guest}: parts {parts_size}, configuration {config}, provenance {said}, wiring {wiring}");
    (parts_size, config, wiring)
}

#[test]
fn the_flagship_with_its_options_keeps_within_its_budget() {
    let adapter = adapters::get(FLAGSHIP).unwrap();
    for keyvalue in adapter.option("keyvalue").unwrap().kind.values().unwrap() {
        for (guest, parts, wiring_of_guest) in [
            ("quote-desk", &["provider", "interceptor"][..], 0),
            // It also imports `wasi:cli/environment`: 64 bytes, and 29 to pass it on.
            ("survey", &["provider", "handler"], 93),
            ("pricer", &["responder"], 0),
        ] {
            let options = [("reply-topic", "a.reply.topic.of.usual.length"), ("keyvalue", keyvalue)];
            let (parts, config, wiring) = sizes(FLAGSHIP, guest, parts, &options);
            assert!(parts <= FLAGSHIP_BUDGET, "{guest}: {parts} bytes");
            assert!(config <= FLAGSHIP_CONFIGURATION, "{guest}: {config} bytes");
            assert!(wiring <= FLAGSHIP_WIRING + wiring_of_guest, "{guest}: {wiring} bytes");
        }
    }
}

#[test]
fn messaging_over_http_with_its_options_keeps_within_its_budget() {
    for (guest, parts) in [
        ("ticker", &["provider"][..]),
        ("pricer", &["receiver", "interceptor"]),
        ("quote-desk", &["provider", "interceptor"]),
        ("front", &["provider", "router"]),
        ("gateway", &["provider"]),
    ] {
        let options = [
            ("base-url", "https://a-broker.some-namespace.example.com/ingress"),
            ("client.orders.base-url", "https://orders.example.com"),
            ("header.authorization", "Bearer 0123456789abcdef0123456789abcdef"),
            ("path-prefix", "/messages/"),
        ];
        let (parts, config, wiring) = sizes(OVER_HTTP, guest, parts, &options);
        assert!(parts + config <= OVER_HTTP_BUDGET, "{guest}: {} bytes", parts + config);
        assert!(wiring <= OVER_HTTP_WIRING, "{guest}: {wiring} bytes");
    }
}

#[test]
fn messaging_over_http_on_wasi_0_3_keeps_within_its_budget() {
    for (guest, parts) in [
        ("pricer", &["receiver", "interceptor"][..]),
        ("quote-desk", &["provider", "interceptor"]),
        ("front-async", &["provider", "router"]),
    ] {
        let options = [
            ("http", "0.3.0"),
            ("base-url", "https://a-broker.some-namespace.example.com/ingress"),
            ("path-prefix", "/messages/"),
        ];
        let (parts, config, wiring) = sizes(OVER_HTTP, guest, parts, &options);
        assert!(parts + config + wiring <= OVER_HTTP_ASYNC_BUDGET, "{guest}: {} bytes", parts + config + wiring);
    }
}

#[test]
fn messaging_over_nats_with_its_options_keeps_within_its_budget() {
    for (guest, parts) in [("ticker", &["provider"][..]), ("courier", &["provider", "worker"])] {
        let options = [
            ("servers", "nats://nats-0.nats.svc:4222, nats://nats-1.nats.svc:4222"),
            ("subscribe", "orders.>, quotes"),
            ("queue-group", "couriers"),
            ("user", "courier"),
            ("password", "0123456789abcdef0123456789abcdef"),
        ];
        let options = if guest == "ticker" { [&options[..1], &options[3..]].concat() } else { options.to_vec() };
        let (parts, config, wiring) = sizes("messaging-over-nats", guest, parts, &options);
        assert!(parts + config <= OVER_NATS_BUDGET, "{guest}: {} bytes", parts + config);
        assert!(wiring <= OVER_HTTP_WIRING, "{guest}: {wiring} bytes");
    }
    let adapter = adapters::get("messaging-over-nats").unwrap();
    for part in adapter.parts.iter().filter(|part| part.name.ends_with("worker")) {
        let size = adapter.file(part, |option| option).unwrap().len();
        assert!(size <= WORKER_BUDGET, "{}: {size} bytes", part.name);
    }
}

#[test]
fn wasmclouds_messaging_with_its_options_keeps_within_its_budget() {
    for (guest, parts, budget) in [
        ("wasmcloud-courier", ["provider", "interceptor"], WASMCLOUD_BUDGET),
        ("wasmcloud-echo", ["publisher", "interceptor"], WASMCLOUD_BUDGET),
        ("wasmcloud-prices", ["publisher", "interceptor"], WASMCLOUD_BUDGET),
        ("wasmcloud-streams", ["streams", "streams-interceptor"], WASMCLOUD_STREAMS_BUDGET),
    ] {
        let options = [("content-type", "application/json"), ("metadata.tenant", "some-tenant"), ("client", "orders")];
        let (parts, config, wiring) = sizes("wasmcloud-over-messaging", guest, &parts, &options);
        assert!(parts + config <= budget, "{guest}: {} bytes", parts + config);
        assert!(wiring <= FLAGSHIP_WIRING, "{guest}: {wiring} bytes");
    }
}

#[test]
fn the_mailbox_in_memory_keeps_within_its_budget() {
    for dialect in ["mixed", "async"] {
        let flagship = adapters::get(FLAGSHIP).unwrap();
        let composed = Composition::new("quote-desk.wasm", fixture("quote-desk"))
            .adapter(flagship)
            .set("reply-topic", "a-namespace.a-service.replies")
            .set("mailbox", "memory")
            .with(|all| all.dialect = Some(dialect.parse().unwrap()))
            .compose()
            .unwrap();
        let added = composed.report.size.added;
        assert!(added <= IN_MEMORY_BUDGET, "{dialect}: {added} bytes");
    }
}

#[test]
fn every_part_takes_one_page_of_memory() {
    for adapter in adapters::names().map(|name| adapters::get(name).unwrap()) {
        for part in &adapter.parts {
            for mailbox in ["keyvalue", "memory"] {
                let value = |option: &str| match option {
                    "mailbox" => mailbox,
                    "dialect" => "async",
                    "http" => {
                        if mailbox == "memory" {
                            "0.3.0"
                        } else {
                            "0.2.0"
                        }
                    }
                    _ => "0.2.0-draft",
                };
                assert_eq!(pages(adapter.file(part, value).unwrap()), [1], "{}/{}", adapter.name, part.name);
            }
        }
    }
    assert_eq!(pages(&bake(&[("a".to_owned(), "b".to_owned())].into())), [1]);
}

/// Counts what an engine makes for each instance. Counts have no noise, so this holds what a part's shape costs. The engine
/// adds two instances of its own, one for each interface whose calls copy something between two components.
#[test]
fn the_echo_over_http_is_made_of_few_instances_memories_and_tables() {
    let made = |component: &[u8]| {
        let (mut instances, mut memories, mut tables, mut mapped) = (0, 0, 0, 0);
        for payload in Parser::new(0).parse_all(component) {
            match payload.unwrap() {
                Payload::InstanceSection(section) => {
                    let all = section.into_iter().map(Result::unwrap);
                    instances += all.filter(|one| matches!(one, Instance::Instantiate { .. })).count();
                }
                Payload::MemorySection(section) => memories += section.count(),
                Payload::TableSection(section) => tables += section.count(),
                Payload::DataSection(section) => {
                    let all = section.into_iter().map(Result::unwrap);
                    mapped += all.filter(|data| matches!(data.kind, DataKind::Active { .. })).count();
                }
                _ => {}
            }
        }
        (instances, memories, tables, mapped)
    };
    let (instances, memories, tables, mapped) = made(&fixture("echo"));
    let over_http = Composition::new("echo.wasm", fixture("echo")).adapter(adapters::get(OVER_HTTP).unwrap());
    let composed = over_http.compose().unwrap().component.to_bytes();
    // Two parts, each with a module for its memory and one for its code. The data of neither is mapped.
    assert_eq!(made(&composed), (instances + 4, memories + 2, tables, mapped));
    assert_eq!(made(&composed).0, 7);
}

/// With handlers that only reply and with ones that may send requests. The dispatcher's code is there once.
#[test]
fn a_linked_component_keeps_within_its_budget() {
    let added = |handler: &str, count: usize| {
        let mut link = Composition::new("asker.wasm", fixture("asker"));
        for number in 0..count {
            let mut bytes = fixture(handler);
            // Add a custom section, so that no two handlers are the same.
            bytes.extend([0, 3, 1, b'n', u8::try_from(number).unwrap()]);
            link = link.handler([format!("topic.of.handler.{number}.>")], format!("{number}.wasm"), bytes);
        }
        link.compose().unwrap().report.size.added
    };
    for handler in ["echo", "courier-c"] {
        let sizes: Vec<usize> = [2, 3, 4, 10].map(|count| added(handler, count)).into();
        println!("{handler}: {sizes:?}");
        assert!(sizes[1] - sizes[0] <= LINK_HANDLER && sizes[3] - sizes[2] <= 6 * LINK_HANDLER, "{handler}: {sizes:?}");
    }
    for (build, budget) in [("", LINK_BUDGET), ("-async", LINK_ASYNC_BUDGET)] {
        let part = |part: &str| std::fs::metadata(root().join(format!("adapters/link/{part}{build}.wasm")));
        let parts: u64 = ["bus", "dispatcher"].map(|name| part(name).unwrap().len()).into_iter().sum();
        assert!(parts <= budget as u64, "{parts} bytes");
    }
}

#[test]
fn every_part_of_a_link_takes_one_page_of_memory() {
    for file in std::fs::read_dir(root().join("adapters/link")).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(pages(&std::fs::read(&path).unwrap()), [1], "{}", path.display());
    }
}
