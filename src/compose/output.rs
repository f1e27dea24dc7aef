//! The composed component: what was encoded, with the components themselves in their skeletons' places.

use crate::{
    common::{
        DynError, ErrorKind,
        remedy::{Remedied, Remedy},
    },
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

/// A composed component. Its bytes are those of the components in it and the few around them, and are put together only
/// when they are written.
#[derive(Debug, Clone)]
pub struct Output<'a> {
    pieces: Vec<Cow<'a, [u8]>>,
    guests: usize,
}

/// Why a component cannot be put in its place: a bug.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpliceError {
    /// What was encoded is malformed.
    #[error("the encoded composition is malformed")]
    Malformed(#[source] DynError),
    /// A skeleton is not in it.
    #[error("the encoded composition does not hold all that it is made of")]
    NotThere,
}

impl Remedied for SpliceError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::report())
    }
}

impl<'a> Output<'a> {
    /// Puts components in the places of their skeletons in the composition `encoded`, and says at the end what it is made
    /// of.
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

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    /// The size of the guests in it, in bytes.
    #[must_use]
    pub fn guest_size(&self) -> usize {
        self.guests
    }

    /// Writes it.
    pub fn write_to(&self, mut to: impl Write) -> io::Result<()> {
        self.pieces.iter().try_for_each(|bytes| to.write_all(bytes))
    }

    /// All its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.pieces.concat()
    }
}
