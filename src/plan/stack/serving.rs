//! Which of the open imports a part serves.

use super::Stack;
use crate::{
    adapters::part::Role,
    plan::{Layer, LayerPart},
    types::{
        component::{ComponentError, Extern},
        interface::ExternName,
    },
};
use std::collections::BTreeSet;

impl Stack<'_, '_> {
    /// Returns whether another provider of the adapter serves all that this one does, and more. If so, that one is used
    /// instead.
    pub(super) fn is_outdone(&self, part: &LayerPart, layer: &Layer) -> bool {
        let open = self.open();
        let served = |part: &LayerPart| -> BTreeSet<&ExternName> {
            let names = open.iter().map(|(_, import)| &import.name);
            names.filter(|name| part.component.export_for(name).is_some()).collect()
        };
        let own = served(part);
        let others = layer
            .parts
            .iter()
            .map(|part| (part, &part.spec))
            .filter(|(_, spec)| spec.role == Some(Role::Provider) && spec.with.is_none());
        part.spec.with.is_none()
            && others
                .map(|(part, _)| served(part))
                .any(|other| !own.is_empty() && other.len() > own.len() && own.is_subset(&other))
    }

    /// Returns whether a part implements all functions that the importers of an interface need, according to its
    /// manifest. Linked guests are several importers, and one part serves all of them.
    pub(super) fn serves_all(
        &self,
        part: &LayerPart,
        name: &ExternName,
        open: &[(usize, &Extern)],
    ) -> Result<bool, ComponentError> {
        for (_, import) in open.iter().filter(|(_, import)| import.name == *name) {
            if !self.serves(part, import)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns whether a part implements all functions that the importer needs, according to its manifest.
    pub(in crate::plan) fn serves(&self, part: &LayerPart, import: &Extern) -> Result<bool, ComponentError> {
        Ok(part.spec.functions.is_empty() || self.arena.has_only(import, &part.spec.functions)?)
    }
}
