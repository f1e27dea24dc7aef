//! Reads a file as a component, with its types.

use crate::{
    common::{
        ErrorKind,
        remedy::{Remedied, Remedy},
    },
    types::component::{Arena, Component, ComponentError},
    wasm::binary::{Binary, BinaryError, Form},
};

/// A component that was read from a file, with its types.
pub(crate) struct Read<'a> {
    pub arena: Arena<'a>,
    pub component: Component,
    /// What the file has in it.
    pub form: Form,
}

/// Reads a component, or a core module that carries its component type. `name` is used in messages.
pub(crate) fn read<'a>(name: &str, bytes: &'a [u8]) -> Result<Read<'a>, ReadError> {
    let binary = Binary::read(name, bytes)?;
    let form = binary.form;
    let (arena, component) = Arena::of(name, binary)?;
    Ok(Read { arena, component, form })
}

/// Why a file cannot be read as a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file is not a component.
    #[error(transparent)]
    Binary(#[from] BinaryError),
    /// The component is not valid.
    #[error(transparent)]
    Component(#[from] ComponentError),
}

impl Remedied for ReadError {
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
