//! Why an adapter finds no place: both sides by their names.

use super::{Feed, Misfit, Stack};
use crate::{
    adapter::Role,
    component::ComponentError,
    dialect::Dialect,
    interface::ExternName,
    plan::{Cause, Layer, PlanError},
};
use std::collections::BTreeSet;

impl Stack<'_, '_> {
    pub(super) fn does_not_fit(&self, misfit: &Misfit<'_>) -> Result<PlanError, PlanError> {
        let Misfit { part, consumer, import, differences } = misfit;
        Ok(PlanError::DoesNotFit {
            part: part.component.name.clone(),
            other: (*consumer).to_owned(),
            interface: (*import).clone(),
            dialects: self.guest_dialects()?,
            source: Cause::chain(differences.iter().map(String::as_str)),
        })
    }

    pub(super) fn nothing_to_do(&self, layer: &Layer) -> Result<PlanError, PlanError> {
        let adapter = layer.adapter.clone();
        let guest = self.placed[0].component;
        let parts = layer.parts.iter().filter(|part| part.role.is_none_or(|role| role == Role::Provider));
        // What one part has from another is no concern of the guest's.
        let is_internal = |name: &ExternName| {
            !name.interface().is_some_and(Dialect::is_messaging)
                && layer.parts.iter().any(|part| part.component.import(name).is_some())
        };
        let exports = parts.flat_map(|part| &part.component.exports).map(|export| &export.name);
        let provides: BTreeSet<&ExternName> = exports.filter(|name| !is_internal(name)).collect();
        for import in &guest.imports {
            if provides.iter().any(|name| name.serves(&import.name))
                && let Feed::Placed { place, .. } = self.feed(0, &import.name)
            {
                let by = self.placed[place].component.name.clone();
                return Ok(PlanError::AlreadyProvided { adapter, import: import.name.clone(), by });
            }
        }
        let messaging =
            guest.imports.iter().filter(|import| import.name.interface().is_some_and(Dialect::is_messaging));
        let imports: Vec<ExternName> = messaging.map(|import| import.name.clone()).collect();
        for import in imports.iter().filter_map(ExternName::interface) {
            let mut own = provides.iter().filter_map(|name| name.interface());
            if let Some(other) = own.find(|other| other.is_same_interface(import)) {
                return Ok(PlanError::OtherVersion {
                    adapter,
                    guest: guest.name.clone(),
                    import: import.clone(),
                    provided: other.clone(),
                });
            }
        }
        Ok(PlanError::NothingToDo {
            adapter,
            guest: guest.name.clone(),
            provides: provides.into_iter().cloned().collect(),
            imports,
            dialects: self.guest_dialects()?,
        })
    }

    fn guest_dialects(&self) -> Result<Vec<Dialect>, ComponentError> {
        Dialect::spoken(self.placed[0].component, self.arena)
    }
}
