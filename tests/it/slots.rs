//! Options in a part's own data: composing writes them into the option slot. The parts here are text. They export what is
//! in their slot, byte by byte, so that running a composed component shows what a part reads.

mod parts;

use msgcompose::{
    Adapter, Composed, Composition, ConfigFrom, ErrorKind, Picture, Remedied, Strip, Validation, inspect,
};
use parts::{
    Files, MANIFEST, MARK, NEEDED, SLOT, TOLD, files, files_with_siblings, guest, importing, interceptor, with_slot,
};
use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Output},
};
use wasmtime::{
    Engine, Store,
    component::{Component, Linker},
};

fn adapter(name: &str, files: Files) -> Adapter {
    Adapter::from_files(name, files).unwrap()
}

fn composition(adapter: Adapter) -> Composition {
    Composition::new("guest.wasm", guest()).adapter(adapter).with(|all| all.validate = Validation::Full)
}

/// Runs a composed component, and returns the options of its part at a depth: 0 for the outermost.
fn told(component: &[u8], depth: u32) -> BTreeMap<String, String> {
    let engine = Engine::default();
    let component = Component::new(&engine, component).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &component).unwrap();
    let interface = instance.get_export_index(&mut store, None, TOLD).unwrap();
    let read = instance.get_export_index(&mut store, Some(&interface), "read").unwrap();
    let read = instance.get_typed_func::<(u32,), (u32,)>(&mut store, read).unwrap();
    let mut byte = |at: u32| u8::try_from(read.call(&mut store, (depth * 1000 + at,)).unwrap().0).unwrap();
    let mut word = |at: u32| u32::from_le_bytes([at, at + 1, at + 2, at + 3].map(&mut byte));
    let records: Vec<_> = (0..word(0)).map(|option| [0, 4, 8, 12].map(|at| word(4 + option * 16 + at))).collect();
    let mut text = |offset, length| String::from_utf8((0..length).map(|at| byte(4 + offset + at)).collect()).unwrap();
    records.into_iter().map(|[key, key_size, value, size]| (text(key, key_size), text(value, size))).collect()
}

fn options<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Checks that the provenance names the part as it is in its file, and that the picture of the component is the plan's.
fn check_descriptions(composed: &Composed<'_>, file: &[u8]) {
    let bytes = composed.component.to_bytes();
    let by = inspect("guest.wasm", &bytes).unwrap().composed.unwrap();
    let sha256 = Adapter::from_component("part", file.to_vec()).sha256();
    assert_eq!(by.adapters[0].parts, BTreeMap::from([("interceptor".to_owned(), sha256)]));
    let picture = Picture::of_component(&composed.report.title(), &bytes).unwrap();
    assert_eq!(picture, composed.picture);
}

