//! How stacks of adapters are wired, with components that do nothing. Each plan is compared with a golden file, and the
//! result is validated in full.

mod over_http;
mod programs;
mod wasmcloud;

use crate::{
    pictures::assert_same,
    support::{FLAGSHIP, dummy, fixture, golden, root},
};
use msgcompose::{Adapter, Composition, ConfigFrom, Report, Validation, adapters};
use std::{borrow::Cow, collections::BTreeMap};

const MESSAGING: &str = "wasi:messaging";

/// Returns a component with these imports and exports.
fn component(name: &str, imports: &[&str], exports: &[&str]) -> Vec<u8> {
    component_of(name, imports, exports, "")
}

/// Returns a component with these imports and exports, some of which are in `packages`.
fn component_of(name: &str, imports: &[&str], exports: &[&str], packages: &str) -> Vec<u8> {
    let mut wit = format!("package t:{name};\nworld {name} {{\n");
    for (word, names) in [("import", imports), ("export", exports)] {
        for name in names {
            let name = if name.contains(':') { (*name).to_owned() } else { format!("{MESSAGING}/{name}@0.2.0-draft") };
            wit.push_str(&format!("  {word} {name};\n"));
        }
    }
    dummy(&(wit + "}\n" + packages))
}

/// Returns an adapter with these parts: names, roles and components.
fn adapter(name: &str, parts: &[(&str, &str, Vec<u8>)]) -> Adapter {
    let mut manifest = "summary = \"a test\"\n".to_owned();
    let mut files = BTreeMap::new();
    for (part, role, component) in parts {
        manifest.push_str(&format!("[[part]]\nname = \"{part}\"\nrole = \"{role}\"\nfile = \"{part}.wasm\"\n"));
        files.insert(format!("{part}.wasm"), Cow::Owned(component.clone()));
    }
    files.insert("adapter.toml".to_owned(), Cow::Owned(manifest.into_bytes()));
    Adapter::from_files(name, files).unwrap()
}

/// Composes, compares the plan with its golden file, and compares the pictures of plan and result. Returns the report.
fn seen(name: &str, composition: Composition) -> Report {
    let composed =
        composition.with(|all| all.validate = Validation::Full).compose().unwrap_or_else(|error| panic!("{error:?}"));
    if let Err(difference) = golden(&root().join(format!("tests/plans/{name}.txt")), &composed.plan) {
        panic!("{difference}");
    }
    assert_same(&composed);
    composed.report
}

/// Does the same, and returns the imports and exports of messaging that the host sees.
fn check(name: &str, composition: Composition) -> (Vec<String>, Vec<String>) {
    let report = seen(name, composition);
    let messaging = |names: &std::collections::BTreeSet<String>| {
        names.iter().filter(|name| name.starts_with(MESSAGING)).cloned().collect::<Vec<_>>()
    };
    (messaging(&report.imports), messaging(&report.exports))
}

/// Returns an adapter that provides all messaging of a plain host, with its own messages. Its interceptor takes
/// deliveries over another interface.
fn virtual_host() -> Adapter {
    adapter(
        "virtual-host",
        &[
            ("provider", "provider", component("provider", &["wasi:random/random@0.2.0"], &["types", "producer"])),
            (
                "interceptor",
                "interceptor",
                component("interceptor", &["types", "incoming-handler"], &["wasi:cli/run@0.2.0"]),
            ),
        ],
    )
}

fn flagship(guest: &str) -> Composition {
    Composition::new(format!("{guest}.wasm"), fixture(guest))
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .set("reply-topic", "replies")
}

#[test]
fn one_adapter() {
    check("one-adapter", flagship("quote-desk"));
    check("responder", flagship("pricer"));
    check("handler", flagship("survey"));
}

/// The config layer reads values from the host itself, even if an outer adapter exports the interface.
#[test]
fn a_config_layer_stands_between_the_baked_options_and_the_parts() {
    let names = |composition: Composition| composition.compose().unwrap().report.imports;
    let environment = "wasi:cli/environment@0.2.0";
    assert!(!names(flagship("quote-desk")).contains(environment));
    let from_env = || flagship("quote-desk").with(|all| all.config_from = ConfigFrom::Env);
    check("config-from-env", from_env());
    assert!(names(from_env()).contains(environment));

    let store = "wasi:config/store@0.2.0-rc.1";
    let outer = component("outer", &[], &["types", "producer", store]);
    let from_host = || {
        let outer = Adapter::from_component("outer.wasm", outer.clone());
        flagship("quote-desk").with(|all| all.config_from = ConfigFrom::Host).adapter(outer)
    };
    check("config-from-host", from_host());
    assert!(names(from_host()).contains(store));
}

/// The second adapter serves what the first leaves open, and all inner instances use its messages.
#[test]
fn a_second_adapter_serves_what_the_first_leaves_open() {
    let (imports, exports) = check("request-reply-on-a-virtual-host", flagship("quote-desk").adapter(virtual_host()));
    assert_eq!(imports, [""; 0], "nothing of messaging is left to the host");
    assert_eq!(exports, [""; 0]);
    let (imports, exports) = check("responder-on-a-virtual-host", flagship("pricer").adapter(virtual_host()));
    assert_eq!((imports, exports), (vec![], vec![]));
}

