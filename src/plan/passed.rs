//! What interceptors leave out: functions that a guest's handler has beside those of the interface, such as `configure`.
//! The composed component exports them from where they are, so that none is lost in silence.

use super::{Instance, Node, Owner, Plan, Source};
use crate::types::{
    component::{Arena, ComponentError, Extern},
    dialect::Messaging,
    interface::ExternName,
};
use indexmap::{IndexMap, IndexSet};

/// An exported interface that several instances have in pieces. They wrap each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pieces {
    /// The pieces. The first is that of the outermost interceptor, which has the interface's own functions.
    pub pieces: Vec<Piece>,
    /// The types of the interface, each with the index of the piece that they are exported from. The last piece has all
    /// of them, and all functions.
    pub types: IndexMap<String, usize>,
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

    /// Returns what is exported of an interface from further inside than the instance in `exports`.
    pub fn pieces_behind(&self, export: &ExternName) -> impl Iterator<Item = &Piece> {
        let pieces = self.pieces.get(export).into_iter().flat_map(|pieces| &pieces.pieces);
        pieces.skip(1).filter(|piece| !piece.functions.is_empty())
    }

    /// Returns the instance whose export of the same interface this one takes, and that export. If it does not, another
    /// part of the same owner may do it for the instance.
    fn wrapped(&self, instance: usize, name: &ExternName) -> Option<(usize, &ExternName)> {
        let at = &self.instances[instance];
        at.wrapped(name).or_else(|| {
            let sources = at.arguments.values().filter_map(|source| match source {
                Source::Instance { instance, .. } => Some(&self.instances[*instance]),
                Source::Host => None,
            });
            let mut parts = sources.filter(|other| other.owner().is_some() && other.owner() == at.owner());
            parts.find_map(|other| other.wrapped(name))
        })
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
            next = self.wrapped(instance, export);
        }
        let (Some((_, outermost)), Some((_, whole))) = (chain.first(), chain.last()) else { return Ok(None) };
        let (own, all) = (arena.function_names(outermost)?, arena.function_names(whole)?);
        // The types of the whole are also those of the outermost. With a resource of its own, they would not be.
        if all.len() <= own.len() || arena.has_own_resources(whole)? || arena.fits(whole, outermost)?.is_err() {
            return Ok(None);
        }
        // Between parts of link, the outermost has messages of the host, and the whole has others.
        let is_direct = self.instances[instance].wrapped(export).is_some();
        if !is_direct && all.iter().any(|name| !own.contains(name) && arena.has_resource(whole, name)) {
            return Ok(None);
        }
        let outer_types = arena.type_names(outermost)?;
        let last = chain.len() - 1;
        let types = arena.type_names(whole)?.into_iter().map(|name| {
            let place = if outer_types.contains(&name) { 0 } else { last };
            (name, place)
        });
        let mut known = IndexSet::new();
        let mut pieces = Vec::new();
        for (instance, exported) in &chain {
            let functions: IndexSet<_> =
                arena.function_names(exported)?.into_iter().filter(|name| known.insert(name.clone())).collect();
            pieces.push(Piece { instance: *instance, export: exported.name.clone(), functions });
        }
        Ok(Some(Pieces { pieces, types: types.collect() }))
    }
}

impl<'a> Instance<'a> {
    /// Returns the export of this name.
    pub(super) fn exported(&self, name: &ExternName) -> Option<&'a Extern> {
        self.component()?.exports.iter().find(|export| export.name == *name)
    }

    fn owner(&self) -> Option<Owner> {
        match self.node {
            Node::Part { owner, .. } => Some(owner),
            _ => None,
        }
    }

    fn wrapped(&self, name: &ExternName) -> Option<(usize, &ExternName)> {
        let is_same = |import: &ExternName| import.serves(name) || name.serves(import);
        match self.arguments.iter().find(|(import, _)| is_same(import))? {
            (_, Source::Instance { instance, export: Some(export) }) => Some((*instance, export)),
            _ => None,
        }
    }
}
