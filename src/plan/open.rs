//! Open imports, as data: the parts that were considered for each, and why none of them serves it.

use crate::{
    adapters::part_name::PartName,
    common::quote::quoted,
    types::{dialect::Messaging, difference::Difference, interface::ExternName},
};
use serde::Serialize;
use std::fmt;

/// An import that nothing in the composition serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Open {
    /// The name of the import.
    pub import: String,
    /// The components that import it.
    pub importers: Vec<String>,
    /// The parts with a similar export, in the order of the stack.
    pub candidates: Vec<Candidate>,
    /// All other parts of the stack. They export nothing similar.
    pub without: Vec<PartName>,
}

/// A part with an export similar to an open import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The part's name.
    pub component: PartName,
    /// Why the part does not serve the import.
    #[serde(flatten)]
    pub reason: Reason,
}

/// Why a part does not serve an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The part exports an interface with almost the same name.
    OtherName {
        /// The export.
        exports: String,
    },
    /// The part exports another version of the interface.
    OtherVersion {
        /// The export.
        exports: String,
    },
    /// The part exports another messaging interface.
    OtherDialect {
        /// The part's messaging exports.
        exports: Vec<String>,
    },
    /// The part exports the interface, but implements only some of its functions. The importer needs others.
    OtherFunctions {
        /// The functions that the part implements.
        functions: Vec<String>,
    },
    /// The part exports the interface with other types.
    TypesDiffer {
        /// Where the types first differ.
        difference: Box<Difference>,
    },
    /// The part is further inside than the importer, or is the importer.
    Inside,
    /// The part is between the guest and the host, and its exports are for the host.
    Outside,
    /// The part is not used: another part of its adapter serves in its place.
    NotTaken,
}

impl Open {
    /// Returns the names of all parts that were considered.
    pub fn parts(&self) -> impl Iterator<Item = &PartName> {
        self.candidates.iter().map(|candidate| &candidate.component).chain(&self.without)
    }

    /// Returns the candidates whose export differs from the import, perhaps by mistake.
    pub fn misses(&self) -> impl Iterator<Item = &Candidate> {
        let stands_elsewhere = |reason: &Reason| matches!(reason, Reason::Inside | Reason::Outside | Reason::NotTaken);
        self.candidates.iter().filter(move |candidate| !stands_elsewhere(&candidate.reason))
    }

    /// Returns whether the import is a messaging interface, in any dialect.
    #[must_use]
    pub fn is_messaging(&self) -> bool {
        ExternName::parse(&self.import).interface().is_some_and(Messaging::is_messaging)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::OtherName { exports } => write!(f, "exports `{exports}`, which is spelt otherwise"),
            Reason::OtherVersion { exports } => write!(f, "exports `{exports}`, which is another version"),
            Reason::OtherDialect { exports } => {
                write!(f, "exports {}, another messaging interface", quoted(exports, ", "))
            }
            Reason::OtherFunctions { functions } => {
                write!(f, "exports it with nothing but {}", quoted(functions, ", "))
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
