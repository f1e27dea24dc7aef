//! Guests that are lifted: exactly the right functions become async, and nothing else changes.

mod composed;
mod refused;
mod running;
mod shapes;
mod worlds;

use crate::support::fixture;
use msgcompose::{
    ErrorKind, Remedied,
    types::{Dialect, InterfaceId},
    uplift::{Side, UpliftError, Uplifted, uplift, uplift_within},
};
use proptest::{collection::vec, prelude::*};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};
use wasmparser::{
    Encoding, Parser, Payload, ValidPayload, Validator, WasmFeatures, component_types::ComponentEntityType,
};
use wit_component::DecodedWasm;
use wit_parser::{FunctionKind, Resolve, WorldItem};

/// Returns the core modules of a component, at all depths.
fn modules(component: &[u8]) -> Vec<&[u8]> {
    let payloads = Parser::new(0).parse_all(component).map(Result::unwrap);
    let modules = payloads.filter_map(|payload| match payload {
        Payload::ModuleSection { unchecked_range: range, .. } => {
            Some(&component[range.start as usize..range.end as usize])
        }
        _ => None,
    });
    modules.collect()
}

/// Returns the functions that a component imports and exports, each with whether it is async, by
/// `import interface#name`.
fn functions(component: &[u8]) -> BTreeMap<String, bool> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component).unwrap() else { panic!() };
    let world = &resolve.worlds[world];
    let mut functions = BTreeMap::new();
    for (side, items) in [("import", &world.imports), ("export", &world.exports)] {
        for (key, item) in items {
            let name = resolve.name_world_key(key);
            let mut add =
                |name: String, kind: &FunctionKind| functions.insert(format!("{side} {name}"), kind.is_async());
            match item {
                WorldItem::Interface { id, .. } => {
                    for function in resolve.interfaces[*id].functions.values() {
                        add(format!("{name}#{}", function.name), &function.kind);
                    }
                }
                WorldItem::Function(function) => drop(add(name, &function.kind)),
                WorldItem::Type { .. } => {}
            }
        }
    }
    functions
}

/// Returns the same for all nested components, as the validator sees them, by
/// `component number: import interface#name`.
fn all_functions(component: &[u8]) -> BTreeMap<String, bool> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    // For each open binary: whether it is a component, and its imports and exports.
    let (mut open, mut functions, mut number) = (Vec::new(), BTreeMap::new(), 0);
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.unwrap();
        let names = open.last_mut().map(|(_, names): &mut (bool, Vec<(&str, String)>)| names);
        match &payload {
            Payload::Version { encoding, .. } => open.push((*encoding == Encoding::Component, Vec::new())),
            Payload::ComponentImportSection(imports) => {
                let imports =
                    imports.clone().into_iter().map(|import| ("import", import.unwrap().name.name.to_owned()));
                names.unwrap().extend(imports);
            }
            Payload::ComponentExportSection(exports) => {
                let exports =
                    exports.clone().into_iter().map(|export| ("export", export.unwrap().name.name.to_owned()));
                names.unwrap().extend(exports);
            }
            _ => {}
        }
        let ValidPayload::End(types) = validator.payload(&payload).unwrap() else { continue };
        let Some((true, names)) = open.pop() else { continue };
        for (side, name) in names {
            let item = match side {
                "import" => types.component_item_for_import(&name),
                _ => types.component_item_for_export(&name),
            };
            let ComponentEntityType::Instance(instance) = item.unwrap().ty else { continue };
            for (function, item) in &types[instance].exports {
                if let ComponentEntityType::Func(id) = item.ty {
                    functions.insert(format!("{number}: {side} {name}#{function}"), types[id].async_);
                }
            }
        }
        number += 1;
    }
    functions
}

/// Returns whether a function, named as by [`functions`], is async in a dialect.
fn is_async(form: Dialect, function: &str) -> bool {
    let name = function.split_once(' ').unwrap().1;
    name.split_once('#').is_some_and(|(interface, name)| {
        interface.parse::<InterfaceId>().is_ok_and(|interface| form.lifts(&interface, name))
    })
}

/// Returns whether a function, named as by [`functions`], is async after lifting. Functions outside messaging stay as
/// they were.
fn becomes_async(form: Dialect, function: &str, was_async: bool) -> bool {
    if function.contains(" wasi:messaging/") { is_async(form, function) } else { was_async }
}

