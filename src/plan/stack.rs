//! The result so far: what has its place around the guest, and the rules by which a further adapter finds its own.

mod refusal;

use super::{Core, Layer, LayerPart, Pace, PlanError};
use crate::{
    adapters::{adapter::Role, config},
    types::{
        component::{Arena, Component, ComponentError, Extern},
        difference::Difference,
        interface::{ExternName, InterfaceId},
    },
};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Stack<'a, 'b> {
    pub(super) arena: &'b Arena<'b>,
    /// What the adapters go around.
    pub(super) core: &'a Core<'a>,
    /// In the order of taking, the core first.
    pub(super) placed: Vec<Placed<'a>>,
    /// What the result so far exports, and from where.
    pub(super) exports: IndexMap<ExternName, usize>,
    pub(super) layers: Vec<&'a Layer>,
}

/// A component that has its place.
pub(super) struct Placed<'a> {
    /// The part; none for the core.
    pub(super) part: Option<&'a LayerPart>,
    pub(super) component: &'a Component,
    /// 0 is the core's, 1 the first adapter's.
    pub(super) depth: usize,
    /// Whether it stands on the outer side of the guest.
    pub(super) outside: bool,
    /// The imports that it takes from the inside, and the exporters.
    wraps: BTreeMap<ExternName, usize>,
}

/// Where an import comes from, while places are not yet final.
pub(super) enum Feed<'a> {
    Host,
    Config,
    Placed { place: usize, export: &'a ExternName },
}

/// A part that has an export for an open import, but of another type.
struct Misfit<'a> {
    part: &'a LayerPart,
    /// What stands at the other end: whose import it is, or, for an interceptor's import, whose export.
    other: usize,
    import: &'a ExternName,
    difference: Box<Difference>,
}

impl<'a, 'b> Stack<'a, 'b> {
    pub(super) fn new(core: &'a Core<'a>, arena: &'b Arena<'b>) -> Self {
        let exports = core.exports.keys().map(|export| (export.clone(), 0)).collect();
        let first = Placed { part: None, component: &core.outside, depth: 0, outside: false, wraps: BTreeMap::new() };
        Self { arena, core, placed: vec![first], exports, layers: Vec::new() }
    }

    /// Puts an adapter around the result so far.
    pub(super) fn add(&mut self, layer: &'a Layer) -> Result<(), PlanError> {
        self.layers.push(layer);
        let first = self.placed.len();
        let mut misfits = Vec::new();
        for part in &layer.parts {
            let is_taken = |name: &str| self.placed[first..].iter().any(|placed| placed.is_part(name));
            if part.with.as_deref().is_some_and(|with| !is_taken(with)) {
                continue;
            }
            match part.role.or_else(|| self.role_by_types(part)) {
                Some(Role::Provider) if self.is_outdone(part, layer) => {}
                Some(Role::Provider) => misfits.extend(self.try_provider(part)?),
                Some(Role::Interceptor) => self.try_interceptor(part)?,
                Some(Role::Handler) => self.try_handler(part)?,
                None => {}
            }
        }
        // Another part of the adapter may have served the import. If none did, the last is the one that serves the
        // most.
        let unserved = misfits.iter().rposition(|misfit| self.is_open(misfit.import));
        if let Some(unserved) = unserved {
            return Err(self.does_not_fit(misfits.swap_remove(unserved))?);
        }
        if self.placed.len() == first {
            return Err(self.nothing_to_do(layer)?);
        }
        Ok(())
    }

    /// Where a part stands whose adapter does not say: a provider if it exports what is open, else an interceptor if it
    /// imports what is exported.
    fn role_by_types(&self, part: &LayerPart) -> Option<Role> {
        if self.open().iter().any(|(_, import)| part.component.export_for(&import.name).is_some()) {
            Some(Role::Provider)
        } else if part.component.imports.iter().any(|import| self.exporter(&import.name).is_some()) {
            Some(Role::Interceptor)
        } else {
            None
        }
    }

    /// Whether another part of the adapter serves all that this one does, and more: that one is taken in its place.
    fn is_outdone(&self, part: &LayerPart, layer: &Layer) -> bool {
        let open = self.open();
        let served = |part: &LayerPart| -> BTreeSet<&ExternName> {
            let names = open.iter().map(|(_, import)| &import.name);
            names.filter(|name| part.component.export_for(name).is_some()).collect()
        };
        let own = served(part);
        let others = layer.parts.iter().filter(|other| other.role == Some(Role::Provider) && other.with.is_none());
        part.with.is_none()
            && others.map(served).any(|other| !own.is_empty() && other.len() > own.len() && own.is_subset(&other))
    }

