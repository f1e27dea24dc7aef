//! What a file is: the outside of a component, and by what it was composed.

use crate::{
    common::{
        ErrorKind,
        remedy::{Remedied, Remedy},
    },
    provenance::Provenance,
    types::{
        component::{Arena, ComponentError},
        dialect::Dialect,
    },
    wasm::{
        binary::{Binary, BinaryError},
        hash::sha256,
        sections::{id, sections},
    },
};
use serde::Serialize;

/// What there is to say about a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// As it was called.
    pub file: String,
    /// In bytes.
    pub size: usize,
    /// In the order of the binary.
    pub imports: Vec<String>,
    /// In the order of the binary.
    pub exports: Vec<String>,
    /// The messaging interfaces that it speaks.
    pub dialects: Vec<Dialect>,
    /// Of what it was composed; none when not by this tool.
    pub composed: Option<Provenance>,
    /// Of what the guest in it was composed, and the guest in that, from the outside in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Provenance>,
}

/// Why a file cannot be inspected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// It is not a component.
    #[error(transparent)]
    Binary(#[from] BinaryError),
    /// It is not a valid one.
    #[error(transparent)]
    Component(#[from] ComponentError),
}

impl Remedied for InspectError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Binary(error) => error.kind(),
            Self::Component(error) => error.kind(),
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Binary(error) => error.remedy(),
            Self::Component(error) => error.remedy(),
        }
    }
}

/// Looks at a component, or at a core module that carries its component type. `name` is for messages.
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
pub fn inspect(name: &str, bytes: &[u8]) -> Result<Inspection, InspectError> {
    let (arena, component) = Arena::of(name, Binary::read(name, bytes)?)?;
    let names =
        |externs: &[crate::types::component::Extern]| externs.iter().map(|item| item.name.to_string()).collect();
    Ok(Inspection {
        file: name.to_owned(),
        size: bytes.len(),
        imports: names(&component.imports),
        exports: names(&component.exports),
        dialects: Dialect::spoken(&component, &arena)?,
        composed: Provenance::read(arena.bytes(&component)),
        within: within(arena.bytes(&component)),
    })
}

/// What guests say of themselves that were composed before another adapter went around them.
fn within(component: &[u8]) -> Vec<Provenance> {
    let (mut found, mut outer) = (Vec::new(), component);
    while let Some(by) = Provenance::read(outer) {
        let Ok(sections) = sections(outer, 0) else { break };
        let mut nested = sections.into_iter().filter(|section| section.id == id::COMPONENT);
        // What was stripped has another hash, and says nothing any more.
        let Some(guest) = nested.find(|section| sha256(section.data) == by.guest.sha256) else { break };
        found.extend(Provenance::read(guest.data));
        outer = guest.data;
    }
    found
}
