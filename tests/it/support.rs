//! Helpers for tests: the fixtures, composing, and components made from WIT.

use msgcompose::{Composition, adapters};
use std::{
    fs,
    path::{Path, PathBuf},
};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

pub const FLAGSHIP: &str = "reqreply-over-pubsub";
pub const OVER_HTTP: &str = "messaging-over-http";

/// Returns the project's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns a committed guest.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = root().join(format!("fixtures/prebuilt/{name}.wasm"));
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Composes a committed guest with the flagship adapter.
pub fn compose(guest: &str, options: &[(&str, &str)]) -> Vec<u8> {
    composition(guest, options).compose().unwrap().component.to_bytes()
}

/// Returns the composition of a committed guest with the flagship adapter.
pub fn composition(guest: &str, options: &[(&str, &str)]) -> Composition {
    let mut composition = Composition::new(format!("{guest}.wasm"), fixture(guest))
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .set("reply-topic", "replies");
    for (option, value) in options {
        composition = composition.set(*option, *value);
    }
    composition
}

/// Returns a resolve with all interfaces of `wit/`.
pub fn interfaces() -> Resolve {
    let mut resolve = Resolve::default();
    // Dependencies first.
    for folder in [
        "io",
        "clocks",
        "clocks-p3",
        "random",
        "cli",
        "http",
        "config",
        "keyvalue",
        "keyvalue-draft2",
        "messaging",
        "wasmcloud-messaging",
    ] {
        resolve.push_path(root().join("wit").join(folder)).unwrap();
    }
    resolve
}

/// Returns a component of the only world in a WIT document. It does nothing. The document may use the interfaces of
/// `wit/`, unless its first line is `// alone`.
pub fn dummy(wit: &str) -> Vec<u8> {
    ComponentEncoder::default().validate(true).module(&dummy_core(wit)).unwrap().encode().unwrap()
}

/// Returns a core module with a component type, of which `dummy` makes the component.
pub fn dummy_core(wit: &str) -> Vec<u8> {
    let mut resolve = if wit.starts_with("// alone\n") { Resolve::default() } else { interfaces() };
    let package = resolve.push_str("dummy.wit", wit).unwrap_or_else(|error| panic!("{error:?}"));
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

/// Compares with a golden file, or writes it when `BLESS` is set.
pub fn golden(path: &Path, found: &str) -> Result<(), String> {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, found).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    Err(format!(
        "`{}` differs (BLESS=1 rewrites it)\n--- expected\n{expected}--- found\n{found}---",
        path.strip_prefix(root()).unwrap_or(path).display()
    ))
}