#[test]
fn options_are_in_the_part_itself_and_no_config_component_is_there() {
    let set = || composition(adapter("tells", files())).set("topic", "x.y").set("header.a", "ü").set("limit", "+08");
    let composed = set().compose().unwrap();
    let bytes = composed.component.to_bytes();
    let expected = options([("header.a", "ü"), ("limit", "8"), ("topic", "x.y")]);
    assert_eq!(told(&bytes, 0), expected);
    assert_eq!(
        composed.plan,
        format!("guest.wasm\ntells/interceptor\n  {TOLD} <- guest.wasm\nhost\n  {TOLD} <- tells/interceptor\n")
    );
    check_descriptions(&composed, &with_slot());
    assert!(composed.report.notes.is_empty(), "{:?}", composed.report.notes);
    let by = inspect("guest.wasm", &bytes).unwrap().composed.unwrap();
    assert_eq!(by.adapters[0].options, expected.clone().into_iter().map(|(name, value)| (name, Some(value))).collect());

    let again = set().compose().unwrap().component.to_bytes();
    assert!(bytes == again);
    assert!(!contains(&bytes, b"msgcompose:options"));
    let stripped = set().with(|all| all.strip = Strip::Adapters).compose().unwrap().component.to_bytes();
    assert_eq!(told(&stripped, 0), expected);
    assert!(stripped.len() < bytes.len());
    let defaults = composition(adapter("tells", files())).compose().unwrap().component.to_bytes();
    assert_eq!(told(&defaults, 0), options([("limit", "7"), ("topic", "a.b")]));
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn two_adapters_with_the_same_part_have_each_their_own_options() {
    let set = composition(adapter("one", files())).adapter(adapter("two", files()));
    let set = set.set("one.topic", "of.one").set("two.topic", "of.two").set("two.limit", "2");
    let bytes = set.compose().unwrap().component.to_bytes();
    assert_eq!(told(&bytes, 0), options([("limit", "2"), ("topic", "of.two")]));
    assert_eq!(told(&bytes, 1), options([("limit", "7"), ("topic", "of.one")]));
}

#[test]
fn with_options_at_run_time_the_build_that_imports_them_is_taken() {
    for (from, import) in
        [(ConfigFrom::Env, "wasi:cli/environment@0.2.0"), (ConfigFrom::Host, "wasi:config/store@0.2.0-rc.1")]
    {
        let set = |debug| {
            composition(adapter("tells", files_with_siblings()))
                .with(|all| (all.config_from, all.debug) = (from, debug))
                .compose()
                .unwrap()
        };
        let composed = set(false);
        assert!(composed.report.imports.contains(import), "{:?}", composed.report);
        assert!(composed.plan.contains("tells/config\n"), "{}", composed.plan);
        assert!(composed.report.notes.is_empty(), "{:?}", composed.report.notes);
        check_descriptions(&composed, &importing(""));
        check_descriptions(&set(true), &importing(r#"(@custom "debug" "")"#));
    }
    // Baked options need neither.
    let baked = composition(adapter("tells", files_with_siblings())).compose().unwrap();
    check_descriptions(&baked, &with_slot());
    assert_eq!(told(&baked.component.to_bytes(), 0), options([("limit", "7"), ("topic", "a.b")]));
}

#[test]
fn the_files_beside_a_part_belong_to_what_its_adapter_is() {
    assert_ne!(adapter("tells", files()).sha256(), adapter("tells", files_with_siblings()).sha256());
}

#[test]
fn a_part_that_has_only_a_slot_reads_nothing_at_run_time_and_the_report_says_so() {
    let mut files = files();
    files.insert("adapter.toml".to_owned(), [MANIFEST, NEEDED].concat().into_bytes().into());
    let at_run_time = || composition(adapter("tells", files.clone())).with(|all| all.config_from = ConfigFrom::Env);
    let composed = at_run_time().set("needed", "here").compose().unwrap();
    let told = told(&composed.component.to_bytes(), 0);
    assert_eq!(told["needed"], "here");
    assert_eq!(
        composed.report.notes,
        ["`tells/interceptor` reads options only as they were baked: none of them can be set at run time"]
    );

    let message = at_run_time().compose().unwrap_err().to_string();
    assert_eq!(message, "`tells` needs option `needed`: A text.");
    let error = at_run_time().with(|all| all.secrets = vec!["needed".to_owned()]).compose().unwrap_err();
    assert_eq!(
        error.to_string(),
        "option `needed` of `tells` is left to run time, but a part reads it only as it was baked"
    );
    assert_eq!(error.remedy().unwrap().to_string(), "set it here: option `needed`");
}

#[test]
fn a_part_that_is_called_like_a_config_component_is_drawn_as_a_part() {
    let manifest = "summary = 's'\n[[part]]\nname = 'config'\nrole = 'provider'\nfile = 'a.wasm'\n";
    let files = [("adapter.toml", manifest.as_bytes().to_vec()), ("a.wasm", guest())];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes.into())).into();
    let importer = format!(
        r#"(component
            (import "{TOLD}" (instance $told (export "read" (func (param "at" u32) (result u32)))))
            (export "run" (func $told "read")))"#
    );
    let importer = wat::parse_str(importer).unwrap();
    let composed = Composition::new("guest.wasm", importer).adapter(adapter("tells", files)).compose().unwrap();
    let drawn = Picture::of_component(&composed.report.title(), &composed.component.to_bytes()).unwrap();
    assert_eq!(drawn, composed.picture);
}

/// Runs `msgcompose plug` with an adapter in a folder whose part has these data segments.
fn plug(data: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("tells")).unwrap();
    for (name, bytes) in files() {
        fs::write(path("tells").join(name), bytes).unwrap();
    }
    fs::write(path("tells/interceptor.wasm"), interceptor("", data)).unwrap();
    fs::write(path("guest.wasm"), guest()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
    command.args(["plug", "guest.wasm", "--adapter", "./tells/", "-o", "out.wasm"]).current_dir(folder.path());
    command.output().unwrap()
}

#[test]
fn a_malformed_slot_is_an_error_that_names_the_part() {
    assert_eq!(plug(&format!("{SLOT} {MARK}")).status.code(), Some(0));
    let output = plug(&format!(r#"(data $number (i32.const 0) "\00\00\00\00") (data $image "") {MARK}"#));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    let expected = "error: failed to compose `guest.wasm`\nCaused by:\n\
        \x20 0: the option slot of `tells/interceptor` is malformed\n\
        \x20 1: the last two data segments of its core module are not passive\n\
        \n\
        hint: build the part again; `adapters/README.md` of msgcompose describes option slots\n";
    assert_eq!(told, expected);

    let mut files = files();
    files.insert("interceptor.wasm".to_owned(), interceptor("", &format!("{SLOT} (data \"x\") {MARK}")).into());
    let error = composition(adapter("tells", files)).compose().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}
