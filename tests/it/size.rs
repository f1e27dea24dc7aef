//! Budgets of size: what a composition adds, and what its instances take of memory.

use crate::support::{FLAGSHIP, fixture};
use msgcompose::{Composition, adapter::Part, catalogue, config, option::OptionType};
use wasmparser::{Parser, Payload};

/// For the parts of the adapter that stand around one guest, and their baked options.
const ADAPTER: usize = 40 * 1024;

/// For the wiring: what is neither guest, part nor configuration.
const WIRING: usize = 2750;

fn pages(wasm: &[u8]) -> Vec<u64> {
    let payloads = Parser::new(0).parse_all(wasm).map(Result::unwrap);
    let memories = payloads.filter_map(|payload| match payload {
        Payload::MemorySection(section) => Some(section.into_iter().map(|memory| memory.unwrap().initial)),
        _ => None,
    });
    memories.flatten().collect()
}

#[test]
fn the_flagship_with_its_options_keeps_within_its_budget() {
    let adapter = catalogue::get(FLAGSHIP).unwrap();
    let part = |name: &str| adapter.parts.iter().find(|part| part.name == name).unwrap();
    let Some(OptionType::Choice { values }) = adapter.option("keyvalue").map(|option| option.kind.clone()) else {
        panic!("`keyvalue` is a choice")
    };
    for keyvalue in &values {
        let size = |part: &Part| adapter.file(part, |_| keyvalue).unwrap().len();
        for (guest, parts) in [
            ("quote-desk", vec!["provider", "interceptor"]),
            ("survey", vec!["provider", "handler"]),
            ("pricer", vec!["responder"]),
        ] {
            let parts: usize = parts.into_iter().map(|name| size(part(name))).sum();
            let composed = Composition::of("guest.wasm", fixture(guest))
                .adapter(adapter.clone())
                .set("reply-topic", "a.reply.topic.of.usual.length")
                .set("keyvalue", keyvalue)
                .compose()
                .unwrap();
            // The second component of the composition, as the plan says.
            assert!(composed.plan.starts_with(&format!("{FLAGSHIP}/config\n")));
            let bytes = composed.component.to_bytes();
            let nested: Vec<usize> = Parser::new(0)
                .parse_all(&bytes)
                .filter_map(|payload| match payload.unwrap() {
                    Payload::ComponentSection { unchecked_range, .. } => {
                        Some(usize::try_from(unchecked_range.end - unchecked_range.start).unwrap())
                    }
                    _ => None,
                })
                .collect();
            let config = nested[0];
            let wiring = composed.report.size.added - parts - config;
            println!("{guest} {keyvalue}: parts {parts}, configuration {config}, wiring {wiring}");
            assert!(parts + config <= ADAPTER, "{guest}: {} bytes", parts + config);
            assert!(wiring <= WIRING, "{guest}: {wiring} bytes");
        }
    }
}

#[test]
fn every_part_takes_one_page_of_memory() {
    let adapter = catalogue::get(FLAGSHIP).unwrap();
    for part in &adapter.parts {
        assert_eq!(pages(adapter.file(part, |_| "0.2.0-draft").unwrap()), [1], "{}", part.name);
    }
    assert_eq!(pages(&config::bake(&[("a".to_owned(), "b".to_owned())].into()).unwrap()), [1]);
}
