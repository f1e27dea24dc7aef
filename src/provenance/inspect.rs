//! Inspects a file: the imports and exports of the component, and what it was composed of.

use crate::{
    provenance::Provenance,
    types::{
        component::Extern,
        dialect::Messaging,
        read::{Read, ReadError, read},
    },
    wasm::{
        binary::Form,
        hash::sha256,
        sections::{id, sections},
    },
};
use serde::Serialize;

/// Facts about a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The file's name, as it was passed.
    pub file: String,
    /// What the file has in it.
    pub form: Form,
    /// The size in bytes.
    pub size: usize,
    /// The imports, in the order of the binary.
    pub imports: Vec<String>,
    /// The exports, in the order of the binary.
    pub exports: Vec<String>,
    /// The messaging packages that the component uses, with their dialects.
    pub dialects: Vec<Messaging>,
    /// What the component was composed of. None if msgcompose did not compose it.
    pub composed: Option<Provenance>,
    /// What the guest inside was composed of, then the guest inside that one, from the outside in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Provenance>,
}

/// Inspects a component, or a core module that carries its component type. `name` is used in messages.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let inspection = msgcompose::inspect("quote-desk.wasm", guest)?;
/// assert!(inspection.imports.contains(&"wasi:messaging/request-reply@0.2.0-draft".to_owned()));
/// assert_eq!(inspection.composed, None);
/// # Ok(())
/// # }
/// ```
pub fn inspect(name: &str, bytes: &[u8]) -> Result<Inspection, ReadError> {
    let Read { arena, component, form } = read(name, bytes)?;
    let names = |externs: &[Extern]| externs.iter().map(|item| item.name.to_string()).collect();
    Ok(Inspection {
        file: name.to_owned(),
        form,
        size: bytes.len(),
        imports: names(&component.imports),
        exports: names(&component.exports),
        dialects: Messaging::of(&component, &arena)?,
        composed: Provenance::read(arena.bytes(&component)),
        within: within(arena.bytes(&component)),
    })
}

/// Returns the provenance of a component, then of the guests inside, from the outside in.
pub(crate) fn every(component: &[u8]) -> Vec<Provenance> {
    Provenance::read(component).into_iter().chain(within(component)).collect()
}

/// Returns the provenance of guests that were composed before, from the outside in.
fn within(component: &[u8]) -> Vec<Provenance> {
    let (mut found, mut outer) = (Vec::new(), component);
    while let Some(by) = Provenance::read(outer) {
        let Ok(sections) = sections(outer, 0) else { break };
        let mut nested = sections.into_iter().filter(|section| section.id == id::COMPONENT);
        // A stripped guest has another hash, and its provenance is gone.
        let Some(guest) = nested.find(|section| sha256(section.data) == by.guest.sha256) else { break };
        found.extend(Provenance::read(guest.data));
        outer = guest.data;
    }
    found
}
