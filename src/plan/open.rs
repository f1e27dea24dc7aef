//! Why an import is open: what was looked at for it, and why nothing of that feeds it.

use super::{
    Instance, LayerPart, Node,
    stack::{Feed, Stack},
};
use crate::{
    adapters::adapter::Role,
    types::{
        component::{Component, ComponentError, Extern},
        dialect::Dialect,
        difference::Difference,
        interface::{ExternName, InterfaceId},
    },
};
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

impl Stack<'_, '_> {
    /// The imports that are left to the host. Where the candidates fail for the same reasons, the
    /// importers stand together.
    pub(super) fn open_imports(&self) -> Result<Vec<Open>, ComponentError> {
        let mut open: Vec<Open> = Vec::new();
        for place in 0..self.placed.len() {
            for import in &self.placed[place].component.imports {
                if matches!(self.feed(place, &import.name), Feed::Host) {
                    push(&mut open, self.open_import(place, import)?);
                }
            }
        }
        Ok(open)
    }

    /// One import of what stands at `place`.
    pub(super) fn open_import(&self, place: usize, import: &Extern) -> Result<Open, ComponentError> {
        let layers = self.layers.iter().enumerate();
        let parts = layers.flat_map(|(layer, adapter)| adapter.parts.iter().map(move |part| (layer + 1, part)));
        let (mut candidates, mut without) = (Vec::new(), self.core_parts());
        for (depth, part) in parts {
            let component = part.component.name.clone();
            match self.reason(place, import, depth, part)? {
                Some(reason) => candidates.push(Candidate { component, reason }),
                None => without.push(component),
            }
        }
        let importer = self.arena.name(import).to_owned();
        Ok(Open { import: import.name.to_string(), importers: vec![importer], candidates, without })
    }

    /// The parts that stand between linked guests. None of them serves what is left open.
    fn core_parts(&self) -> Vec<String> {
        let name = |instance: &Instance<'_>| matches!(instance.node, Node::Part { .. }).then(|| instance.node.name());
        self.core.instances.iter().filter_map(name).collect()
    }

    /// Why a part does not feed an import; none when it has nothing like it.
    fn reason(
        &self,
        place: usize,
        import: &Extern,
        depth: usize,
        part: &LayerPart,
    ) -> Result<Option<Reason>, ComponentError> {
        let Some(export) = part.component.export_for(&import.name) else {
            return Ok(import.name.interface().and_then(|import| near(import, &part.component)));
        };
        if !self.serves(part, import)? {
            return Ok(Some(Reason::OtherFunctions { functions: part.functions.clone() }));
        }
        if let Err(difference) = self.arena.fits(export, import)? {
            return Ok(Some(Reason::TypesDiffer { difference }));
        }
        Ok(Some(match self.placed.iter().find(|placed| placed.depth == depth && placed.is_part(&part.name)) {
            Some(placed) if placed.outside => Reason::Outside,
            None if matches!(part.role, Some(Role::Interceptor | Role::Handler)) => Reason::Outside,
            Some(placed) if placed.depth <= self.placed[place].depth => Reason::Inside,
            _ => Reason::NotTaken,
        }))
    }
}

fn push(open: &mut Vec<Open>, new: Open) {
    let same = |open: &&mut Open| {
        open.import == new.import && open.candidates == new.candidates && open.without == new.without
    };
    match open.iter_mut().find(same) {
        None => open.push(new),
        Some(Open { importers, .. }) => {
            importers.extend(new.importers);
        }
    }
}

/// What of a component's exports is like an import that none of them serves.
fn near(import: &InterfaceId, component: &Component) -> Option<Reason> {
    let exports = || component.exports.iter().filter_map(|export| export.name.interface());
    if let Some(other) = exports().find(|other| other.is_same_interface(import)) {
        return Some(Reason::OtherVersion { exports: other.to_string() });
    }
    let is_foreign = |other: &&InterfaceId| Dialect::is_messaging(other) && !other.is_same_package(import);
    if Dialect::is_messaging(import) {
        let foreign: Vec<_> = exports().filter(is_foreign).map(ToString::to_string).collect();
        if !foreign.is_empty() {
            return Some(Reason::OtherDialect { exports: foreign });
        }
    }
    let misspelt = exports().find(|other| import.is_misspelt(other))?;
    Some(Reason::OtherName { exports: misspelt.to_string() })
}
