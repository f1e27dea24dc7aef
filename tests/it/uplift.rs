//! Guests that are lifted to async functions: only what is to be async becomes so, and nothing else changes.

use crate::support::{dummy, fixture};
use msgcompose::{
    dialect::Form,
    interface::InterfaceId,
    uplift::{Instead, Side, UpliftError, Uplifted, uplift},
};
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wit_component::DecodedWasm;
use wit_parser::{FunctionKind, WorldItem};

/// The core modules of a component, wherever they are nested.
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

/// Each function on the outside of a component, with whether it is async: `import interface#name`.
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

/// Whether a function as [`functions`] names it is async in a form.
fn is_async(form: Form, function: &str) -> bool {
    let name = function.split_once(' ').unwrap().1;
    name.split_once('#').is_some_and(|(interface, name)| {
        interface.parse::<InterfaceId>().is_ok_and(|interface| form.lifts(&interface, name))
    })
}

/// What holds of every component that is lifted.
fn check(component: &[u8], lifted: &Uplifted<'_>, form: Form) {
    Validator::new_with_features(WasmFeatures::all()).validate_all(&lifted.bytes).unwrap();
    assert!(modules(component) == modules(&lifted.bytes), "core modules are as they were");
    let expected: BTreeMap<_, _> =
        functions(component).into_keys().map(|function| (function.clone(), is_async(form, &function))).collect();
    assert_eq!(functions(&lifted.bytes), expected);
    let told = lifted.functions.iter().filter(|function| function.side != Side::Within).map(|function| {
        let side = if function.side == Side::Import { "import" } else { "export" };
        format!("{side} {}#{}", function.interface, function.function)
    });
    let wanted: BTreeSet<_> = expected.into_iter().filter(|(_, is_async)| *is_async).map(|(name, _)| name).collect();
    assert_eq!(told.collect::<BTreeSet<_>>(), wanted);
    let again = uplift("again", &*lifted.bytes, form).unwrap();
    assert!(again.bytes == lifted.bytes, "lifting twice is as lifting once");
    assert!(again.functions.iter().all(|function| function.types == 0));
}

/// The interfaces and functions that are lifted in some form, and two more in each.
const INTERFACES: [(&str, &[&str]); 4] = [
    ("types", &["disconnect", "data"]),
    ("producer", &["send", "flush"]),
    ("request-reply", &["request", "reply", "forward"]),
    ("incoming-handler", &["handle", "peek", "poke"]),
];

/// So few that functions share them.
const SIGNATURES: [&str; 3] =
    ["func(m: borrow<message>) -> result<_, error>", "func(m: message) -> result<_, error>", "func() -> u32"];

/// Functions of an interface: those that it has, each with a signature.
fn interface(name: &str, functions: &[&str], chosen: &[Option<usize>]) -> String {
    let functions = functions
        .iter()
        .zip(chosen)
        .filter_map(|(function, signature)| Some(format!("{function}: {};", SIGNATURES[(*signature)?])));
    let functions: String = functions.collect();
    if name == "types" {
        return format!(
            "interface types {{ variant error {{ other }} resource message {{ constructor(); }} \
             resource client {{ connect: static func() -> result<client, error>; }} {functions} }}"
        );
    }
    let types = if name == "mine" { "wasi:messaging/types@0.2.0-draft" } else { "types" };
    format!("interface {name} {{ use {types}.{{message, error}}; {functions} }}")
}

fn signatures(count: usize) -> impl Strategy<Value = Vec<Option<usize>>> {
    vec(proptest::option::weighted(0.8, 0..SIGNATURES.len()), count)
}

/// The WIT of a world with messaging and an interface of its own, all with functions out of a few.
fn world() -> impl Strategy<Value = String> {
    let functions = (signatures(2), signatures(2), signatures(3), signatures(3), signatures(3));
    let sides = (vec(any::<bool>(), 3), vec(any::<bool>(), 3), any::<[bool; 4]>());
    (functions, sides).prop_map(|((types, producer, request_reply, handler, own), (imports, exports, others))| {
        let chosen = [types, producer, request_reply, handler];
        let messaging: String = INTERFACES
            .iter()
            .zip(&chosen)
            .map(|((name, functions), chosen)| interface(name, functions, chosen))
            .collect();
        let own_names = ["twin", "other", "third"];
        let list = |verb: &str, sides: &[bool]| -> String {
            let named = INTERFACES[1..].iter().zip(sides).filter(|(_, is_in)| **is_in);
            named.map(|((name, _), _)| format!("{verb} wasi:messaging/{name}@0.2.0-draft;")).collect()
        };
        let own = interface("mine", &own_names, &own);
        let [imports_own, exports_own, plain_import, plain_export] = others;
        let mut world = list("import", &imports) + &list("export", &exports);
        for (is_in, item) in [
            (imports_own, "import mine;"),
            (exports_own, "export mine;"),
            (plain_import, "import handle: func() -> u32;"),
            (plain_export, "export request: func() -> u32;"),
        ] {
            world += if is_in { item } else { "" };
        }
        let wit = format!(
            "// alone\npackage t:w; {own} world w {{ {world} }} package wasi:messaging@0.2.0-draft {{ {messaging} }}"
        );
        wit
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn what_is_to_be_async_becomes_so_and_nothing_else(world in world(), form in 1..3usize) {
        let form = Form::ALL[form];
        let component = dummy(&world);
        let before = functions(&component);
        let is_lifted = |function: &&String| is_async(form, function);
        let calls = before.keys().any(|function| function.starts_with("import ") && is_async(form, function));
        let stays_sync = before.keys().any(|function| function.starts_with("export ") && !is_async(form, function));
        match uplift("guest", &component, form) {
            Ok(lifted) => {
                prop_assert!(!(calls && stays_sync), "{}", world);
                check(&component, &lifted, form);
            }
            Err(UpliftError::SyncExport { .. }) => prop_assert!(calls && stays_sync, "{}", world),
            Err(UpliftError::NothingToLift { .. }) => prop_assert!(before.keys().find(is_lifted).is_none()),
            Err(error) => panic!("{error:?}\n{}", world),
        }
    }
}
