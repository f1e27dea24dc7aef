//! Handlers written in the text format, in all dialects of `wasi:messaging`. `lab.wat` describes what they do.

use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A kind of lab: the folder of its dialect under `wit`, and whether `canon lift` makes its `handle` async.
pub type Lab = (&'static str, bool);

/// All functions are sync.
pub const SYNC: Lab = ("messaging", false);
/// `handle` is an `async func`, with a sync `canon lift`.
pub const MIXED: Lab = ("messaging-mixed", false);
/// `handle` is an `async func`, with an async `canon lift`.
pub const MIXED_CALLBACK: Lab = ("messaging-mixed", true);
/// `connect` and `send` are also async; `handle` has a sync `canon lift`.
pub const ASYNC: Lab = ("messaging-async", false);
/// `connect` and `send` are also async; `handle` has an async `canon lift`.
pub const ASYNC_CALLBACK: Lab = ("messaging-async", true);

pub const ALL: [Lab; 5] = [SYNC, MIXED, MIXED_CALLBACK, ASYNC, ASYNC_CALLBACK];

const WORLD: &str = "
    package fixtures:lab;
    world lab {
        import wasi:messaging/producer@0.2.0-draft;
        import wasi:clocks/monotonic-clock@0.3.0;
        export wasi:messaging/incoming-handler@0.2.0-draft;
    }
";

/// Returns the component.
pub fn lab(kind: Lab) -> Vec<u8> {
    ComponentEncoder::default().module(&module(kind)).unwrap().encode().unwrap()
}

/// Returns the core module that the component is made of. It carries its component type.
pub fn module((dialect, callback): Lab) -> Vec<u8> {
    let handler = if callback { include_str!("callback.wat") } else { include_str!("sync.wat") };
    // Imports must come before everything else.
    let common = include_str!("lab.wat");
    let (imports, functions) = common.split_at(common.find("  ;; Results are").unwrap());
    let (more_imports, handle) = handler.split_at(handler.find("\n\n").unwrap());
    let text = format!("(module {imports}{more_imports}\n{functions}{handle})");
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("wit");
    for package in [dialect, "clocks-p3"] {
        resolve.push_dir(wit.join(package)).unwrap();
    }
    let package = resolve.push_str("lab.wit", WORLD).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}
