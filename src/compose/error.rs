//! Why something is refused: an error a stage, each with its way out, and [`Error`] for any of them.

use super::{graph::GraphError, imports::ImportsLeft, output::SpliceError, validate::ValidationError};
use crate::{
    adapters::{adapter::AdapterError, settings::SettingsError},
    common::{
        DynError, ErrorKind,
        quote::quoted,
        remedy::{Remedied, Remedy, Setting},
    },
    hosts::does_not_run::DoesNotRun,
    link::LinkError,
    plan::PlanError,
    types::component::ComponentError,
    uplift::UpliftError,
    wasm::binary::BinaryError,
};
use std::fmt;

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
    /// Several stacks of adapters are as good as each other for the host.
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

/// Several stacks of adapters are as good as each other for a host.
#[derive(Debug, thiserror::Error)]
#[error("`{guest}` would run on `{host}` with {}", .stacks.iter().map(StackCandidate::to_string).collect::<Vec<_>>().join(", or with "))]
#[non_exhaustive]
pub struct ChoiceError {
    /// The guest.
    pub guest: String,
    /// The host.
    pub host: String,
    /// The stacks.
    pub stacks: Vec<StackCandidate>,
}

/// A stack of adapters that would do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StackCandidate {
    /// The adapters' names, the innermost first.
    pub adapters: Vec<String>,
    /// An option that only this stack has. Setting it decides. None if there is none.
    pub option: Option<String>,
}

impl StackCandidate {
    /// Returns the setting that decides for this stack.
    fn deciding(&self) -> Setting {
        self.option.as_ref().map_or_else(|| Setting::Adapters(self.adapters.clone()), |option| Setting::option(option))
    }
}

impl fmt::Display for StackCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.adapters, " + "))
    }
}

impl Remedied for ChoiceError {
    fn remedy(&self) -> Option<Remedy> {
        let (first, others) = self.stacks.split_first()?;
        let remedy = Remedy::new().pass(first.deciding()).text(format!(" for {first}"));
        let or = |remedy: Remedy, other: &StackCandidate| {
            remedy.text(", or ").name(other.deciding()).text(format!(" for {other}"))
        };
        Some(others.iter().fold(remedy, or))
    }
}