    /// Takes a provider that serves something open, or that goes with a part that was taken; gives what does not fit.
    fn try_provider(&mut self, part: &'a LayerPart) -> Result<Option<Misfit<'a>>, PlanError> {
        let mut serves = part.with.is_some();
        for (place, import) in self.open() {
            let Some(export) = part.component.export_for(&import.name) else { continue };
            if !self.serves(part, import)? {
                continue;
            }
            if let Err(difference) = self.arena.fits(export, import)? {
                return Ok(Some(Misfit { part, other: place, import: &import.name, difference }));
            }
            serves = true;
        }
        if serves {
            self.place(part, false, BTreeMap::new());
        }
        Ok(None)
    }

    /// Whether a part has all functions that are imported of what it exports, by what it says itself.
    pub(super) fn serves(&self, part: &LayerPart, import: &Extern) -> Result<bool, ComponentError> {
        Ok(part.functions.is_empty() || self.arena.has_only(import, &part.functions)?)
    }

    /// Takes an interceptor if what it imports is exported by the result so far.
    fn try_interceptor(&mut self, part: &'a LayerPart) -> Result<(), PlanError> {
        let is_exported = |id: &InterfaceId| self.exporter(&ExternName::Interface(id.clone())).is_some();
        if !part.wraps.iter().all(is_exported) {
            return Ok(());
        }
        let mut wraps = BTreeMap::new();
        for import in &part.component.imports {
            let Some((place, export)) = self.exporter(&import.name) else { continue };
            if let Err(difference) = self.arena.fits(export, import)? {
                let misfit = Misfit { part, other: place, import: &import.name, difference };
                return Err(self.does_not_fit(misfit)?);
            }
            wraps.insert(import.name.clone(), place);
        }
        if wraps.is_empty() {
            return Ok(());
        }
        if part.pace == Pace::Lifted
            && let Some(inner) = self.concurrent(&wraps)
        {
            let part = part.component.name.clone();
            return Err(PlanError::HoldsUp { part, inner: inner.component.name.clone() });
        }
        // What is wrapped is seen from outside only through the interceptor.
        self.exports
            .retain(|export, place| !wraps.iter().any(|(import, exporter)| exporter == place && export.serves(import)));
        self.export(part)?;
        self.place(part, true, wraps);
        Ok(())
    }

    /// A part within what is wrapped that must be called while the guest is busy.
    fn concurrent(&self, wraps: &BTreeMap<ExternName, usize>) -> Option<&'a LayerPart> {
        wraps.values().find_map(|place| match self.placed[*place].part {
            Some(part) if part.pace == Pace::Concurrent => Some(part),
            _ => self.concurrent(&self.placed[*place].wraps),
        })
    }

    /// Takes a handler if nothing that it exports is exported yet.
    fn try_handler(&mut self, part: &'a LayerPart) -> Result<(), PlanError> {
        let exported = part.component.exports.iter().any(|export| self.exports.contains_key(&export.name));
        if !exported {
            self.export(part)?;
            self.place(part, true, BTreeMap::new());
        }
        Ok(())
    }

    fn place(&mut self, part: &'a LayerPart, outside: bool, wraps: BTreeMap<ExternName, usize>) {
        let depth = self.layers.len();
        self.placed.push(Placed { part: Some(part), component: &part.component, depth, outside, wraps });
    }

    /// Lets the part that is placed next export what it exports.
    fn export(&mut self, part: &LayerPart) -> Result<(), PlanError> {
        for export in &part.component.exports {
            if let Some(place) = self.exports.insert(export.name.clone(), self.placed.len()) {
                return Err(PlanError::ExportConflict {
                    export: export.name.clone(),
                    part: part.component.name.clone(),
                    other: self.placed[place].component.name.clone(),
                });
            }
        }
        Ok(())
    }

    /// The component that the result so far exports `import` from, and its export.
    fn exporter(&self, import: &ExternName) -> Option<(usize, &'a Extern)> {
        self.exports.values().find_map(|place| {
            let export = self.placed[*place].component.export_for(import)?;
            (self.exports.get(&export.name) == Some(place)).then_some((*place, export))
        })
    }

    /// The imports inside the adapter that is being added that nothing feeds yet, with the places of their consumers.
    fn open(&self) -> Vec<(usize, &'a Extern)> {
        let inside = self.placed.iter().enumerate().filter(|(_, placed)| placed.depth < self.layers.len());
        let imports = inside.flat_map(|(place, placed)| {
            let component = placed.component;
            component.imports.iter().map(move |import| (place, import))
        });
        imports.filter(|(place, import)| matches!(self.feed(*place, &import.name), Feed::Host)).collect()
    }

    fn is_open(&self, name: &ExternName) -> bool {
        self.open().iter().any(|(_, import)| import.name == *name)
    }

    /// Where an import of what stands at `place` comes from: its own configuration; the inside, if it wraps that; for
    /// what wraps something, wherever that has it from, so that both see the same resources; its own adapter's
    /// providers; then those further outside, the nearest first; the host.
    pub(super) fn feed(&self, place: usize, import: &ExternName) -> Feed<'a> {
        let placed = &self.placed[place];
        let is_config = import.interface().is_some_and(|id| id == config::interface());
        if is_config && placed.is_configured() {
            return Feed::Config;
        }
        if let Some(&inner) = placed.wraps.get(import)
            && let Some(export) = self.placed[inner].component.export_for(import)
        {
            return Feed::Placed { place: inner, export: &export.name };
        }
        let shared = placed.wraps.values().find(|inner| self.placed[**inner].component.import(import).is_some());
        if let Some(&inner) = shared
            && !is_config
        {
            return self.feed(inner, import);
        }
        let providers =
            self.placed.iter().enumerate().filter(|(other, provider)| {
                !provider.outside && provider.depth >= placed.depth.max(1) && *other != place
            });
        // Sorting is stable: within an adapter the order is the manifest's.
        let mut found: Vec<_> = providers
            .filter_map(|(place, provider)| Some((provider.depth, place, provider.component.export_for(import)?)))
            .collect();
        found.sort_by_key(|(depth, ..)| *depth);
        match found.first() {
            Some((_, place, export)) => Feed::Placed { place: *place, export: &export.name },
            None => Feed::Host,
        }
    }
}

impl Placed<'_> {
    pub(super) fn is_part(&self, name: &str) -> bool {
        self.part.is_some_and(|part| part.name == name)
    }

    fn is_configured(&self) -> bool {
        self.part.is_some_and(|part| part.configured)
    }
}
