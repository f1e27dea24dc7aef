//! Why something is refused: an error a stage, each with its way out, and [`Error`] for any of them.

use super::{
    choose::ChoiceError, graph::GraphError, imports::ImportsLeft, output::SpliceError, validate::ValidationError,
};
use crate::{
    adapters::{adapter::AdapterError, settings::SettingsError},
    common::ErrorKind,
    hosts::check::DoesNotRun,
    link::LinkError,
    plan::PlanError,
    types::component::ComponentError,
    uplift::UpliftError,
    wasm::binary::BinaryError,
};
use wasmparser::BinaryReaderError;

/// Why nothing was composed: the error of the stage that refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The guest, or a part of an adapter, is not a component.
    #[error(transparent)]
    Binary(#[from] BinaryError),
    /// It is one, but not a valid one.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// The guest cannot be lifted.
    #[error(transparent)]
    Uplift(#[from] UpliftError),
    /// An adapter cannot be used.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// An option cannot be set so.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The adapters do not go around the guest.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The guests cannot be linked.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The plan cannot be carried out.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The guest cannot be put in its place.
    #[error(transparent)]
    Splice(#[from] SpliceError),
    /// The result is not valid.
    #[error(transparent)]
    Validation(#[from] ValidationError),
    /// No adapters can be chosen for the host.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// The result does not run on the host.
    #[error(transparent)]
    Host(#[from] DoesNotRun),
    /// The result imports what it must not.
    #[error(transparent)]
    Imports(#[from] ImportsLeft),
    /// The result cannot be read back.
    #[error("the composition cannot be read back")]
    Report(#[from] BinaryReaderError),
}

impl Error {
    /// Whose turn it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Settings(_)
            | Error::Link(
                LinkError::NoPattern { .. } | LinkError::BadPattern { .. } | LinkError::PatternTwice { .. },
            ) => ErrorKind::Usage,
            Error::Component(ComponentError::Panicked { .. })
            | Error::Plan(PlanError::Component(ComponentError::Panicked { .. }))
            | Error::Link(LinkError::Component(ComponentError::Panicked { .. }))
            | Error::Graph(GraphError::Config(_) | GraphError::Refused(_) | GraphError::Panicked(_))
            | Error::Splice(_)
            | Error::Report(_) => ErrorKind::Internal,
            Error::Uplift(error) if error.is_internal() => ErrorKind::Internal,
            _ => ErrorKind::Refused,
        }
    }

    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Binary(error) => Some(error.hint()),
            Error::Uplift(error) if self.kind() == ErrorKind::Refused => error.hint(),
            Error::Adapter(error) => Some(error.hint()),
            Error::Component(error) if self.kind() == ErrorKind::Refused => error.hint(),
            Error::Settings(error) => error.hint(),
            Error::Choice(error) => error.hint(),
            Error::Host(error) => Some(error.hint()),
            Error::Imports(error) => Some(error.hint()),
            Error::Plan(error) if self.kind() == ErrorKind::Refused => error.hint(),
            Error::Link(error) if self.kind() != ErrorKind::Internal => error.hint(),
            _ if self.kind() == ErrorKind::Internal => {
                Some("this is a bug in msgcompose; please report it with the guest and the command".to_owned())
            }
            _ => None,
        }
    }
}
