//! Validates the composed component before it is handed out.

use crate::{
    common::{DynError, remedy::Remedied},
    compose::output::Output,
    wasm::structure::{Body, functions, structure},
};
use serde::Deserialize;
use std::{num::NonZero, sync::Mutex, thread};
use wasmparser::{BinaryReaderError, FuncValidatorAllocations};

/// How much of the composed component is validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// All types and all wires. Core modules, which composing copies unchanged, are not checked.
    #[default]
    Structural,
    /// Everything, including core modules, on all CPU cores.
    Full,
}

/// The composed component breaks a rule of WebAssembly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidationError {
    /// An error in its types or wires.
    #[error("the composition is not a valid component")]
    Structure(#[source] DynError),
    /// An error in a core module, which composing copies unchanged.
    #[error("the composed component is not valid in full")]
    Full(#[source] DynError),
}

impl Remedied for ValidationError {}

/// Validates the composition. [`Validation::Structural`] looks at `encoded`, which holds skeletons.
/// [`Validation::Full`] also looks at `output`, which holds everything.
pub fn validate(encoded: &[u8], output: &Output<'_>, extent: Validation) -> Result<(), ValidationError> {
    structure(encoded).map_err(|error| ValidationError::Structure(error.into()))?;
    if extent == Validation::Full {
        let bytes = output.to_bytes();
        let bodies = functions(&bytes);
        bodies.and_then(validate_bodies).map_err(|error| ValidationError::Full(error.into()))?;
    }
    Ok(())
}

fn validate_bodies(bodies: Vec<Body<'_>>) -> Result<(), BinaryReaderError> {
    let queue = Mutex::new(bodies);
    let work = || {
        let mut allocations = FuncValidatorAllocations::default();
        loop {
            let Some((function, body)) = queue.lock().expect("no worker panics").pop() else { return Ok(()) };
            let mut validator = function.into_validator(allocations);
            validator.validate(&body)?;
            allocations = validator.into_allocations();
        }
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
    })
}
