//! Writes a software bill of materials for a composed component, as `CycloneDX` 1.5 in JSON.
//!
//! It contains no time and no serial number, so the same component always gives the same text.

use crate::{
    adapters::{option::SECRET, part_name::PartName},
    provenance::{AdapterRecord, File, Provenance},
};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(rename = "bomFormat")]
    format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    dependencies: [Dependency; 1],
}

#[derive(Serialize)]
struct Metadata<'a> {
    tools: Tools<'a>,
    component: Component<'a>,
}

#[derive(Serialize)]
struct Tools<'a> {
    components: [Component<'a>; 1],
}

#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Component<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bom_ref: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<[Hash<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Vec<Property<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<Component<'a>>>,
}

#[derive(Serialize)]
struct Hash<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct Property<'a> {
    name: String,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    r#ref: Option<String>,
    depends_on: Vec<String>,
}

/// Returns the bill of materials of a composed component. `composed` is its file, and `by` its provenance.
///
/// The component depends on the guest, on linked handlers and on adapters. Adapters contain their parts, and have their
/// options as properties.
///
/// # Panics
///
/// Never: strings can be written as JSON.
#[must_use]
pub fn sbom(composed: &File, by: &Provenance) -> String {
    let tool = Component {
        r#type: "application",
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: Some(&by.version),
        ..Component::default()
    };
    let files = [&by.guest].into_iter().chain(by.handlers.iter().map(|handler| &handler.file));
    let files = files.map(|one| file("library", one));
    let components: Vec<_> = files.chain(by.adapters.iter().map(adapter)).collect();
    let depends_on = components.iter().filter_map(|component| component.bom_ref.clone()).collect();
    let composed = file("application", composed);
    let bom = Bom {
        format: "CycloneDX",
        spec_version: "1.5",
        version: 1,
        dependencies: [Dependency { r#ref: composed.bom_ref.clone(), depends_on }],
        metadata: Metadata { tools: Tools { components: [tool] }, component: composed },
        components,
    };
    serde_json::to_string_pretty(&bom).expect("strings can be written as JSON") + "\n"
}

fn file<'a>(kind: &'static str, File { name, version, sha256 }: &'a File) -> Component<'a> {
    Component { version: version.as_deref(), ..hashed(kind, name.clone(), sha256) }
}

fn hashed<'a>(kind: &'static str, name: String, sha256: &'a str) -> Component<'a> {
    Component {
        r#type: kind,
        bom_ref: Some(format!("{name}@sha256:{sha256}")),
        name,
        hashes: Some([Hash { alg: "SHA-256", content: sha256 }]),
        ..Component::default()
    }
}

fn adapter(AdapterRecord { name, version, parts, options }: &AdapterRecord) -> Component<'_> {
    let parts = parts.iter().map(|(part, hash)| hashed("library", PartName::new(name, part).to_string(), hash));
    let options = options.iter().map(|(key, value)| Property {
        name: format!("msgcompose:option:{key}"),
        value: value.as_deref().unwrap_or(SECRET),
    });
    Component {
        r#type: "framework",
        bom_ref: Some(format!("adapter:{name}")),
        name: name.clone(),
        version: version.as_deref(),
        properties: Some(options.collect()),
        components: Some(parts.collect()),
        ..Component::default()
    }
}
