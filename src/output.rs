//! The composed component: what was encoded, with the guests themselves in their skeletons' places.

use crate::{
    provenance::Provenance,
    sections::{id, sections},
};
use std::{
    borrow::Cow,
    io::{self, Write},
};
use wasm_encoder::{Encode, Section as _};
use wasmparser::BinaryReaderError;

/// A composed component. Its bytes are those of the guests and the few around them, and are put together only when they
/// are written.
#[derive(Debug, Clone)]
pub struct Output<'a> {
    pieces: Vec<Cow<'a, [u8]>>,
    guests: usize,
}

/// Why a guest cannot be put in its place: a bug.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpliceError {
    /// What was encoded is malformed.
    #[error("the encoded composition is malformed")]
    Malformed(#[from] BinaryReaderError),
    /// A skeleton is not in it.
    #[error("the encoded composition does not hold the guest")]
    NoGuest,
}

impl<'a> Output<'a> {
    /// Puts `guest` in place of its `skeleton` in the composition `encoded`, and says at the end what it is made of.
    pub(crate) fn splice(
        encoded: &[u8],
        skeleton: &[u8],
        guest: Cow<'a, [u8]>,
        provenance: &Provenance,
    ) -> Result<Self, SpliceError> {
        Self::splice_all(encoded, [(skeleton, guest)], provenance)
    }

    /// The same for several guests, each with a skeleton that no other has.
    pub(crate) fn splice_all<'s>(
        encoded: &[u8],
        guests: impl IntoIterator<Item = (&'s [u8], Cow<'a, [u8]>)>,
        provenance: &Provenance,
    ) -> Result<Self, SpliceError> {
        let sections = sections(encoded, 0)?;
        let mut places = Vec::new();
        for (skeleton, guest) in guests {
            let place = sections.iter().find(|section| section.id == id::COMPONENT && section.data == skeleton);
            places.push((place.ok_or(SpliceError::NoGuest)?, guest));
        }
        places.sort_by_key(|(place, _)| place.start);
        let (mut pieces, mut from, mut size) = (Vec::new(), 0, 0);
        for (place, guest) in places {
            let mut before = encoded[from..place.start].to_vec();
            before.push(id::COMPONENT);
            guest.len().encode(&mut before);
            from = place.data_start + place.data.len();
            size += guest.len();
            pieces.extend([before.into(), guest]);
        }
        let mut after = encoded[from..].to_vec();
        provenance.section().append_to(&mut after);
        pieces.push(after.into());
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
