//! Options at run time: a config layer, as it is built, takes what composing takes. Its complaints show nothing of a value.

use msgcompose::{ConfigFrom, adapters, adapters::OptionType};
use msgcompose_options::describe;
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};
use std::fmt::Debug;
use wasmtime::{
    Engine, Store,
    component::{Component, ComponentType, Lift, Linker, Lower, TypedFunc},
};

/// For each layer.
const LAYER: usize = 12 * 1024;

type Options = Vec<(String, String)>;

/// The error of `wasi:config/store`.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
enum StoreError {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

type Read = (Result<Options, StoreError>,);

/// What a layer imports: the options that were baked, and those that are set outside.
#[derive(Default)]
struct World {
    baked: Options,
    set: Options,
}

/// A config layer that runs.
struct Layer {
    /// How a complaint calls the option `v`.
    called: &'static str,
    store: Store<World>,
    get_all: TypedFunc<(), Read>,
}

impl Layer {
    fn start(engine: &Engine, from: ConfigFrom, called: &'static str) -> Self {
        let (_, bytes) = from.layer(false).expect("it has a layer");
        let mut linker = Linker::new(engine);
        let mut baked = linker.instance("msgcompose:config/baked@0.1.0").unwrap();
        baked.func_wrap("get-all", |store, ()| -> wasmtime::Result<Read> { Ok((Ok(baked_of(&store)),)) }).unwrap();
        match from {
            ConfigFrom::Host => {
                let mut outside = linker.instance("wasi:config/store@0.2.0-rc.1").unwrap();
                outside
                    .func_wrap("get-all", |store, ()| -> wasmtime::Result<Read> { Ok((Ok(set_of(&store)),)) })
                    .unwrap();
            }
            _ => {
                let mut outside = linker.instance("wasi:cli/environment@0.2.0").unwrap();
                outside.func_wrap("get-environment", |store, ()| Ok((set_of(&store),))).unwrap();
            }
        }
        let mut store = Store::new(engine, World::default());
        let component = Component::new(engine, bytes).unwrap();
        let instance = linker.instantiate(&mut store, &component).unwrap();
        let interface = instance.get_export_index(&mut store, None, "wasi:config/store@0.2.0-rc.1").unwrap();
        let get_all = instance.get_export_index(&mut store, Some(&interface), "get-all").unwrap();
        let get_all = instance.get_typed_func(&mut store, get_all).unwrap();
        Self { called, store, get_all }
    }

    /// Both layers.
    fn both() -> [Self; 2] {
        let engine = Engine::default();
        let start = |from, called| Self::start(&engine, from, called);
        [start(ConfigFrom::Env, "v"), start(ConfigFrom::Host, "`v` in wasi:config/store")]
    }

    /// What the layer says when an option of this type is set to a value.
    fn read(&mut self, kind: &OptionType, value: &str) -> Result<Options, StoreError> {
        let names = ["v".to_owned()];
        *self.store.data_mut() =
            World { baked: vec![describe("v", &names, &[], "", kind.rule())], set: options(&[("v", value)]) };
        let (read,) = self.get_all.call(&mut self.store, ()).unwrap();
        read
    }

