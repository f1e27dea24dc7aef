//! Guests from a toolchain for WASI preview 1: core modules with a component type.

use crate::{
    http::{client::Request, compose, hosts::Host},
    support::interfaces,
};
use wit_component::{StringEncoding, embed_component_metadata};

/// Returns a handler that writes to standard error through WASI preview 1, and traps if that fails.
fn handler() -> Vec<u8> {
    let mut resolve = interfaces();
    let world = "package t:guest; world guest { export wasi:messaging/incoming-handler@0.2.0-draft; }";
    let package = resolve.push_str("guest.wit", world).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi:messaging/types@0.2.0-draft" "[resource-drop]message" (func $drop (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\10\00\00\00\08\00\00\00")
        (data (i32.const 16) "handled\n")
        (func (export "wasi:messaging/incoming-handler@0.2.0-draft#handle") (param i32) (result i32)
            (call $drop (local.get 0))
            (if (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 32)) (then unreachable))
            (i32.const 64)))"#;
    let mut module = wat::parse_str(text).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

#[test]
fn a_core_module_for_preview_1_becomes_a_component_that_runs() {
    for host in [Host::Wasmtime, Host::Jco] {
        let serving = host.serve(&compose(handler(), &[]));
        let response = Request::post("/anything", "x").send(serving.port);
        assert_eq!(response.summary(), (204, String::new()), "{host}");
    }
}