/// Checks that all nested components have messaging in the dialect, and that no other versioned interface has changed.
fn check_within(component: &[u8], lifted: &[u8], form: Dialect) {
    let (before, after) = (all_functions(component), all_functions(lifted));
    assert!(before.keys().eq(after.keys()));
    for ((function, was_async), is_now) in before.into_iter().zip(after.into_values()) {
        let (_, name) = function.split_once(": ").unwrap();
        if name.contains(" wasi:messaging/") || name.contains('@') {
            assert_eq!(is_now, becomes_async(form, name, was_async), "{function}");
        }
    }
}

/// Checks what must hold for every lifted component.
fn check(component: &[u8], lifted: &Uplifted<'_>, form: Dialect) {
    Validator::new_with_features(WasmFeatures::all()).validate_all(&lifted.bytes).unwrap();
    assert!(modules(component) == modules(&lifted.bytes), "core modules are as they were");
    let expected: BTreeMap<_, _> = functions(component)
        .into_iter()
        .map(|(function, was_async)| (function.clone(), becomes_async(form, &function, was_async)))
        .collect();
    assert_eq!(functions(&lifted.bytes), expected);
    check_within(component, &lifted.bytes, form);
    let told = lifted.functions.iter().filter(|function| function.side != Side::Within).map(|function| {
        let side = if function.side == Side::Import { "import" } else { "export" };
        format!("{side} {}#{}", function.interface, function.function)
    });
    let wanted: BTreeSet<_> = expected.into_keys().filter(|function| is_async(form, function)).collect();
    assert_eq!(told.collect::<BTreeSet<_>>(), wanted);
    let mut own = component.to_vec();
    let within = uplift_within("again", &mut own, form).unwrap();
    assert!(within.bytes == lifted.bytes && within.functions == lifted.functions, "in its own place it is the same");
    let again = uplift("again", &*lifted.bytes, form).unwrap();
    assert!(again.bytes == lifted.bytes, "lifting twice is as lifting once");
    assert!(again.functions.iter().all(|function| function.types == 0));
}

/// Returns the bytes that differ between two components of equal size, before and after.
fn difference(component: &[u8], lifted: &[u8]) -> Vec<(u8, u8)> {
    assert_eq!(component.len(), lifted.len());
    component.iter().zip(lifted).filter(|(before, after)| before != after).map(|(one, other)| (*one, *other)).collect()
}

/// Lifts the committed guests to a dialect. Returns how many bytes change, or why each is refused.
fn outcomes(form: Dialect) -> BTreeMap<String, String> {
    let files = fs::read_dir(crate::support::root().join("fixtures/prebuilt")).unwrap();
    let names = files.filter_map(|file| {
        let name = file.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".wasm").map(ToOwned::to_owned)
    });
    let outcome = |name: String| {
        let guest = fixture(&name);
        let outcome = match uplift(&name, &guest, form) {
            Ok(lifted) => {
                check(&guest, &lifted, form);
                let changed = difference(&guest, &lifted.bytes);
                assert!(changed.iter().all(|change| *change == (0x40, 0x43)), "{name}: {changed:x?}");
                let types: usize = lifted.functions.iter().map(|function| function.types).sum();
                assert_eq!(types, changed.len(), "{name}: each type is told once");
                changed.len().to_string()
            }
            Err(UpliftError::NothingToLift { .. }) => "nothing to lift".to_owned(),
            Err(UpliftError::SyncExport { .. }) => "sync export".to_owned(),
            Err(UpliftError::AlreadyAsync { .. }) => "async already".to_owned(),
            Err(error) => panic!("{name}: {error:?}"),
        };
        (name, outcome)
    };
    names.map(outcome).collect()
}

