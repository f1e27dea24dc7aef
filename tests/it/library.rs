//! Uses the library as another program would.

use crate::support::{FLAGSHIP, dummy, fixture};
use msgcompose::{Adapter, Composition, ErrorKind, Inspection, Remedied, Validation, adapters, inspect};
use std::{borrow::Cow, collections::BTreeMap};

/// Every error of the library can go from thread to thread, and stand behind another one.
const _: () = {
    const fn can_be_sent<E: std::error::Error + Send + Sync + 'static>() {}
    const fn knows_a_remedy<E: Remedied>() {
        can_be_sent::<E>();
    }
    use msgcompose::{adapters, hosts, link, plan, project, types, uplift};
    knows_a_remedy::<msgcompose::Error>();
    knows_a_remedy::<msgcompose::BinaryError>();
    knows_a_remedy::<msgcompose::ChoiceError>();
    knows_a_remedy::<msgcompose::GraphError>();
    knows_a_remedy::<msgcompose::ImportsLeft>();
    knows_a_remedy::<msgcompose::SpliceError>();
    knows_a_remedy::<msgcompose::ValidationError>();
    knows_a_remedy::<adapters::AdapterError>();
    knows_a_remedy::<adapters::SettingsError>();
    knows_a_remedy::<adapters::UnknownAdapter>();
    knows_a_remedy::<hosts::DoesNotRun>();
    knows_a_remedy::<hosts::UnknownProfile>();
    knows_a_remedy::<link::LinkError>();
    knows_a_remedy::<plan::PlanError>();
    knows_a_remedy::<project::LockError>();
    knows_a_remedy::<project::ProjectError>();
    knows_a_remedy::<types::ComponentError>();
    knows_a_remedy::<types::ReadError>();
    knows_a_remedy::<uplift::UpliftError>();
    can_be_sent::<adapters::ParseAssignmentError>();
    can_be_sent::<adapters::ParseTemplateError>();
    can_be_sent::<link::ParsePatternError>();
    can_be_sent::<types::ParseDialectError>();
    can_be_sent::<types::ParseInterfaceError>();
};

#[test]
fn bytes_go_in_and_a_component_and_a_report_come_out() {
    let guest = fixture("quote-desk");
    let composed = Composition::new("quote-desk.wasm", &guest[..])
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .set("reply-topic", "replies")
        .with(|all| all.validate = Validation::Full)
        .compose()
        .unwrap();
    let bytes = composed.component.to_bytes();
    assert_eq!(bytes.len(), composed.component.size());
    let mut written = Vec::new();
    composed.component.write_to(&mut written).unwrap();
    assert!(written == bytes);
    // The guest is in it, unchanged.
    assert!(bytes.windows(guest.len()).any(|window| window == guest));
    let report = &composed.report;
    assert_eq!((report.size.composed, report.size.guest), (bytes.len(), guest.len()));
    assert!(!report.imports.contains("wasi:messaging/request-reply@0.2.0-draft"));

    let inspection = inspect("out.wasm", &bytes).unwrap();
    assert_eq!(inspection.imports.iter().cloned().collect::<std::collections::BTreeSet<_>>(), report.imports);
    assert_eq!(adapters_of(&inspection), [FLAGSHIP]);
}

#[test]
fn a_composed_component_can_be_composed_again() {
    // Adds another adapter around the first result, in a second run.
    let first = Composition::new("quote-desk.wasm", fixture("quote-desk"))
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .set("reply-topic", "replies")
        .compose()
        .unwrap();
    let producer = dummy(
        "package t:producer;
        world producer {
            import wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/producer@0.2.0-draft;
        }",
    );
    let second = Composition::new("app.wasm", first.component.to_bytes())
        .adapter(Adapter::from_component("producer.wasm", producer))
        .with(|all| all.validate = Validation::Full)
        .compose()
        .unwrap();
    assert!(!second.report.imports.contains("wasi:messaging/producer@0.2.0-draft"));
    let inspection = inspect("out.wasm", &second.component.to_bytes()).unwrap();
    assert_eq!(adapters_of(&inspection), ["producer.wasm"]);
}

#[test]
fn a_core_module_with_a_component_type_is_a_guest_too() {
    // The module that a linker writes, before it becomes a component.
    let mut resolve = crate::support::interfaces();
    let package = resolve
        .push_str("guest.wit", "package t:guest; world guest { import wasi:messaging/request-reply@0.2.0-draft; }")
        .unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
    wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8).unwrap();
    let composed = Composition::new("core.wasm", module)
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .set("reply-topic", "replies")
        .with(|all| all.validate = Validation::Full)
        .compose()
        .unwrap();
    assert!(composed.report.exports.contains("wasi:messaging/incoming-handler@0.2.0-draft"));
}

