//! Errors as the user sees them: the chain, a hint, an exit code.

use super::{
    error::Error,
    explain::Explained,
    hint::Wording,
    style::{ERROR, HINT, line},
};
use crate::{
    adapters::part_name::PartName,
    common::{ErrorKind, printable::printable, remedy::Remedied},
    compose,
    plan::{Open, Reason},
    types::difference::Difference,
};
use serde::Serialize;
use std::{error::Error as StdError, fmt};

/// An error as it is told.
#[derive(Debug, Serialize)]
pub struct Failure {
    kind: ErrorKind,
    error: String,
    causes: Vec<String>,
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Difference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<Open>,
    /// Whether people are told of all that is open.
    #[serde(skip)]
    explain: bool,
}

/// How errors are told.
#[derive(Debug, Clone, Copy)]
pub struct Telling {
    /// Whether people are told of all that is open.
    pub explain: bool,
    /// How settings are named.
    pub wording: Wording,
}

impl Failure {
    /// An error as it is told.
    pub fn of(error: &Error, Telling { explain, wording }: Telling) -> Self {
        let remedied = error.remedied();
        let (difference, open) = remedied.map_or((None, &[][..]), details);
        let mut messages = error.messages();
        let message = messages.next().unwrap_or_default();
        let mut causes: Vec<String> = messages.collect();
        // An error may say what is behind it in its own words already.
        causes.dedup();
        Self {
            kind: error.kind(),
            error: message,
            causes,
            hint: remedied.and_then(Remedied::remedy).map(|remedy| printable(&wording.hint(&remedy)).into_owned()),
            difference: difference.cloned(),
            open: open.to_vec(),
            explain,
        }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self.kind {
            ErrorKind::Refused => 1,
            ErrorKind::Usage => 2,
            ErrorKind::Internal => 3,
        }
    }

    /// Other parts of which one would have done, but that do not fit either.
    fn neither(&self) -> impl Iterator<Item = (&PartName, &Difference)> {
        let candidates = self.open.iter().flat_map(|open| &open.candidates);
        candidates.filter_map(|candidate| match (&candidate.reason, &self.difference) {
            (Reason::TypesDiffer { difference }, Some(told)) if **difference != *told => {
                Some((&candidate.component, &**difference))
            }
            _ => None,
        })
    }
}

/// What there is to show beside the messages: where types differ, and the imports that it is about.
fn details(error: &dyn Remedied) -> (Option<&Difference>, &[Open]) {
    let error: &dyn StdError = error;
    match error.downcast_ref() {
        Some(compose::error::Error::Plan(error)) => (error.difference(), error.open()),
        Some(compose::error::Error::Link(error)) => (error.difference(), &[]),
        _ => (None, &[]),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{ERROR}error:{ERROR:#} {}", self.error)?;
        if !self.causes.is_empty() {
            writeln!(f, "Caused by:")?;
        }
        for (number, cause) in self.causes.iter().enumerate() {
            // Behind the number, all lines of it.
            writeln!(f, "  {number}: {}", cause.trim_end().replace('\n', "\n     "))?;
        }
        if self.explain {
            write!(f, "{}", Explained { heading: "open imports", open: &self.open })?;
        } else {
            for (component, difference) in self.neither() {
                line!(f, "`{component}` does not fit either: {}", difference.what)?;
            }
        }
        match &self.hint {
            Some(hint) => writeln!(f, "\n{HINT}hint:{HINT:#} {hint}"),
            None => Ok(()),
        }
    }
}