#[test]
fn a_committed_guest_differs_in_a_byte_for_each_type() {
    let expected = |outcomes: &[(&str, &[&str])]| -> BTreeMap<String, String> {
        let named = |(outcome, names): &(&str, &[&str])| {
            names.iter().map(|name| (name.to_string(), outcome.to_string())).collect::<Vec<_>>()
        };
        outcomes.iter().flat_map(named).collect()
    };
    let (without, sync) = ("nothing to lift", "sync export");
    assert_eq!(
        outcomes(Dialect::Mixed),
        expected(&[
            ("0", &["crowd", "crowd-program", "swarm"]),
            (
                "3",
                &[
                    "chatty",
                    "direct",
                    "echo",
                    "front",
                    "logger",
                    "logger-draft",
                    "pricer",
                    "setup",
                    "shop-audit",
                    "shop-prices"
                ]
            ),
            ("4", &["courier", "courier-c", "nester", "probe", "quote-desk", "rounds", "stubborn", "subscriber"]),
            (
                without,
                &[
                    "bare-echo",
                    "bare-echo-p3",
                    "gateway",
                    "ticker",
                    "wasmcloud-courier",
                    "wasmcloud-echo",
                    "wasmcloud-prices",
                    "wasmcloud-streams",
                    "web"
                ]
            ),
            (sync, &["asker", "pacer", "shop-front", "survey"]),
            ("async already", &["asker-async", "echo-async", "front-async", "swarm-async", "waiter"]),
        ])
    );
    assert_eq!(
        outcomes(Dialect::Async),
        expected(&[
            ("0", &["asker-async", "echo-async", "front-async", "swarm-async", "waiter"]),
            ("2", &["crowd", "crowd-program", "swarm"]),
            ("3", &["logger", "logger-draft", "shop-audit"]),
            ("4", &["chatty", "echo", "pricer", "setup", "shop-prices"]),
            ("6", &["probe", "quote-desk", "rounds", "stubborn", "subscriber"]),
            ("7", &["courier", "courier-c", "nester"]),
            ("9", &["direct"]),
            (
                without,
                &[
                    "bare-echo",
                    "bare-echo-p3",
                    "wasmcloud-courier",
                    "wasmcloud-echo",
                    "wasmcloud-prices",
                    "wasmcloud-streams",
                    "web"
                ]
            ),
            (sync, &["asker", "front", "gateway", "pacer", "shop-front", "survey", "ticker"]),
        ])
    );
}

#[test]
fn guests_of_every_language_are_lifted() {
    let folder = env::var("MSGCOMPOSE_GUESTS").expect("`cargo xtask test` sets `MSGCOMPOSE_GUESTS`");
    for name in ["courier-js", "courier-python", "quote-desk-js", "shop-stock-js"] {
        let guest = fs::read(Path::new(&folder).join(format!("{name}.wasm"))).unwrap();
        for form in [Dialect::Mixed, Dialect::Async] {
            let lifted = uplift(name, &guest, form).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            check(&guest, &lifted, form);
            let changed = difference(&guest, &lifted.bytes);
            assert!(
                !changed.is_empty() && changed.iter().all(|change| *change == (0x40, 0x43)),
                "{name}: {changed:x?}"
            );
        }
    }
}

#[test]
fn a_dialect_is_what_its_wit_says() {
    for (form, folder) in Dialect::ALL.into_iter().zip(["messaging", "messaging-mixed", "messaging-async"]) {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_path(crate::support::root().join("wit").join(folder)).unwrap();
        for (name, interface) in &resolve.packages[package].interfaces {
            let id: InterfaceId = format!("wasi:messaging/{name}@0.2.0-draft").parse().unwrap();
            for function in resolve.interfaces[*interface].functions.values() {
                let is_async = form.lifts(&id, &function.name);
                assert_eq!(function.kind.is_async(), is_async, "{folder}: {name}#{}", function.name);
            }
        }
    }
}

#[test]
fn lifting_to_sync_changes_nothing() {
    let guest = fixture("quote-desk");
    let same = uplift("quote-desk", &guest, Dialect::Sync).unwrap();
    assert!(*same.bytes == guest && same.functions.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_guest_is_lifted_or_refused(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut guest = fixture("courier");
        // Change only the last bytes: most of the others are code, which lifting ignores.
        let types = guest.len() - 6000;
        for (at, byte) in changes {
            let at = types + at.index(guest.len() - types);
            guest[at] = byte;
        }
        if let Some(cut) = cut {
            guest.truncate(cut.index(guest.len()));
        }
        if let Err(error) = uplift("guest", guest, Dialect::Async) {
            prop_assert!(error.kind() != ErrorKind::Internal, "{:?}", error);
        }
    }
}
