//! The provenance of composed components.

use crate::support::{FLAGSHIP, OVER_HTTP, fixture, root};
use msgcompose::{Composed, Composition, ConfigFrom, adapters, inspect, provenance::Provenance};
use sha2::{Digest, Sha256};
use std::{fs, process::Command};
use wasm_encoder::{CustomSection, Section};

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Composes the desk over HTTP, with an option and a baked secret.
fn desk(guest: &[u8]) -> Composed<'_> {
    Composition::new("quote-desk.wasm", guest)
        .adapter(adapters::get(OVER_HTTP).unwrap())
        .set("base-url", "http://broker")
        .set("header.authorization", "Bearer 5e9f")
        .with(|all| all.bake_secrets = true)
        .compose()
        .unwrap()
}

fn said_by(composed: &Composed<'_>) -> Provenance {
    inspect("out.wasm", &composed.component.to_bytes()).unwrap().composed.unwrap()
}

#[test]
fn a_composed_component_names_its_guest_and_its_parts_by_their_hashes() {
    let guest = fixture("quote-desk");
    let by = said_by(&desk(&guest));
    assert_eq!((by.version.as_str(), by.config_from), (env!("CARGO_PKG_VERSION"), None));
    assert_eq!((by.guest.name.as_str(), by.guest.sha256), ("quote-desk.wasm", hash(&guest)));
    let [adapter] = &by.adapters[..] else { panic!("{:?}", by.adapters) };
    assert_eq!((adapter.name.as_str(), adapter.version.as_deref()), (OVER_HTTP, Some(env!("CARGO_PKG_VERSION"))));
    let file = |part: &str| fs::read(root().join(format!("adapters/{OVER_HTTP}/{part}.wasm"))).unwrap();
    // Exactly these parts.
    let expected = ["provider", "interceptor"].map(|part| (part.to_owned(), hash(&file(part))));
    assert_eq!(adapter.parts, expected.into());
}

#[test]
fn provenance_holds_options_and_no_secrets() {
    let guest = fixture("quote-desk");
    let composed = desk(&guest);
    let options = said_by(&composed).adapters[0].options.clone();
    let expected = [("base-url", Some("http://broker")), ("header.authorization", None)];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.map(str::to_owned)));
    assert_eq!(options, expected.into());
    // The secret is in the component exactly once, where it must be.
    let bytes = composed.component.to_bytes();
    assert_eq!(bytes.windows(11).filter(|window| window == b"Bearer 5e9f").count(), 1);
}

#[test]
fn a_guest_may_have_a_version_and_options_may_come_later() {
    let mut guest = fixture("quote-desk");
    CustomSection { name: "version".into(), data: b"1.2.3"[..].into() }.append_to(&mut guest);
    let composition = Composition::new("quote-desk.wasm", &guest[..]).adapter(adapters::get(FLAGSHIP).unwrap());
    let by = said_by(&composition.with(|all| all.config_from = ConfigFrom::Env).compose().unwrap());
    assert_eq!((by.guest.version.as_deref(), by.config_from.as_deref()), (Some("1.2.3"), Some("env")));
}

#[test]
fn inspect_tells_it_to_people() {
    let guest = fixture("quote-desk");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.wasm"), desk(&guest).component.to_bytes()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_msgcompose"))
        .args(["inspect", "app.wasm"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "composed by
  msgcompose {version}
    guest `quote-desk.wasm`  sha256 {}
    adapter `{OVER_HTTP}` {version}
      part `interceptor`  sha256 …
      part `provider`  sha256 …
      base-url = http://broker
      header.authorization = (secret)
    the host must let the composed component send requests to http://broker
    the host must serve its `wasi:http/incoming-handler`: POST /TOPIC is a message
",
        hash(&guest)
    );
    let shown = text.split("part `").map(|rest| match rest.split_once("  sha256 ") {
        Some((part, rest)) if part.len() < 20 => format!("{part}  sha256 …{}", &rest[64..]),
        _ => rest.to_owned(),
    });
    let shown = shown.collect::<Vec<_>>().join("part `");
    assert!(shown.ends_with(&expected), "{shown}");
}

#[cfg(feature = "sbom")]
#[test]
fn the_bill_of_materials_is_valid_and_holds_all_that_is_in_the_component() {
    use cyclonedx_bom::{models::bom::Bom, prelude::Validate};

    let guest = fixture("quote-desk");
    let bytes = desk(&guest).component.to_bytes();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.wasm"), &bytes).unwrap();
    let bill = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msgcompose"));
        command.args(["inspect", "app.wasm", "--sbom"]).current_dir(folder.path()).output().unwrap().stdout
    };
    let json = bill();
    assert_eq!(json, bill(), "it is always the same");
    assert!(!String::from_utf8_lossy(&json).contains("5e9f"));
    let bom = Bom::parse_from_json_v1_5(&json[..]).unwrap();
    assert!(bom.validate().passed(), "{:?}", bom.validate());
    let hashes = |component: &cyclonedx_bom::models::component::Component| {
        component.hashes.as_ref().map(|hashes| hashes.0[0].content.0.clone()).unwrap_or_default()
    };
    let metadata = bom.metadata.unwrap();
    assert_eq!(hashes(&metadata.component.unwrap()), hash(&bytes));
    let components = bom.components.unwrap().0;
    let names: Vec<_> = components.iter().map(|component| component.name.to_string()).collect();
    assert_eq!(names, ["quote-desk.wasm", OVER_HTTP]);
    assert_eq!(hashes(&components[0]), hash(&guest));
    let parts = components[1].components.as_ref().unwrap();
    let names: Vec<_> = parts.0.iter().map(|part| part.name.to_string()).collect();
    assert_eq!(names, [format!("{OVER_HTTP}/interceptor"), format!("{OVER_HTTP}/provider")]);
    let depends = &bom.dependencies.unwrap().0[0];
    assert_eq!(depends.dependencies.len(), 2);
}
