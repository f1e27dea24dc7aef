//! Random worlds with messaging and other interfaces. Their functions have so few signatures that they share types.

use super::{check, functions, is_async};
use crate::support::dummy;
use msgcompose::{
    types::Dialect,
    uplift::{UpliftError, uplift},
};
use proptest::{collection::vec, prelude::*};

/// The interfaces and functions that are lifted in some dialect, and two more functions in each.
const INTERFACES: [(&str, &[&str]); 4] = [
    ("types", &["disconnect", "data"]),
    ("producer", &["send", "flush"]),
    ("request-reply", &["request", "reply", "forward"]),
    ("incoming-handler", &["handle", "peek", "poke"]),
];

/// Few enough that functions share them.
const SIGNATURES: [&str; 3] =
    ["func(m: borrow<message>) -> result<_, error>", "func(m: message) -> result<_, error>", "func() -> u32"];

/// Returns the WIT of an interface with the chosen functions, each with a signature.
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

/// Returns signatures of functions. Functions that no dialect lifts are rarer, because exporting them often forbids
/// lifting others.
fn signatures(names: &'static [&'static str]) -> Vec<impl Strategy<Value = Option<usize>>> {
    let chance = |name| if ["send", "request", "reply", "handle", "twin"].contains(name) { 0.8 } else { 0.3 };
    names.iter().map(|name| proptest::option::weighted(chance(name), 0..SIGNATURES.len())).collect()
}

const OWN: &[&str] = &["twin", "other", "third"];

/// Returns one interface of its own, and those of messaging, with some of their functions.
fn interfaces() -> impl Strategy<Value = (String, String)> {
    let functions: Vec<_> = INTERFACES.iter().map(|(_, names)| signatures(names)).collect();
    (functions, signatures(OWN)).prop_map(|(chosen, own)| {
        let chosen = INTERFACES.iter().zip(&chosen);
        let messaging = chosen.map(|((name, functions), chosen)| interface(name, functions, chosen)).collect();
        (interface("mine", OWN, &own), messaging)
    })
}

/// What a world imports and exports, of messaging and of other interfaces.
type Sides = (Vec<bool>, Vec<bool>, Vec<bool>);

fn sides() -> impl Strategy<Value = Sides> {
    let often = || vec(proptest::bool::weighted(0.4), 3);
    (often(), often(), vec(proptest::bool::weighted(0.15), 4))
}

/// Returns the WIT of a world.
fn wit(name: &str, (own, messaging): &(String, String), (imports, exports, others): &Sides) -> String {
    let list = |verb: &str, sides: &[bool]| -> String {
        let named = INTERFACES[1..].iter().zip(sides).filter(|(_, is_in)| **is_in);
        named.map(|((name, _), _)| format!("{verb} wasi:messaging/{name}@0.2.0-draft;")).collect()
    };
    let other_items =
        ["import mine;", "export mine;", "import handle: func() -> u32;", "export request: func() -> u32;"];
    let other_items: String =
        other_items.into_iter().zip(others).filter(|(_, is_in)| **is_in).map(|(item, _)| item).collect();
    let world = list("import", imports) + &list("export", exports) + &other_items;
    format!(
        "// alone\npackage t:{name}; {own} world w {{ {world} }} package wasi:messaging@0.2.0-draft {{ {messaging} }}"
    )
}

fn world() -> impl Strategy<Value = String> {
    (interfaces(), sides()).prop_map(|(interfaces, sides)| wit("w", &interfaces, &sides))
}

/// Two worlds with the same interfaces.
#[derive(Debug, Clone)]
pub struct Worlds {
    pub provider: String,
    pub guest: String,
}

pub fn worlds() -> impl Strategy<Value = Worlds> {
    (interfaces(), sides(), sides()).prop_map(|(interfaces, provider, guest)| Worlds {
        provider: wit("provider", &interfaces, &provider),
        guest: wit("guest", &interfaces, &guest),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn exactly_the_functions_of_the_dialect_become_async(world in world(), form in 1..3usize) {
        let form = Dialect::ALL[form];
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
