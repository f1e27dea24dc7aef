//! Builds the errors for an adapter that does not fit the result so far.

use super::{Feed, Misfit, Stack};
use crate::{
    adapters::part::Role,
    plan::{Layer, LayerPart, Open, PlanError},
    types::{
        component::{ComponentError, Extern},
        dialect::Messaging,
        interface::ExternName,
    },
};
use std::collections::BTreeSet;

impl Stack<'_, '_> {
    pub(super) fn does_not_fit(&self, misfit: Misfit<'_>) -> Result<PlanError, PlanError> {
        let Misfit { part, other, import, difference } = misfit;
        let component = self.placed[other].component;
        // An interceptor's import is served from inside only, so no other candidates exist.
        let open = component.import(import).map(|import| self.open_import(other, import)).transpose()?;
        // What the guest speaks is no reason if the part meets another part.
        let dialects = if self.placed[other].part.is_none() { self.guest_dialects()? } else { Vec::new() };
        Ok(PlanError::DoesNotFit {
            part: part.component.name.clone(),
            other: component.name.clone(),
            interface: import.clone(),
            dialects,
            open: open.into_iter().collect(),
            difference,
        })
    }

    /// The error for a part whose export a host would call, or that of the component at `place`, and not both.
    pub(super) fn export_conflict(
        &self,
        part: &LayerPart,
        export: &ExternName,
        taken: &ExternName,
        place: usize,
    ) -> PlanError {
        PlanError::ExportConflict {
            export: export.clone(),
            part: part.component.name.clone(),
            adapter: self.layers.last().map(|layer| layer.adapter.clone()).unwrap_or_default(),
            taken: Box::new(taken.clone()),
            other: self.placed[place].component.name.clone(),
            inner: self.placed[place].part.map(|_| self.adapter_at(place)),
        }
    }

    /// Fails if the export that serves an import has other types.
    ///
    /// Adding a part checks only what it serves further inside. Its own imports are checked here, after all components
    /// are added.
    pub(in crate::plan) fn check_wire(
        &self,
        exporter: usize,
        importer: usize,
        import: &Extern,
    ) -> Result<(), PlanError> {
        let [exporter, importer] = [exporter, importer].map(|place| self.placed[place].component);
        let Some(export) = exporter.export_for(&import.name) else { return Ok(()) };
        let Err(difference) = self.arena.fits(export, import)? else { return Ok(()) };
        Err(PlanError::DoesNotFit {
            part: exporter.name.clone(),
            other: importer.name.clone(),
            interface: import.name.clone(),
            dialects: self.guest_dialects()?,
            open: Vec::new(),
            difference,
        })
    }

    pub(super) fn nothing_to_do(&self, layer: &Layer) -> Result<PlanError, PlanError> {
        let adapter = layer.adapter.clone();
        let guest = self.placed[0].component;
        let parts = layer.parts.iter().filter(|part| part.spec.role.is_none_or(|role| role == Role::Provider));
        // Interfaces between parts of one adapter do not matter to the guest.
        let is_internal = |name: &ExternName| {
            !name.interface().is_some_and(Messaging::is_messaging)
                && layer.parts.iter().any(|part| part.component.import(name).is_some())
        };
        let exports = parts.flat_map(|part| &part.component.exports).map(|export| &export.name);
        let provides: BTreeSet<&ExternName> = exports.filter(|name| !is_internal(name)).collect();
        for import in &guest.imports {
            if provides.iter().any(|name| name.serves(&import.name))
                && let Feed::Placed { place, .. } = self.feed(0, &import.name)
            {
                let by = self.placed[place].component.name.clone();
                let provided_by = self.adapter_at(place);
                return Ok(PlanError::AlreadyProvided {
                    adapter,
                    import: import.name.clone(),
                    by,
                    provider: provided_by,
                });
            }
        }
        let messaging =
            guest.imports.iter().filter(|import| import.name.interface().is_some_and(Messaging::is_messaging));
        let imports: Vec<ExternName> = messaging.map(|import| import.name.clone()).collect();
        for import in imports.iter().filter_map(ExternName::interface) {
            let mut own = provides.iter().filter_map(|name| name.interface());
            if let Some(other) = own.find(|other| other.is_same_interface(import)) {
                return Ok(PlanError::OtherVersion {
                    adapter,
                    guest: guest.name.clone(),
                    import: Box::new(import.clone()),
                    provided: Box::new(other.clone()),
                    open: self.guest_open()?,
                });
            }
        }
        Ok(PlanError::NothingToDo {
            adapter,
            guest: guest.name.clone(),
            provides: provides.into_iter().cloned().collect(),
            imports,
            dialects: self.guest_dialects()?,
            open: self.guest_open()?,
        })
    }

    /// The adapter that stands at `place`, which is not the core's.
    pub(super) fn adapter_at(&self, place: usize) -> String {
        self.layers[self.placed[place].depth - 1].adapter.clone()
    }

    /// What the guest has open of messaging, or of what looks like it.
    fn guest_open(&self) -> Result<Vec<Open>, ComponentError> {
        let mut found = Vec::new();
        for import in &self.placed[0].component.imports {
            if matches!(self.feed(0, &import.name), Feed::Host) {
                let open = self.open_import(0, import)?;
                if open.is_messaging() || !open.candidates.is_empty() {
                    found.push(open);
                }
            }
        }
        Ok(found)
    }

    fn guest_dialects(&self) -> Result<Vec<Messaging>, ComponentError> {
        Messaging::of(self.placed[0].component, self.arena)
    }
}