    /// What it should say: what composing says of the value without a newline at its end, but nothing of the value.
    fn expected(&self, kind: &OptionType, value: &str) -> Result<Options, StoreError> {
        let line = value.strip_suffix('\n').map_or(value, |line| line.strip_suffix('\r').unwrap_or(line));
        match kind.parse(line) {
            Ok(value) => Ok(options(&[("v", &value)])),
            Err(_) => {
                let complaint = kind.rule().check_secret(line).unwrap_err();
                Err(StoreError::Upstream(format!("{}: the value {complaint}", self.called)))
            }
        }
    }
}

fn baked_of(store: &wasmtime::StoreContextMut<'_, World>) -> Options {
    store.data().baked.clone()
}

fn set_of(store: &wasmtime::StoreContextMut<'_, World>) -> Options {
    store.data().set.clone()
}

fn options(pairs: &[(&str, &str)]) -> Options {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// All types that there are: the built-in ones, and those of the catalogue's options, which are with other parameters or
/// defined by a manifest.
fn kinds() -> Vec<OptionType> {
    let mut kinds = OptionType::built_in();
    for adapter in adapters::names().map(|name| adapters::get(name).unwrap()) {
        for kind in adapter.options.into_iter().flat_map(|option| option.name_type.into_iter().chain([option.kind])) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    kinds
}

/// Each value for each type in each layer.
fn compare<S: Strategy<Value = String>>(cases: u32, values: S) {
    let (kinds, layers) = (kinds(), std::cell::RefCell::new(Layer::both()));
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let same = |value: String| {
        for layer in layers.borrow_mut().iter_mut() {
            for kind in &kinds {
                prop_assert_eq!(layer.read(kind, &value), layer.expected(kind, &value), "{}", kind);
            }
        }
        Ok::<_, TestCaseError>(())
    };
    runner.run(&values, same).unwrap();
}

#[test]
fn a_layer_takes_what_composing_takes_and_complains_without_the_value() {
    compare(
        400,
        prop_oneof![
            // What some type may take.
            "[ -~äß]{0,9}",
            "[+]?[0-9]{1,5}|[+-]?[0-9]{18,21}|a|b c|kafka|dapr",
            "https?://[a-z:.?@]{0,5}/{0,2}|/?[a-z%?]{0,3}/{0,2}|[a-z]/[a-z]",
            "(http://h/|\\{base-url\\}|https://|)[{}]{0,2}(base-url|topic|client|nope|)[{}]{0,2}[a-z{}]{0,3}",
            "([a-z]{0,3}(, ?|/|\\.|>|\\*)){0,4}",
            // What none should trip over.
            ".{0,6}",
            "[\\p{Z}\\p{C}\\p{M}a,%`'\\\\]{0,6}",
        ],
    );
}

#[test]
fn a_layer_refuses_what_is_hostile() {
    let long = "a/".repeat(5000);
    for value in [
        "",
        " ",
        ",",
        ",,",
        " , ",
        "a,,b",
        "\0",
        "\t",
        "a\n",
        "\n",
        "a\r\n",
        "a\n\n",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{200b}",
        "\u{feff}",
        "\u{301}",
        "e\u{301}",
        "\u{e000}",
        "\u{10ffff}",
        "'",
        "\\",
        "%",
        "%%",
        "`",
        "http://",
        "http://h/{nope}",
        "http://h/{base-url",
        "http://h/base-url}",
        "http://h/{{topic}}",
        "{base-url}",
        "{base-url}{",
        "{}",
        "http://h/{}",
        "http://[::1]:80//",
        "http://:80",
        "https:///",
        "/",
        "//",
        "/a//",
        "+",
        "-0",
        "+0",
        "00",
        "0x1",
        "1e3",
        "18446744073709551615",
        "18446744073709551616",
        "٣",
        "a/b,c",
        "/b",
        "a/",
        "a/,b/c",
        ">",
        "a.>",
        ">>",
        "A-Z",
        long.as_str(),
    ] {
        for layer in &mut Layer::both() {
            for kind in kinds() {
                assert_eq!(layer.read(&kind, value), layer.expected(&kind, value), "{kind}: {value:?}");
            }
        }
    }
}

/// Both passed at run time, though composing refused them.
#[test]
fn a_layer_knows_the_names_in_a_url_template() {
    let http = adapters::get("messaging-over-http").unwrap();
    let kind = &http.option("url-template").unwrap().kind;
    for mut layer in Layer::both() {
        let mut refused = |value| match layer.read(kind, value) {
            Err(StoreError::Upstream(reason)) => reason,
            other => panic!("{value}: {other:?}"),
        };
        let unknown = "has a name in braces that is none of {base-url}, {topic}, {client}";
        assert!(refused("http://h/{nope}").ends_with(unknown));
        assert!(refused("http://h/{base-url").ends_with("has unbalanced braces"));
    }
}

/// A URL with a user was refused for `base-url`, and taken for `url-template`.
#[test]
fn a_url_template_leads_where_it_seems_to() {
    let http = adapters::get("messaging-over-http").unwrap();
    let kind = &http.option("url-template").unwrap().kind;
    for mut layer in Layer::both() {
        for value in ["http://user:hidden@h/{topic}", "{base-url}@h/{topic}", "{base-url}.h/", "https://{client}/"] {
            assert!(kind.parse(value).is_err(), "{value}");
            let Err(StoreError::Upstream(reason)) = layer.read(kind, value) else { panic!("{value} is taken") };
            assert!(!reason.contains("hidden"), "{reason}");
        }
        for value in ["http://h/{topic}@{client}", "{base-url}?a=b@c", "{base-url}"] {
            assert_eq!(layer.read(kind, value), Ok(options(&[("v", value)])));
        }
    }
}

/// A mounted secret usually ends in a newline.
#[test]
fn one_newline_at_the_end_is_removed_and_a_value_that_is_refused_is_not_shown() {
    let text = OptionType::built_in().swap_remove(0);
    for mut layer in Layer::both() {
        for value in ["Bearer 5e9f", "Bearer 5e9f\n", "Bearer 5e9f\r\n"] {
            assert_eq!(layer.read(&text, value), Ok(options(&[("v", "Bearer 5e9f")])), "{value:?}");
        }
        for value in ["Bearer 5e9f\n\n", "Bearer\t5e9f", "Bearer 5e9f\r", "\nBearer 5e9f"] {
            let Err(StoreError::Upstream(reason)) = layer.read(&text, value) else { panic!("{value:?} is taken") };
            assert_eq!(reason, format!("{}: the value has a control character", layer.called));
        }
    }
}

#[test]
fn what_was_baked_is_not_checked_again() {
    let text = OptionType::built_in().swap_remove(0);
    for mut layer in Layer::both() {
        let description = describe("v", &["w".to_owned()], &[], "", text.rule());
        *layer.store.data_mut() =
            World { baked: vec![("v".into(), "\0".into()), description], set: options(&[("v", "1")]) };
        let (read,) = layer.get_all.call(&mut layer.store, ()).unwrap();
        assert_eq!(read, Ok(options(&[("v", "\0")])));
    }
}

#[test]
fn a_layer_keeps_within_its_budget() {
    assert!(ConfigFrom::Baked.layer(false).is_none());
    for from in [ConfigFrom::Env, ConfigFrom::Host] {
        let (name, bytes) = from.layer(false).unwrap();
        assert!(bytes.len() <= LAYER, "{name}: {} bytes", bytes.len());
    }
}
