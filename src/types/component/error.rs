//! Why a binary cannot be used as a component, and what to do about it.

use crate::common::{
    DynError, ErrorKind,
    remedy::{Remedied, Remedy},
};

/// Why a binary cannot be used as a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// The binary is malformed, or breaks a rule of the component model.
    #[error("`{name}` is not a valid component")]
    Invalid {
        /// The component's name in messages.
        name: String,
        /// The validator's error.
        #[source]
        source: DynError,
    },
    /// The component imports an interface under a name that is not the interface's.
    #[error("`{name}` imports an interface of `{package}` under a name of its own, `{import}`")]
    Labelled {
        /// The component's name in messages.
        name: String,
        /// The import.
        import: String,
        /// The package, with its version.
        package: String,
    },
    /// A dependency panicked while reading the component.
    #[error("reading `{name}` failed inside msgcompose: {message}")]
    Panicked {
        /// The component's name in messages.
        name: String,
        /// The panic's message.
        message: String,
    },
}

impl Remedied for ComponentError {
    fn kind(&self) -> ErrorKind {
        match self {
            ComponentError::Invalid { .. } | ComponentError::Labelled { .. } => ErrorKind::Refused,
            ComponentError::Panicked { .. } => ErrorKind::Internal,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            ComponentError::Invalid { name, .. } => {
                format!("build it again; `wasm-tools validate --features all {name}` gives a second opinion").into()
            }
            ComponentError::Labelled { import, .. } => format!(
                "adapters serve interfaces by their names: in the guest's world, write `import` without `{import}:`"
            )
            .into(),
            ComponentError::Panicked { .. } => Remedy::report(),
        })
    }
}