#[test]
fn the_kind_of_an_error_says_who_must_act() {
    let error = Composition::new("ticker.wasm", fixture("ticker"))
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .compose()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    let remedy = error.remedy().unwrap().to_string();
    assert!(remedy.starts_with("leave the adapter out; inspecting `ticker.wasm` "));
    let error = Composition::new("x", fixture("ticker"))
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .set("nonsense", "1")
        .compose()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn full_validation_finds_what_structural_validation_leaves_to_the_host() {
    // A guest whose only function has a body of another type.
    let guest = wat::parse_str(
        r#"(component
            (import "wasi:messaging/producer@0.2.0-draft" (instance))
            (core module $m (func (export "f") (result i32) i64.const 0))
            (core instance $i (instantiate $m))
            (func (export "f") (result u32) (canon lift (core func $i "f")))
        )"#,
    )
    .unwrap();
    let adapter = || {
        let provider =
            wat::parse_str(r#"(component (instance $i) (export "wasi:messaging/producer@0.2.0-draft" (instance $i)))"#);
        Adapter::from_component("producer.wasm", provider.unwrap())
    };
    let composition = || Composition::new("guest.wasm", guest.clone()).adapter(adapter());
    composition().compose().unwrap();
    let error = composition().with(|all| all.validate = Validation::Full).compose().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(format!("{:?}", std::error::Error::source(&error)).contains("type mismatch"), "{error:?}");
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused_with_the_contradiction() {
    let part = "summary = \"x\"\n[[part]]\nname = \"p\"\nrole = \"provider\"\nfile = \"p.wasm\"\n";
    let option = "[[option]]\nname = \"o\"\ntype = { choice = { values = [\"a\", \"b\"] } }\nhelp = \"x\"\n";
    for (manifest, contradiction) in [
        (format!("{part}{}", part.replace("summary = \"x\"\n", "")), "two parts are called `p`"),
        (part.replace("role = \"provider\"\n", ""), "part `p` has no role"),
        (part.replace("p.wasm", "{o}.wasm"), "depends on `o`, which is not a choice"),
        (format!("{part}with = \"q\"\n"), "goes with a part that does not come before it"),
        (format!("{part}{option}default = \"c\"\n"), "the default `c` of option `o` is none of `a`, `b`"),
        (format!("{part}{option}{option}"), "two options are called `o`"),
        (format!("{part}{option}differs-from = [\"x\"]\n"), "differs from `x`, which does not exist"),
        (
            format!(
                "{part}{option}[[option]]\nname = \"n\"\ntype = \"text\"\nhelp = \"x\"\ndefault = {{ o = {{ a = \"1\" }} }}\n"
            ),
            "does not follow all values of one choice",
        ),
        (
            format!("{part}[[host]]\nwith = \"q\"\nkind = \"k\"\nvalue = \"\"\ntext = \"\"\n"),
            "goes with a part `q` that does not exist",
        ),
        (
            format!("{part}[[host]]\nwith = \"p\"\nkind = \"k\"\nvalue = \"{{x}}\"\ntext = \"\"\n"),
            "names an option `x` that does not exist",
        ),
        (
            format!("{part}[[host]]\nwith = \"p\"\nkind = \"k\"\nvalue = \"{{inner}}\"\ntext = \"\"\n"),
            "names an option `inner` that does not exist",
        ),
        (
            format!("{part}[[host]]\nwith = []\nkind = \"k\"\nvalue = \"\"\ntext = \"\"\n"),
            "a duty of the host goes with no part",
        ),
        (
            format!("{part}[[warning]]\nwith = \"q\"\nunless-set = \"o\"\ntext = \"\"\n"),
            "a warning goes with a part `q` that does not exist",
        ),
        (format!("{part}[[warning]]\nwith = []\nunless-set = \"o\"\ntext = \"\"\n"), "a warning goes with no part"),
        (
            format!("{part}{option}[[warning]]\nwith = \"p\"\nunless-set = \"x\"\ntext = \"{{o}}\"\n"),
            "a warning names an option `x` that does not exist",
        ),
        (
            format!(
                "{part}{}[[host]]\nwith = [\"p\"]\nin-place-of = \"j\"\nkind = \"k\"\nvalue = \"\"\ntext = \"\"\n",
                option.replace("\"o\"", "\"inner\"")
            ),
            "an option is called `inner`",
        ),
    ] {
        let files = BTreeMap::from([("adapter.toml".to_owned(), Cow::Owned(manifest.clone().into_bytes()))]);
        let error = Adapter::from_files("mine", files).unwrap_err().to_string();
        assert!(error.contains(contradiction), "{error}\n{manifest}");
    }
}

fn adapters_of(inspection: &Inspection) -> Vec<&str> {
    inspection.composed.as_ref().unwrap().adapters.iter().map(|adapter| &*adapter.name).collect()
}