/// Each provider gets its own imports from the next provider outwards.
#[test]
fn providers_of_the_same_interface_nest() {
    let producer = |name: &str| {
        let both = component(name, &["types", "producer"], &["producer"]);
        Adapter::from_component(&format!("{name}.wasm"), both)
    };
    let guest = component("guest", &["types", "producer"], &["wasi:cli/run@0.2.0"]);
    let refused = Composition::new("guest.wasm", guest.clone()).adapter(producer("inner")).compose().unwrap();
    assert!(refused.report.imports.contains("wasi:messaging/producer@0.2.0-draft"));
    let nested = Composition::new("guest.wasm", guest).adapter(producer("inner")).adapter(producer("outer"));
    let (imports, _) = check("nested-providers", nested);
    assert_eq!(imports, ["wasi:messaging/producer@0.2.0-draft", "wasi:messaging/types@0.2.0-draft"]);
}

#[test]
fn interceptors_of_the_same_interface_nest() {
    let interceptor = |name: &str| {
        let both = component(name, &["types", "incoming-handler"], &["incoming-handler"]);
        Adapter::from_component(&format!("{name}.wasm"), both)
    };
    let guest = component("guest", &["types"], &["incoming-handler"]);
    let nested = Composition::new("guest.wasm", guest).adapter(interceptor("inner")).adapter(interceptor("outer"));
    let (_, exports) = check("nested-interceptors", nested);
    assert_eq!(exports, ["wasi:messaging/incoming-handler@0.2.0-draft"]);
}

/// An interceptor uses the same messages as the handler that it wraps, no matter which adapter defines them.
#[test]
fn an_interceptor_has_its_resources_from_where_its_guest_has_them() {
    let logger = component("logger", &["types", "incoming-handler"], &["incoming-handler"]);
    let guest = component("guest", &["types", "producer"], &["incoming-handler"]);
    let composition = Composition::new("guest.wasm", guest)
        .adapter(Adapter::from_component("logger.wasm", logger))
        .adapter(virtual_host());
    let (imports, exports) = check("logger-on-a-virtual-host", composition);
    assert_eq!((imports, exports), (vec![], vec![]));
}

/// The guest and the part have different 0.2 versions, which match because they are on one track.
#[test]
fn versions_on_one_track_are_matched() {
    let wit = |version: &str, direction: &str| {
        format!(
            "// alone\npackage t:{direction}{};\nworld w {{ {direction} wasi:random/random@{version}; export run: func(); }}\n\
             package wasi:random@{version} {{ interface random {{ get-random-u64: func() -> u64; }} }}\n",
            version.replace('.', "-").replace('-', "x"),
        )
    };
    let guest = dummy(&wit("0.2.12", "import"));
    let provider = dummy(&wit("0.2.3", "export").replace("export run: func(); ", ""));
    let composition = Composition::new("guest.wasm", guest).adapter(Adapter::from_component("random.wasm", provider));
    check("other-patch-version", composition);
}

/// Two components import the same interface at two versions of one track. The host must serve only one.
#[test]
fn imports_on_one_track_become_one_import() {
    let guest = dummy(
        "// alone\npackage t:guest;\nworld guest {\n  import wasi:random/random@0.2.7;\n  import wasi:io/x@0.2.0;\n}\n\
         package wasi:random@0.2.7 { interface random { get-random-u64: func() -> u64; } }\n\
         package wasi:io@0.2.0 { interface x { x: func(); } }\n",
    );
    let provider = dummy(
        "// alone\npackage t:x;\nworld x {\n  import wasi:random/random@0.2.0;\n  export wasi:io/x@0.2.0;\n}\n\
         package wasi:random@0.2.0 { interface random { get-random-u64: func() -> u64; } }\n\
         package wasi:io@0.2.0 { interface x { x: func(); } }\n",
    );
    let composed = Composition::new("guest.wasm", guest)
        .adapter(Adapter::from_component("x.wasm", provider))
        .with(|all| all.validate = Validation::Full)
        .compose()
        .unwrap();
    assert_eq!(composed.report.imports.iter().collect::<Vec<_>>(), ["wasi:random/random@0.2.7"]);
}

#[test]
fn imports_that_no_host_can_serve_at_once_are_refused() {
    let world = |name: &str, result: &str, direction: &str| {
        dummy(&format!(
            "// alone\npackage t:{name};\nworld {name} {{\n  import a:b/c@0.2.0;\n  {direction} a:b/x@0.2.0;\n}}\n\
             package a:b@0.2.0 {{ interface c {{ f: func() -> {result}; }} interface x {{ x: func(); }} }}\n"
        ))
    };
    let error = Composition::new("guest.wasm", world("guest", "u32", "import"))
        .adapter(Adapter::from_component("x.wasm", world("x", "string", "export")))
        .compose()
        .unwrap_err();
    assert_eq!(msgcompose::Remedied::kind(&error), msgcompose::ErrorKind::Refused);
    let message = error.to_string();
    assert!(
        message.contains("`guest.wasm`") && message.contains("`x.wasm`") && message.contains("`a:b/c@0.2.0`"),
        "{message}"
    );
}
