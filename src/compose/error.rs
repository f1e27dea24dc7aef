//! Why something is refused: an error a stage, each with its way out, and [`Error`] for any of them.

use super::{graph::GraphError, imports::ImportsLeft, output::SpliceError, validate::ValidationError};
use crate::{
    adapters::{adapter::AdapterError, settings::SettingsError},
    common::{
        DynError, ErrorKind,
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
    },
    hosts::check::DoesNotRun,
    link::LinkError,
    plan::PlanError,
    types::component::ComponentError,
    uplift::UpliftError,
    wasm::binary::BinaryError,
};

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
    Report(#[source] DynError),
}

impl Error {
    /// The result cannot be read back.
    pub(super) fn unreadable(error: impl Into<DynError>) -> Self {
        Self::Report(error.into())
    }

    /// The error of the stage; none if the result cannot be read back.
    fn stage(&self) -> Option<&dyn Remedied> {
        Some(match self {
            Error::Binary(error) => error,
            Error::Component(error) => error,
            Error::Uplift(error) => error,
            Error::Adapter(error) => error,
            Error::Settings(error) => error,
            Error::Plan(error) => error,
            Error::Link(error) => error,
            Error::Graph(error) => error,
            Error::Splice(error) => error,
            Error::Validation(error) => error,
            Error::Choice(error) => error,
            Error::Host(error) => error,
            Error::Imports(error) => error,
            Error::Report(_) => return None,
        })
    }
}

impl Remedied for Error {
    fn kind(&self) -> ErrorKind {
        self.stage().map_or(ErrorKind::Internal, Remedied::kind)
    }

    fn remedy(&self) -> Option<Remedy> {
        self.stage().map_or_else(|| Some(Remedy::report()), Remedied::remedy)
    }
}

/// Why no stack is chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// None will do.
    #[error("no stack of {} makes `{guest}` run on `{host}`", stack_of(.adapters))]
    None {
        /// The guest.
        guest: String,
        /// The host.
        host: String,
        /// What there was to choose from.
        adapters: Vec<String>,
    },
    /// Several of the same length will do.
    #[error("`{guest}` would run on `{host}` with {}", .stacks.iter().map(|stack| stack_of(stack)).collect::<Vec<_>>().join(", or with "))]
    Ambiguous {
        /// The guest.
        guest: String,
        /// The host.
        host: String,
        /// The stacks, by the adapters' names, the innermost first.
        stacks: Vec<Vec<String>>,
    },
}

impl Remedied for ChoiceError {
    fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            ChoiceError::None { guest, host, .. } => Remedy::new()
                .run(Command::Check { file: guest.clone(), host: host.clone() })
                .text(" says what the host does not offer"),
            ChoiceError::Ambiguous { stacks, .. } => {
                Remedy::from("say which, for instance ").name(Setting::Adapters(stacks.first()?.clone()))
            }
        })
    }
}

fn stack_of(names: &[String]) -> String {
    match names {
        [] => "no adapter".to_owned(),
        names => quoted(names, " + "),
    }
}
