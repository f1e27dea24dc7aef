//! The guest and the adapter of these tests, as text.

use std::{borrow::Cow, collections::BTreeMap};

/// The files of an adapter.
pub type Files = BTreeMap<String, Cow<'static, [u8]>>;

pub const TOLD: &str = "t:t/told@0.1.0";

pub const MANIFEST: &str = r#"
summary = "tells its options"

[[part]]
name = "interceptor"
role = "interceptor"
file = "interceptor.wasm"
debug-file = "interceptor.debug.wasm"

[[part]]
name = "provider"
role = "provider"
file = "provider.wasm"

[[option]]
name = "topic"
type = "topic"
default = "a.b"
parts = ["interceptor", "provider"]
help = "A topic."

[[option]]
name = "limit"
type = { number = { min = 0, max = 99 } }
default = "007"
parts = ["interceptor"]
help = "A number."

[[option]]
name = "header.<name>"
name-type = "header"
type = "text"
parts = ["interceptor"]
help = "Texts."

[[option]]
name = "url"
type = "url"
default = "http://not.here"
parts = ["provider"]
help = "What the interceptor does not read."
"#;

pub const NEEDED: &str = r#"
[[option]]
name = "needed"
type = "text"
parts = ["interceptor"]
help = "A text."
"#;

pub const MARK: &str = r#"(@custom "msgcompose:options" "")"#;

pub const SLOT: &str = r#"(data $number "\00\00\00\00") (data $image "")"#;

/// A guest that exports the interface.
pub fn guest() -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $code (func (export "read") (param i32) (result i32) (i32.const 7)))
            (core instance $code (instantiate $code))
            (func $read (param "at" u32) (result u32) (canon lift (core func $code "read")))
            (instance $told (export "read" (func $read)))
            (export "{TOLD}" (instance $told)))"#
    );
    wat::parse_str(text).unwrap()
}

/// An interceptor with these imports beside the interface, and these data segments. It gives the bytes of the last two;
/// from 1000 on, it asks what it wraps.
pub fn interceptor(imports: &str, data: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "{TOLD}" (instance $inner (export "read" (func (param "at" u32) (result u32)))))
            {imports}
            (core func $inner (canon lower (func $inner "read")))
            (core module $code
                (import "inner" "read" (func $inner (param i32) (result i32)))
                (memory 1)
                (func (export "read") (param $at i32) (result i32)
                    (if (i32.ge_u (local.get $at) (i32.const 1000))
                        (then (return (call $inner (i32.sub (local.get $at) (i32.const 1000))))))
                    (if (i32.lt_u (local.get $at) (i32.const 4))
                        (then (memory.init $number (i32.const 0) (local.get $at) (i32.const 1)))
                        (else (memory.init $image
                            (i32.const 0) (i32.sub (local.get $at) (i32.const 4)) (i32.const 1))))
                    (i32.load8_u (i32.const 0)))
                {data})
            (core instance $code (instantiate $code (with "inner" (instance (export "read" (func $inner))))))
            (func $read (param "at" u32) (result u32) (canon lift (core func $code "read")))
            (instance $told (export "read" (func $read)))
            (export "{TOLD}" (instance $told)))"#
    );
    wat::parse_str(text).unwrap()
}

pub fn with_slot() -> Vec<u8> {
    interceptor("", &format!("{SLOT} {MARK}"))
}

/// The same part, which imports a configuration in place of a slot. `debug` makes its bytes differ.
pub fn importing(debug: &str) -> Vec<u8> {
    interceptor(r#"(import "wasi:config/store@0.2.0-rc.1" (instance))"#, &format!("{SLOT} {debug}"))
}

/// The files of an adapter whose part has a slot and nothing beside it.
pub fn files() -> Files {
    let debug = interceptor("", &format!(r#"{SLOT} {MARK} (@custom "debug" "")"#));
    let none = wat::parse_str("(component)").unwrap();
    let files = [
        ("adapter.toml", MANIFEST.as_bytes().to_vec()),
        ("interceptor.wasm", with_slot()),
        ("interceptor.debug.wasm", debug),
        ("provider.wasm", none),
    ];
    files.map(|(name, bytes)| (name.to_owned(), bytes.into())).into()
}

/// The same with builds that import a configuration.
pub fn files_with_siblings() -> Files {
    let mut files = files();
    files.insert("interceptor.config.wasm".to_owned(), importing("").into());
    files.insert("interceptor.debug.config.wasm".to_owned(), importing(r#"(@custom "debug" "")"#).into());
    files
}
