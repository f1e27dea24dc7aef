//! What interceptors leave out: functions that a guest's handler has beside those of the interface, such as `configure`.
//! The composed component exports them from where they are, so that none is lost in silence.

use super::{Instance, Plan, Source};
use crate::types::{
    component::{Arena, ComponentError, Extern},
    dialect::Messaging,
    interface::ExternName,
};
use indexmap::IndexSet;

/// An exported interface that several instances have in pieces. They wrap each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// The pieces. The first is that of the outermost interceptor, which has the interface's own functions.
    pub pieces: Vec<Piece>,
    /// The types of the interface, as the last piece has them. That instance has all functions.
    pub types: IndexSet<String>,
}

/// A piece of an exported interface.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The instance's index.
    pub instance: usize,
    /// The instance's export.
    pub export: ExternName,
    /// The functions that are exported from here.
    pub functions: IndexSet<String>,
}

impl Plan<'_> {
    /// Finds the interfaces of messaging that are exported in pieces.
    pub(super) fn find_pieces(&mut self, arena: &Arena<'_>) -> Result<(), ComponentError> {
        for (export, instance) in &self.exports {
            if export.interface().is_some_and(Messaging::is_messaging)
                && let Some(pieces) = self.pieces_of(export, *instance, arena)?
            {
                self.pieces.insert(export.clone(), pieces);
            }
        }
        Ok(())
    }

    fn pieces_of(
        &self,
        export: &ExternName,
        instance: usize,
        arena: &Arena<'_>,
    ) -> Result<Option<Pieces>, ComponentError> {
        let mut chain = Vec::new();
        let mut next = Some((instance, export));
        while let Some((instance, export)) = next {
            let Some(exported) = self.instances[instance].exported(export) else { break };
            chain.push((instance, exported));
            next = self.instances[instance].wrapped(export);
        }
        let (Some((_, outermost)), Some((_, whole))) = (chain.first(), chain.last()) else { return Ok(None) };
        // The types of the whole are also those of the outermost. With a resource of its own, they would not be.
        let is_more = arena.function_names(whole)?.len() > arena.function_names(outermost)?.len();
        if !is_more || arena.has_own_resources(whole)? || arena.fits(whole, outermost)?.is_err() {
            return Ok(None);
        }
        let mut known = IndexSet::new();
        let mut pieces = Vec::new();
        for (instance, exported) in &chain {
            let functions: IndexSet<_> =
                arena.function_names(exported)?.into_iter().filter(|name| known.insert(name.clone())).collect();
            pieces.push(Piece { instance: *instance, export: exported.name.clone(), functions });
        }
        Ok(Some(Pieces { pieces, types: arena.type_names(whole)?.into_iter().collect() }))
    }
}

impl<'a> Instance<'a> {
    /// Returns the export of this name.
    pub(super) fn exported(&self, name: &ExternName) -> Option<&'a Extern> {
        self.component()?.exports.iter().find(|export| export.name == *name)
    }

    /// Returns the instance whose export of the same interface this one takes, and that export.
    fn wrapped(&self, name: &ExternName) -> Option<(usize, &ExternName)> {
        let is_same = |import: &ExternName| import.serves(name) || name.serves(import);
        match self.arguments.iter().find(|(import, _)| is_same(import))? {
            (_, Source::Instance { instance, export: Some(export) }) => Some((*instance, export)),
            _ => None,
        }
    }
}
