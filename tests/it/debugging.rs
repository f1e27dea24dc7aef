//! Names in backtraces, and what `debug` and `strip` change of a composition.

use crate::{
    engine::{World, on_keyvalue_variants},
    support::{FLAGSHIP, OVER_HTTP, fixture, interfaces},
};
use msgcompose::{Composed, Composition, ConfigFrom, Strip, catalogue};
use msgcompose_host::{Message, Outcome};
use std::collections::BTreeSet;
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// A guest whose functions have names, one of which traps.
fn named_guest() -> Vec<u8> {
    let mut module = wat::parse_str(
        r#"(module $order_desk
            (import "wasi:messaging/request-reply@0.2.0-draft" "request" (func (param i32 i32 i32 i32 i32 i32 i32)))
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func $take_order (param i32) unreachable)
            (func $handle_message (export "wasi:messaging/incoming-handler@0.2.0-draft#handle") (param i32) (result i32)
                local.get 0
                call $take_order
                i32.const 0))"#,
    )
    .unwrap();
    let mut resolve = interfaces();
    let world = "package order:desk;
        world guest {
            import wasi:messaging/request-reply@0.2.0-draft;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }";
    let package = resolve.push_str("guest.wit", world).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}

fn composition(guest: Vec<u8>) -> Composition {
    let adapter = catalogue::get(FLAGSHIP).unwrap();
    Composition::new("guest.wasm", guest).adapter(adapter).set("reply-topic", "replies")
}

fn composed(composition: Composition) -> Composed<'static> {
    composition.compose().unwrap_or_else(|error| panic!("{error:?}"))
}

/// The names of all custom sections: those of the composition, and those of what is in it.
fn custom_sections(wasm: &[u8]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut outer, mut inner, mut depth) = (BTreeSet::new(), BTreeSet::new(), 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) => {
                if depth == 0 { &mut outer } else { &mut inner }.insert(section.name().to_owned());
            }
            _ => {}
        }
    }
    (outer, inner)
}

fn has(wasm: &[u8], text: &str) -> bool {
    wasm.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_backtrace_names_functions_of_the_guest_and_of_the_adapters_in_a_debug_composition() {
    on_keyvalue_variants(|variant| async move {
        for debug in [true, false] {
            let composition =
                composition(named_guest()).set("keyvalue", variant.keyvalue()).with(|all| all.debug = debug);
            let world = World::new(variant);
            let bytes = composed(composition).component.to_bytes();
            let _app = world.start_component("guest", &bytes, &["orders"], &[]).await;
            world.publish("orders", Message::new("one")).await;
            let Outcome::Trapped(trap) = world.handled("orders").await else { panic!("it does not trap") };
            println!("{trap}");
            for name in ["order_desk!take_order", "order_desk!handle_message"] {
                assert!(trap.contains(name), "{name} in {trap}");
            }
            let shows_adapter =
                trap.contains("reqreply_interceptor.wasm!wasi:messaging/incoming-handler@0.2.0-draft#handle");
            assert_eq!(shows_adapter, debug, "{trap}");
        }
    });
}

#[test]
fn a_debug_composition_imports_standard_error_and_nothing_else_more() {
    let more: BTreeSet<String> =
        ["wasi:cli/stderr@0.2.0", "wasi:io/error@0.2.0", "wasi:io/streams@0.2.0"].map(str::to_owned).into();
    for from in [ConfigFrom::Baked, ConfigFrom::Env, ConfigFrom::Host] {
        for (guest, adapter) in
            [("quote-desk", FLAGSHIP), ("survey", FLAGSHIP), ("pricer", FLAGSHIP), ("front", OVER_HTTP)]
        {
            let [release, debug] = [false, true].map(|debug| {
                let mut composition = Composition::new("guest.wasm", fixture(guest))
                    .with(|all| all.config_from = from)
                    .with(|all| all.debug = debug);
                composition = composition.adapter(catalogue::get(adapter).unwrap());
                let option =
                    if adapter == FLAGSHIP { ("reply-topic", "replies") } else { ("base-url", "http://broker") };
                composed(composition.set(option.0, option.1))
            });
            let expected = &release.report.imports | &more;
            assert_eq!(debug.report.imports, expected, "{guest} with {adapter}, {from:?}");
            assert!(!release.report.imports.contains("wasi:cli/stderr@0.2.0"));
            assert_eq!(release.report.exports, debug.report.exports);
            let is_said =
                |report: &msgcompose::Report| report.notes.iter().any(|note| note.starts_with("debug builds:"));
            assert!(is_said(&debug.report) && !is_said(&release.report));
            println!("{guest} {adapter} {from:?}: {} {}", release.report.size.added, debug.report.size.added);
        }
    }
}

#[test]
fn stripping_takes_the_names_and_leaves_the_provenance() {
    let bytes = |strip| {
        composed(composition(named_guest()).with(|all| all.debug = true).with(|all| all.strip = strip))
            .component
            .to_bytes()
    };
    let [whole, adapters, all] = [Strip::Nothing, Strip::Adapters, Strip::All].map(bytes);

    let (outer, inner) = custom_sections(&whole);
    assert!(outer.contains("component-name") && inner.contains("name"), "{outer:?} {inner:?}");
    assert!(has(&whole, "take_order") && has(&whole, "reqreply_interceptor"));

    let (outer, inner) = custom_sections(&adapters);
    let provenance: BTreeSet<String> = ["msgcompose", "producers"].map(str::to_owned).into();
    assert_eq!(outer, provenance);
    assert!(inner.contains("name"), "the guest's");
    assert!(has(&adapters, "take_order") && !has(&adapters, "reqreply_interceptor"));

    let (outer, inner) = custom_sections(&all);
    assert_eq!((outer, inner), (provenance, BTreeSet::new()));
    assert!(!has(&all, "take_order"));
    assert!(all.len() < adapters.len() && adapters.len() < whole.len());
    for component in [&adapters, &all] {
        wasmparser::Validator::new().validate_all(component).unwrap();
        assert_eq!(msgcompose::inspect("composed", component).unwrap().composed.unwrap().adapters[0].name, FLAGSHIP);
    }
}
