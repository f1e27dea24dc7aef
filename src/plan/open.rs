//! An import that is open, as data: what was looked at for it, and why nothing of that serves it.

use crate::types::{dialect::Dialect, difference::Difference, interface::ExternName};
use serde::Serialize;
use std::fmt;

/// An import that nothing in the composition feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Open {
    /// Its name.
    pub import: String,
    /// Who imports it.
    pub importers: Vec<String>,
    /// The parts that export something like it, in the order of the stack.
    pub candidates: Vec<Candidate>,
    /// All other parts of the stack, which do not.
    pub without: Vec<String>,
}

/// A part that could have fed an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The part.
    pub component: String,
    /// Why it does not.
    #[serde(flatten)]
    pub reason: Reason,
}

/// Why a part does not feed an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// It exports an interface of almost this name.
    OtherName {
        /// The export.
        exports: String,
    },
    /// It exports another version.
    OtherVersion {
        /// The export.
        exports: String,
    },
    /// It exports another messaging interface.
    OtherDialect {
        /// The exports that are of messaging.
        exports: Vec<String>,
    },
    /// It has only some of its functions, of which others are imported.
    OtherFunctions {
        /// Those that it has.
        functions: Vec<String>,
    },
    /// It exports the name with other types.
    TypesDiffer {
        /// Where they first differ.
        difference: Box<Difference>,
    },
    /// It stands further inside than who imports it, or is that itself.
    Inside,
    /// It stands between the guest and the host, and what it exports is for that.
    Outside,
    /// It was not taken: another part of its adapter serves in its place.
    NotTaken,
}

impl Open {
    /// All parts that were looked at.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let candidates = self.candidates.iter().map(|candidate| &candidate.component);
        candidates.chain(&self.without).map(String::as_str)
    }

    /// The candidates that have something else in its place, as if by mistake.
    pub fn misses(&self) -> impl Iterator<Item = &Candidate> {
        let stands_elsewhere = |reason: &Reason| matches!(reason, Reason::Inside | Reason::Outside | Reason::NotTaken);
        self.candidates.iter().filter(move |candidate| !stands_elsewhere(&candidate.reason))
    }

    /// Whether it is an import of messaging, in any dialect.
    #[must_use]
    pub fn is_messaging(&self) -> bool {
        ExternName::parse(&self.import).interface().is_some_and(Dialect::is_messaging)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::OtherName { exports } => write!(f, "exports `{exports}`, which is spelt otherwise"),
            Reason::OtherVersion { exports } => write!(f, "exports `{exports}`, which is another version"),
            Reason::OtherDialect { exports } => {
                write!(f, "exports {}, another messaging interface", crate::common::quote::quoted(exports, ", "))
            }
            Reason::OtherFunctions { functions } => {
                write!(f, "exports it with nothing but {}", crate::common::quote::quoted(functions, ", "))
            }
            Reason::TypesDiffer { difference } => write!(f, "exports it with other types: {difference}"),
            Reason::Inside => write!(f, "exports it, but not to what it stands on"),
            Reason::Outside => write!(f, "exports it, but to the host"),
            Reason::NotTaken => {
                write!(f, "exports it, but is not in the composition: another part serves in its place")
            }
        }
    }
}
