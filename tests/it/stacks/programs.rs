//! No two components of a composition are programs for the host: `wasi:cli/run`, in whatever versions. A host finds one
//! and runs that, so the other would never run.

use super::{adapter, check, component, component_of};
use msgcompose::{Adapter, Composition, Remedied, link::Deliver};
use std::collections::BTreeSet;

const HANDLER: &str = "incoming-handler";

/// Returns a component with programs in any versions.
fn program(name: &str, imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let all = imports.iter().chain(exports);
    let versions: BTreeSet<_> = all.filter_map(|name| name.strip_prefix("wasi:cli/run@")).collect();
    // The interfaces of the repository have version 0.2.0.
    let others = versions.into_iter().filter(|version| *version != "0.2.0");
    let packages =
        others.map(|version| format!("package wasi:cli@{version} {{ interface run {{ run: func() -> result; }} }}\n"));
    component_of(name, imports, exports, &packages.collect::<String>())
}

fn guest(exports: &[&str]) -> Composition {
    Composition::new("guest.wasm", program("guest", &["producer"], exports))
}

/// Returns an adapter of one interceptor.
fn around(name: &str, imports: &[&str], exports: &[&str]) -> Adapter {
    Adapter::from_component(&format!("{name}.wasm"), program(name, imports, exports))
}

/// Returns the exports of a composition that are programs.
fn programs(composition: Composition) -> Vec<String> {
    let exports = composition.compose().unwrap_or_else(|error| panic!("{error:?}")).report.exports;
    exports.into_iter().filter(|export| export.starts_with("wasi:cli/run")).collect()
}

/// Returns why a composition is refused, and what to do.
fn refusal(composition: Composition) -> (String, String) {
    let Err(error) = composition.compose() else { panic!("it is not refused") };
    let remedy = error.remedy().expect("there is something to do").to_string();
    (error.to_string(), remedy)
}

#[test]
fn an_interceptor_brings_no_program_beside_the_guests() {
    for (own, other) in [("0.2.12", "0.2.0"), ("0.3.0", "0.2.0"), ("0.2.0", "0.3.0"), ("0.3.0-rc-1", "0.3.0")] {
        let [own, other] = [own, other].map(|version| format!("wasi:cli/run@{version}"));
        let (error, remedy) = refusal(guest(&[HANDLER, &own]).adapter(around("mine", &[HANDLER], &[&other])));
        let expected =
            format!("`guest.wasm` exports `{own}` and `mine.wasm` exports `{other}`: a host calls only one of them");
        assert_eq!(error, expected);
        let expected = format!(
            "leave `mine.wasm` out, build the guest without `{own}`, or take an adapter with a part that wraps it"
        );
        assert_eq!(remedy, expected);
    }
}

#[test]
fn a_part_that_wraps_the_program_takes_its_place() {
    let wraps = |imported: &str, exported: &str| around("wraps", &[imported], &[exported]);
    let guest_of_a_later_patch = || guest(&["wasi:cli/run@0.2.12"]);
    let composition = guest_of_a_later_patch().adapter(wraps("wasi:cli/run@0.2.0", "wasi:cli/run@0.2.0"));
    assert_eq!(programs(composition.clone()), ["wasi:cli/run@0.2.0"]);
    check("program-wrapped", composition);
    let as_later = guest_of_a_later_patch().adapter(wraps("wasi:cli/run@0.2.0", "wasi:cli/run@0.3.0"));
    assert_eq!(programs(as_later), ["wasi:cli/run@0.3.0"]);
}

/// A guest for old and new hosts has two programs. If a part wraps one, the host would still find the other.
#[test]
fn a_guest_with_two_programs_keeps_both_or_is_refused() {
    let both = || guest(&["wasi:cli/run@0.2.0", "wasi:cli/run@0.3.0"]);
    let provider = Adapter::from_component("provider.wasm", component("provider", &[], &["producer"]));
    assert_eq!(programs(both().adapter(provider)), ["wasi:cli/run@0.2.0", "wasi:cli/run@0.3.0"]);
    let (error, _) = refusal(both().adapter(around("mine", &["wasi:cli/run@0.2.0"], &["wasi:cli/run@0.2.0"])));
    let expected = "`guest.wasm` exports `wasi:cli/run@0.3.0` and `mine.wasm` exports `wasi:cli/run@0.2.0`: a host calls \
                    only one of them";
    assert_eq!(error, expected);
    let all = ["wasi:cli/run@0.2.0", "wasi:cli/run@0.3.0"];
    assert_eq!(programs(both().adapter(around("all", &all, &all))), all);
}

/// A handler part stands where the guest has nothing to wrap. A program on the same track would have been wrapped.
#[test]
fn a_handler_part_brings_no_program_beside_the_guests() {
    let mine = || {
        let provider = program("provider", &[], &["producer"]);
        let handler = program("handler", &[], &["wasi:cli/run@0.2.0"]);
        adapter("mine", &[("provider", "provider", provider), ("handler", "handler", handler)])
    };
    assert_eq!(programs(guest(&[]).adapter(mine())), ["wasi:cli/run@0.2.0"]);
    assert_eq!(programs(guest(&["wasi:cli/run@0.2.12"]).adapter(mine())), ["wasi:cli/run@0.2.12"]);
    let (error, remedy) = refusal(guest(&["wasi:cli/run@0.3.0"]).adapter(mine()));
    let expected = "`guest.wasm` exports `wasi:cli/run@0.3.0` and `mine/handler` exports `wasi:cli/run@0.2.0`: a host \
                    calls only one of them";
    assert_eq!(error, expected);
    assert!(remedy.starts_with("leave `mine` out, "), "{remedy}");
}

#[test]
fn two_adapters_bring_no_two_programs() {
    let inner = around("inner", &[HANDLER], &[HANDLER, "wasi:cli/run@0.2.0"]);
    let outer = around("outer", &[HANDLER], &["wasi:cli/run@0.3.0"]);
    let (error, remedy) = refusal(guest(&[HANDLER]).adapter(inner).adapter(outer));
    let expected = "`inner.wasm` exports `wasi:cli/run@0.2.0` and `outer.wasm` exports `wasi:cli/run@0.3.0`: a host \
                    calls only one of them";
    assert_eq!(error, expected);
    assert_eq!(remedy, "leave `outer.wasm` or `inner.wasm` out");
}

/// Of linked guests only the application has exports outside. A handler's program is hidden, whatever its version.
#[test]
fn linked_guests_are_one_program() {
    for [app, handler] in [["0.2.0", "0.2.12"], ["0.2.0", "0.3.0"], ["0.3.0", "0.2.0"]] {
        let [app, handler] = [app, handler].map(|version| format!("wasi:cli/run@{version}"));
        let linked = || {
            let handler = program("handler", &["types"], &[HANDLER, &handler]);
            guest(&[HANDLER, &app]).handler(["a"], "handler.wasm", handler)
        };
        for deliver in [Deliver::App, Deliver::None] {
            assert_eq!(programs(linked().with(|all| all.deliver = Some(deliver))), [&*app]);
        }
        let (error, _) = refusal(linked().adapter(around("mine", &[HANDLER], &[&handler])));
        let expected =
            format!("`guest.wasm` exports `{app}` and `mine.wasm` exports `{handler}`: a host calls only one of them");
        assert_eq!(error, expected);
    }
}
