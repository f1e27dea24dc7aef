//! Checks the composed component before anybody gets it.

use crate::{
    compose::output::Output,
    wasm::structure::{Body, functions, structure},
};
use serde::Deserialize;
use std::{num::NonZero, sync::Mutex, thread};
use wasmparser::{BinaryReaderError, FuncValidatorAllocations};

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// All types and all wiring. What is within core modules, which composing copies as they are, is not looked at.
    #[default]
    Structural,
    /// Everything, on all cores.
    Full,
}

/// The composed component breaks a rule of WebAssembly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidationError {
    /// In its types or wiring.
    #[error("the composition is not a valid component")]
    Structure(#[source] BinaryReaderError),
    /// In a part of the guest that composing does not touch.
    #[error("the composed component is not valid in full")]
    Full(#[source] BinaryReaderError),
}

/// Validates the composition: `encoded`, which has the guest's skeleton, and with [`Validation::Full`] `output`, which
/// has all of it.
pub fn validate(encoded: &[u8], output: &Output<'_>, extent: Validation) -> Result<(), ValidationError> {
    structure(encoded).map_err(ValidationError::Structure)?;
    if extent == Validation::Full {
        let bytes = output.to_bytes();
        let bodies = functions(&bytes).map_err(ValidationError::Full)?;
        validate_bodies(bodies).map_err(ValidationError::Full)?;
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
