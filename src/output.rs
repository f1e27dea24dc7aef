//! The composed component: what was encoded, with the guest itself in its skeleton's place.

use crate::{
    provenance::Provenance,
    sections::{PREAMBLE, id, sections},
};
use std::{
    borrow::Cow,
    io::{self, Write},
};
use wasm_encoder::{Encode, Section as _};
use wasmparser::BinaryReaderError;

/// A composed component. Its bytes are the guest's and the few around it, and are put together only when they are
/// written.
#[derive(Debug, Clone)]
pub struct Output<'a> {
    before: Vec<u8>,
    guest: Cow<'a, [u8]>,
    after: Vec<u8>,
}

/// Why the guest cannot be put in its place: a bug.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpliceError {
    /// What was encoded is malformed.
    #[error("the encoded composition is malformed")]
    Malformed(#[from] BinaryReaderError),
    /// The skeleton is not in it.
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
        let sections = sections(encoded, 0)?;
        let place = sections.iter().find(|section| section.id == id::COMPONENT && section.data == skeleton);
        let place = place.ok_or(SpliceError::NoGuest)?;
        let mut before = encoded[..place.start].to_vec();
        before.push(id::COMPONENT);
        guest.len().encode(&mut before);
        let mut after = encoded[place.data_start + place.data.len()..].to_vec();
        provenance.section().append_to(&mut after);
        debug_assert!(before.len() > PREAMBLE);
        Ok(Self { before, guest, after })
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.before.len() + self.guest.len() + self.after.len()
    }

    /// The size of the guest in it, in bytes.
    #[must_use]
    pub fn guest_size(&self) -> usize {
        self.guest.len()
    }

    /// Writes it.
    pub fn write_to(&self, mut to: impl Write) -> io::Result<()> {
        [&self.before[..], &self.guest, &self.after].into_iter().try_for_each(|bytes| to.write_all(bytes))
    }

    /// All its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.before[..], &self.guest, &self.after].concat()
    }
}
