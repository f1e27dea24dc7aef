//! Explains why imports are open: lists the parts that were considered, and why none of them serves each import.

use super::{
    Candidate, Instance, LayerPart, Node, Open, Reason,
    stack::{Feed, Stack},
};
use crate::{
    adapters::{part::Role, part_name::PartName},
    types::{
        component::{Component, ComponentError, Extern},
        dialect::Messaging,
        interface::InterfaceId,
    },
};

impl Stack<'_, '_> {
    /// Returns the open imports. Importers of the same name share one entry if the candidates fail for the same
    /// reasons.
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

    /// Explains one open import of the component at index `place`.
    pub(super) fn open_import(&self, place: usize, import: &Extern) -> Result<Open, ComponentError> {
        let layers = self.layers.iter().enumerate();
        let parts = layers.flat_map(|(layer, adapter)| adapter.parts.iter().map(move |part| (layer + 1, part)));
        let (mut candidates, mut without) = (Vec::new(), self.core_parts());
        for (depth, part) in parts {
            let component = part.name.clone();
            match self.reason(place, import, depth, part)? {
                Some(reason) => candidates.push(Candidate { component, reason }),
                None => without.push(component),
            }
        }
        let importer = self.arena.name(import).to_owned();
        Ok(Open { import: import.name.to_string(), importers: vec![importer], candidates, without })
    }

    /// Returns the names of the parts between linked guests. They serve no open import.
    fn core_parts(&self) -> Vec<PartName> {
        let name = |instance: &Instance<'_>| match instance.node {
            Node::Part { part, .. } => Some(part.name.clone()),
            _ => None,
        };
        self.core.instances.iter().filter_map(name).collect()
    }

    /// Returns why a part does not serve an import, or none if it exports nothing similar.
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
            return Ok(Some(Reason::OtherFunctions { functions: part.spec.functions.clone() }));
        }
        if let Err(difference) = self.arena.fits(export, import)? {
            return Ok(Some(Reason::TypesDiffer { difference }));
        }
        Ok(Some(match self.placed.iter().find(|placed| placed.depth == depth && placed.is_part(&part.spec.name)) {
            Some(placed) if placed.outside => Reason::Outside,
            None if matches!(part.spec.role, Some(Role::Interceptor | Role::Handler)) => Reason::Outside,
            Some(placed) if placed.depth <= self.placed[place].depth => Reason::Inside,
            _ => Reason::NotTaken,
        }))
    }
}

/// Adds an open import, or its importers where the same import has the same candidates.
pub(super) fn push(open: &mut Vec<Open>, new: Open) {
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

/// Finds an export that is similar to an import but cannot serve it.
fn near(import: &InterfaceId, component: &Component) -> Option<Reason> {
    let exports = || component.exports.iter().filter_map(|export| export.name.interface());
    if let Some(other) = exports().find(|other| other.is_same_interface(import)) {
        return Some(Reason::OtherVersion { exports: other.to_string() });
    }
    let is_foreign = |other: &&InterfaceId| Messaging::is_messaging(other) && !other.is_same_package(import);
    // A part that imports this package brings guests of another one to it. That is no mistake.
    let mut imports = component.imports.iter().filter_map(|import| import.name.interface());
    let is_bridge = imports.any(|other| other.is_same_package(import));
    if Messaging::is_messaging(import) && !is_bridge {
        let foreign: Vec<_> = exports().filter(is_foreign).map(ToString::to_string).collect();
        if !foreign.is_empty() {
            return Some(Reason::OtherDialect { exports: foreign });
        }
    }
    let misspelt = exports().find(|other| import.is_misspelt(other))?;
    Some(Reason::OtherName { exports: misspelt.to_string() })
}
