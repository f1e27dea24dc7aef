//! Writes a software bill of materials for a composed component, as `CycloneDX` 1.5 in JSON.
//!
//! It contains no time and no serial number, so the same component always gives the same text.

use crate::{
    adapters::{option::SECRET, part_name::PartName},
    common::{DynError, ErrorKind, remedy::Remedied},
    provenance::{AdapterRecord, File, Provenance},
};
use cyclonedx_bom::models::{
    bom::Bom,
    component::{Classification, Component, Components},
    dependency::{Dependencies, Dependency},
    hash::{Hash, HashAlgorithm, HashValue, Hashes},
    metadata::Metadata,
    property::{Properties, Property},
    tool::Tools,
};

/// A bill of materials cannot be written: a bug.
#[derive(Debug, thiserror::Error)]
#[error("the bill of materials cannot be written")]
pub struct SbomError(#[source] DynError);

impl Remedied for SbomError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

/// Returns the bill of materials of a composed component. `composed` is its file, and `by` its provenance.
///
/// The component depends on the guest, on linked handlers and on adapters. Adapters contain their parts, and have their
/// options as properties.
pub fn sbom(composed: &File, by: &Provenance) -> Result<String, SbomError> {
    let tool = component(Classification::Application, env!("CARGO_PKG_NAME"), Some(&by.version), None);
    let handlers = by.handlers.iter().map(|handler| file(Classification::Library, &handler.file));
    let others: Vec<_> = handlers.chain(by.adapters.iter().map(adapter)).collect();
    let guest = file(Classification::Library, &by.guest);
    let reference = |component: &Component| component.bom_ref.clone();
    let materials = [&guest].into_iter().chain(&others).filter_map(reference).collect();
    let composed = file(Classification::Application, composed);
    let bom = Bom {
        serial_number: None,
        dependencies: composed
            .bom_ref
            .clone()
            .map(|dependency_ref| Dependencies(vec![Dependency { dependency_ref, dependencies: materials }])),
        metadata: Some(Metadata {
            component: Some(composed),
            tools: Some(Tools::Object { services: None, components: Some(Components(vec![tool])) }),
            ..Metadata::default()
        }),
        components: Some(Components([guest].into_iter().chain(others).collect())),
        ..Bom::default()
    };
    let mut json = Vec::new();
    bom.output_as_json_v1_5(&mut json).map_err(|error| SbomError(error.into()))?;
    Ok(String::from_utf8_lossy(&json).into_owned() + "\n")
}

fn component(kind: Classification, name: &str, version: Option<&String>, sha256: Option<&String>) -> Component {
    let mut component = Component::new(kind, name, "", sha256.map(|hash| format!("{name}@sha256:{hash}")));
    component.version = version.map(|version| cyclonedx_bom::prelude::NormalizedString::new(version));
    component.hashes =
        sha256.map(|hash| Hashes(vec![Hash { alg: HashAlgorithm::SHA_256, content: HashValue(hash.clone()) }]));
    component
}

fn file(kind: Classification, file: &File) -> Component {
    component(kind, &file.name, file.version.as_ref(), Some(&file.sha256))
}

fn adapter(adapter: &AdapterRecord) -> Component {
    let AdapterRecord { name, version, parts, options } = adapter;
    let part = |(part, hash): (&String, &String)| {
        component(Classification::Library, &PartName::new(name, part).to_string(), None, Some(hash))
    };
    let parts = parts.iter().map(part);
    let options = options.iter().map(|(key, value)| {
        let value = value.as_deref().unwrap_or(SECRET);
        Property::new(format!("msgcompose:option:{key}"), value)
    });
    Component {
        bom_ref: Some(format!("adapter:{name}")),
        components: Some(Components(parts.collect())),
        properties: Some(Properties(options.collect())),
        ..component(Classification::Framework, name, version.as_ref(), None)
    }
}
