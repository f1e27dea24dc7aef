//! A program that has the composed component in it.

/// What `build.rs` has composed.
const APP: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/app.wasm"));

fn main() {
    assert!(APP.starts_with(b"\0asm"));
    println!("a component of {} bytes is in this program", APP.len());
}
