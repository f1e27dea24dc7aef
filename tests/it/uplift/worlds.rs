//! Random worlds: of messaging and of their own, with functions of so few signatures that they share types.

use super::{check, functions, is_async};
use crate::support::dummy;
use msgcompose::{
    dialect::Form,
    uplift::{UpliftError, uplift},
};
use proptest::{collection::vec, prelude::*};

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
        let calls = before.keys().any(|function| function.starts_with("import ") && is_async(form, function));
        let stays_sync = before.keys().any(|function| function.starts_with("export ") && !is_async(form, function));
        match uplift("guest", &component, form) {
            Ok(lifted) => {
                prop_assert!(!(calls && stays_sync), "{}", world);
                check(&component, &lifted, form);
            }
            Err(UpliftError::SyncExport { .. }) => prop_assert!(calls && stays_sync, "{}", world),
            Err(UpliftError::NothingToLift { .. }) => prop_assert!(!before.keys().any(|function| is_async(form, function))),
            Err(error) => panic!("{error:?}\n{}", world),
        }
    }
}
