//! The composed component: the encoded composition, with the real components in place of their skeletons.

use crate::{
    common::{DynError, ErrorKind, remedy::Remedied},
    compose::graph::Wholes,
    provenance::Provenance,
    wasm::{
        sections::{PREAMBLE, id, sections},
        skeleton,
    },
};
use std::{
    borrow::Cow,
    io::{self, Write},
};
use wasm_encoder::{CustomSection, Encode, Section as _};

/// A composed component. It holds the bytes of the components and the few bytes around them as separate pieces, and
/// joins them only when they are written.
#[derive(Debug, Clone)]
pub struct Output<'a> {
    pieces: Vec<Cow<'a, [u8]>>,
    guests: usize,
}

/// The error of putting a component in its skeleton's place: a bug of msgcompose.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpliceError {
    /// The encoded composition is malformed.
    #[error("the encoded composition is malformed")]
    Malformed(#[source] DynError),
    /// A skeleton is missing in the encoded composition.
    #[error("the encoded composition does not hold all that it is made of")]
    NotThere,
}

impl Remedied for SpliceError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

impl<'a> Output<'a> {
    /// Replaces the skeletons in the composition `encoded` by their components, and appends the provenance.
    pub(crate) fn splice(encoded: &[u8], wholes: Wholes<'a>, provenance: &Provenance) -> Result<Self, SpliceError> {
        let Wholes { mut components, guests } = wholes;
        let (mut pieces, mut before, mut size) = (Vec::new(), encoded[..PREAMBLE].to_vec(), 0);
        for section in sections(encoded, 0).map_err(|error| SpliceError::Malformed(error.into()))? {
            let end = section.data_start + section.data.len();
            let number = if section.id == id::COMPONENT { skeleton::mark(section.data) } else { None };
            let Some(number) = number else {
                before.extend_from_slice(&encoded[section.start..end]);
                continue;
            };
            let component = components.remove(&number).ok_or(SpliceError::NotThere)?;
            if guests.contains(&number) {
                size += component.len();
            }
            before.push(id::COMPONENT);
            component.len().encode(&mut before);
            pieces.extend([std::mem::take(&mut before).into(), component]);
        }
        if !components.is_empty() {
            return Err(SpliceError::NotThere);
        }
        let (name, data) = provenance.section();
        CustomSection { name: name.into(), data: data.into() }.append_to(&mut before);
        pieces.push(before.into());
        Ok(Self { pieces, guests: size })
    }

    /// Returns the component's size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    /// Returns the total size of the guests in it, in bytes.
    #[must_use]
    pub fn guest_size(&self) -> usize {
        self.guests
    }

    /// Writes the component's bytes to `to`.
    pub fn write_to(&self, mut to: impl Write) -> io::Result<()> {
        self.pieces.iter().try_for_each(|bytes| to.write_all(bytes))
    }

    /// Returns the component's bytes as one vector.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.pieces.concat()
    }
}
