//! Components that are composed of others.

use super::{
    check, functions, is_async,
    worlds::{Worlds, worlds},
};
use crate::support::{OVER_HTTP, compose, dummy, fixture};
use msgcompose::{
    Composition, catalogue,
    dialect::Form,
    uplift::{Side, UpliftError, uplift},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use wac_graph::{CompositionGraph, EncodeOptions, PackageId, types::Package};

/// What is told of a component that is lifted, or why it is refused, in short.
fn outcome(component: &[u8], form: Form) -> Result<Vec<(String, Side, usize)>, UpliftError> {
    let lifted = uplift("app.wasm", component, form)?;
    check(component, &lifted, form);
    assert_eq!(lifted.bytes.len(), component.len(), "nothing is shared");
    Ok(lifted.functions.into_iter().map(|function| (function.function, function.side, function.types)).collect())
}

#[test]
fn a_composed_guest_is_lifted_with_its_adapter() {
    let app = compose("quote-desk", &[]);
    let expected = [("handle", Side::Export, 3), ("request", Side::Within, 4), ("handle", Side::Within, 4)];
    assert_eq!(
        outcome(&app, Form::Mixed).unwrap(),
        expected.map(|(function, side, types)| (function.to_owned(), side, types))
    );
    let app = compose("pricer", &[]);
    let expected = [
        ("[static]client.connect", Side::Import, 2),
        ("send", Side::Import, 2),
        ("handle", Side::Export, 3),
        ("reply", Side::Within, 4),
    ];
    assert_eq!(
        outcome(&app, Form::Async).unwrap(),
        expected.map(|(function, side, types)| (function.to_owned(), side, types))
    );
}

#[test]
fn a_part_that_would_trap_is_named() {
    // The provider calls `send`, and its other functions are those of a resource that keeps two numbers.
    assert!(outcome(&compose("quote-desk", &[]), Form::Async).is_ok());
    let over_http = |guest: &str| {
        let composition = Composition::new(guest, fixture(guest)).adapter(catalogue::get(OVER_HTTP).unwrap());
        composition.set("base-url", "http://broker").compose().unwrap().component.to_bytes()
    };
    let link = Composition::new("survey", fixture("survey")).handler(["a"], "echo", fixture("echo"));
    let link = link.compose().unwrap().component.to_bytes();
    let interceptor = format!("{OVER_HTTP}/interceptor");
    for (app, form, part, export) in [
        (compose("survey", &[]), Form::Mixed, "survey.wasm", "wasi:cli/run@0.2.0#run"),
        (over_http("quote-desk"), Form::Mixed, &*interceptor, "wasi:http/incoming-handler@0.2.0#handle"),
        (link, Form::Mixed, "dispatcher", "producer@0.2.0-draft#send"),
    ] {
        let error = outcome(&app, form).unwrap_err();
        let UpliftError::SyncExport { component, exports, .. } = &error else { panic!("{error:?}") };
        assert!(component.contains(part) && component.ends_with(" in `app.wasm`"), "{component}, not {part}");
        assert!(exports.iter().any(|name| name.ends_with(export)), "{exports:?}, not {export}");
        assert!(!exports.iter().any(|name| name.starts_with("import-")), "{exports:?}");
    }
}

/// A guest that imports what a provider exports; the provider's exports are also exports of the whole, or not.
fn composed(provider: Vec<u8>, guest: Vec<u8>, exports_provider: bool) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut package = |name: &str, bytes| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).unwrap();
        graph.register_package(package).unwrap()
    };
    let (provider, guest) = (package("t:provider", provider), package("t:guest", guest));
    let world = |graph: &CompositionGraph, package: PackageId| {
        let world = &graph.types()[graph[package].ty()];
        let names = |items: &indexmap::IndexMap<String, _>| items.keys().cloned().collect::<Vec<_>>();
        (names(&world.imports), names(&world.exports))
    };
    let ((_, offers), (needs, exports)) = (world(&graph, provider), world(&graph, guest));
    let (provider, guest) = (graph.instantiate(provider), graph.instantiate(guest));
    for name in offers.iter().filter(|name| needs.contains(name)) {
        let export = graph.alias_instance_export(provider, name).unwrap();
        graph.set_instantiation_argument(guest, name, export).unwrap();
    }
    let own = exports.iter().map(|name| (guest, name));
    let others = offers.iter().filter(|name| exports_provider && !exports.contains(name)).map(|name| (provider, name));
    for (instance, name) in own.chain(others) {
        let export = graph.alias_instance_export(instance, name).unwrap();
        graph.export(export, name).unwrap();
    }
    graph.encode(EncodeOptions::default()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_composition_is_lifted_as_a_whole(
        Worlds { provider, guest } in worlds(),
        exports_provider: bool,
        form in 1..3usize,
    ) {
        let form = Form::ALL[form];
        let [provider_alone, guest_alone] = [&provider, &guest].map(|wit| dummy(wit));
        let [of_provider, of_guest] = [&provider_alone, &guest_alone].map(|component| functions(component));
        let names = |functions: &BTreeMap<String, bool>, side: &str, lifted: bool| {
            let names = functions.keys().filter(|name| is_async(form, name) == lifted);
            names.filter_map(|name| name.strip_prefix(side)).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let of_form = [&of_provider, &of_guest].iter().any(|functions| functions.keys().any(|name| is_async(form, name)));
        let (offered, wanted) = (names(&of_provider, "export ", true), names(&of_guest, "import ", true));
        // What of the provider the host sees, and what the guest.
        let interface = |name: &str| name.split('#').next().unwrap().to_owned();
        let own: BTreeSet<_> = of_guest.keys().filter_map(|name| name.strip_prefix("export ")).map(interface).collect();
        let by_host = |name: &String| exports_provider && !own.contains(&interface(name));
        let by_guest = |name: &String| of_guest.contains_key(&format!("import {name}"));
        let calls = |functions| !names(functions, "import ", true).is_empty();
        let mut of_provider_sync = names(&of_provider, "export ", false);
        of_provider_sync.retain(|name| by_host(name) || by_guest(name));
        let traps = (calls(&of_provider) && !of_provider_sync.is_empty())
            || (calls(&of_guest) && !names(&of_guest, "export ", false).is_empty());
        let two_routes = offered.iter().any(by_host) && offered.iter().any(|name| wanted.contains(name));

        let app = composed(provider_alone, guest_alone, exports_provider);
        let lifted = uplift("app", &app, form);
        let told = format!("{:?} of\n{provider}\n{guest}\n{exports_provider}", lifted.as_ref().err());
        match lifted {
            Ok(lifted) => {
                prop_assert!(of_form && !traps && !two_routes, "{}", told);
                check(&app, &lifted, form);
            }
            Err(UpliftError::NothingToLift { .. }) => prop_assert!(!of_form, "{}", told),
            Err(UpliftError::SyncExport { .. }) => prop_assert!(traps, "{}", told),
            Err(UpliftError::TwoRoutes { .. }) => prop_assert!(two_routes, "{}", told),
            Err(error) => panic!("{error:?}"),
        }
    }
}
