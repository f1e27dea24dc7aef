//! The stack while it is built: the components around the guest so far, and the rules by which the next adapter joins
//! them.

mod refusal;
mod serving;

use super::{Core, Layer, LayerPart, Pace, PlanError};
use crate::{
    adapters::{config, part::Role},
    types::{
        component::{Arena, Component, Extern},
        difference::Difference,
        interface::{ExternName, InterfaceId},
    },
};
use indexmap::IndexMap;
use std::collections::BTreeMap;

pub(super) struct Stack<'a, 'b> {
    pub(super) arena: &'b Arena<'b>,
    /// The guest, or the linked guests.
    pub(super) core: &'a Core<'a>,
    /// The components so far, the core first, then in the order of adding.
    pub(super) placed: Vec<Placed<'a>>,
    /// The exports of the result so far, each with the index of the component that has it.
    pub(super) exports: IndexMap<ExternName, usize>,
    pub(super) layers: Vec<&'a Layer>,
}

/// A component of the stack.
pub(super) struct Placed<'a> {
    /// The part. None for the core.
    pub(super) part: Option<&'a LayerPart>,
    pub(super) component: &'a Component,
    /// 0 for the core, 1 for the first adapter, and so on.
    pub(super) depth: usize,
    /// Whether the component is between the guest and the host that calls it.
    pub(super) outside: bool,
    /// The imports that components further inside serve, with the indices of those components.
    wraps: BTreeMap<ExternName, usize>,
}

/// Where an import comes from, before instances have their final order.
pub(super) enum Feed<'a> {
    Host,
    Config,
    Placed { place: usize, export: &'a ExternName },
}

/// A part that exports an open import with other types.
struct Misfit<'a> {
    part: &'a LayerPart,
    /// The index of the other component: the importer, or the exporter if the part is an interceptor.
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

    /// Adds an adapter around the result so far.
    pub(super) fn add(&mut self, layer: &'a Layer) -> Result<(), PlanError> {
        self.layers.push(layer);
        let first = self.placed.len();
        let mut misfits = Vec::new();
        for part in &layer.parts {
            let is_taken = |name: &str| self.placed[first..].iter().any(|placed| placed.is_part(name));
            if part.spec.with.as_deref().is_some_and(|with| !is_taken(with)) {
                continue;
            }
            match part.spec.role.or_else(|| self.role_by_types(part)) {
                Some(Role::Provider) if self.is_outdone(part, layer) => {}
                Some(Role::Provider) => misfits.extend(self.try_provider(part)?),
                Some(Role::Interceptor) => self.try_interceptor(part)?,
                Some(Role::Handler) => self.try_handler(part)?,
                None => {}
            }
        }
        // A misfit does not matter if another part of the adapter serves the import. If none does, the last misfit
        // serves the most.
        let unserved = misfits.iter().rposition(|misfit| self.is_open(misfit.import));
        if let Some(unserved) = unserved {
            return Err(self.does_not_fit(misfits.swap_remove(unserved))?);
        }
        if self.placed.len() == first {
            return Err(self.nothing_to_do(layer)?);
        }
        Ok(())
    }

    /// Derives the role of a part whose adapter does not give one. A part that exports an open import is a provider.
    /// Otherwise, a part that imports an export of the result so far is an interceptor.
    fn role_by_types(&self, part: &LayerPart) -> Option<Role> {
        if self.open().iter().any(|(_, import)| part.component.export_for(&import.name).is_some()) {
            Some(Role::Provider)
        } else if part.component.imports.iter().any(|import| self.exporter(&import.name).is_some()) {
            Some(Role::Interceptor)
        } else {
            None
        }
    }

    /// Adds a provider if it serves an open import, or goes with a part that is used. Returns the misfit if the types
    /// differ.
    fn try_provider(&mut self, part: &'a LayerPart) -> Result<Option<Misfit<'a>>, PlanError> {
        let mut serves = part.spec.with.is_some();
        let open = self.open();
        for &(place, import) in &open {
            let Some(export) = part.component.export_for(&import.name) else { continue };
            if !self.serves_all(part, &import.name, &open)? {
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

    /// Adds an interceptor if the result so far exports something that it imports.
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
        if let Some((place, export)) = self.clash(part) {
            return Err(PlanError::Clash {
                export: export.name.clone(),
                other: self.placed[place].component.name.clone(),
                part: part.component.name.clone(),
                exports: part.component.exports.iter().map(|export| export.name.clone()).collect(),
                // Another build fits only a guest that is sync so far.
                setting: part.spec.clashes.option().filter(|_| part.pace == Pace::Sync).map(str::to_owned),
            });
        }
        if part.pace == Pace::Lifted
            && let Some(inner) = self.concurrent(&wraps)
        {
            return Err(PlanError::HoldsUp {
                part: part.component.name.clone(),
                outer: self.layers.last().map(|layer| layer.adapter.clone()).unwrap_or_default(),
                inner: self.placed[inner].component.name.clone(),
                adapter: self.adapter_at(inner),
            });
        }
        // Wrapped exports are hidden: only the interceptor can call them, in whatever version of the track.
        self.exports
            .retain(|export, place| !wraps.iter().any(|(import, exporter)| exporter == place && export.serves(import)));
        self.export(part)?;
        self.place(part, true, wraps);
        Ok(())
    }

    /// Returns an export of the result so far that a host would call or the part's, and not both.
    fn clash(&self, part: &LayerPart) -> Option<(usize, &'a Extern)> {
        part.clashes.iter().find_map(|id| self.exporter(&ExternName::Interface(id.clone())))
    }

    /// The place of a part within what is wrapped that must be called while the guest is busy.
    fn concurrent(&self, wraps: &BTreeMap<ExternName, usize>) -> Option<usize> {
        wraps.values().find_map(|place| match self.placed[*place].part {
            Some(part) if part.pace == Pace::Concurrent => Some(*place),
            _ => self.concurrent(&self.placed[*place].wraps),
        })
    }

    /// Adds a handler part if the result so far has none of its exports.
    fn try_handler(&mut self, part: &'a LayerPart) -> Result<(), PlanError> {
        let is_exported = |export: &Extern| self.exports.keys().any(|taken| taken.serves(&export.name));
        if !part.component.exports.iter().any(is_exported) {
            self.export(part)?;
            self.place(part, true, BTreeMap::new());
        }
        Ok(())
    }

    fn place(&mut self, part: &'a LayerPart, outside: bool, wraps: BTreeMap<ExternName, usize>) {
        let depth = self.layers.len();
        self.placed.push(Placed { part: Some(part), component: &part.component, depth, outside, wraps });
    }

    /// Registers the exports of the part that is added next. None may stand beside one that a host would take for it.
    fn export(&mut self, part: &LayerPart) -> Result<(), PlanError> {
        for export in &part.component.exports {
            if let Some((taken, place)) = self.exports.iter().find(|(taken, _)| taken.displaces(&export.name)) {
                return Err(self.export_conflict(part, &export.name, taken, *place));
            }
        }
        let next = self.placed.len();
        self.exports.extend(part.component.exports.iter().map(|export| (export.name.clone(), next)));
        Ok(())
    }

    /// Returns the component that exports `import` from the result so far, and its export.
    fn exporter(&self, import: &ExternName) -> Option<(usize, &'a Extern)> {
        self.exports.values().find_map(|place| {
            let export = self.placed[*place].component.export_for(import)?;
            (self.exports.get(&export.name) == Some(place)).then_some((*place, export))
        })
    }

    /// Returns the open imports further inside than the adapter that is being added, with the indices of their
    /// components.
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

    /// Finds where an import of the component at `place` comes from. These sources are tried in order:
    ///
    /// 1. The adapter's config component, if the import is `wasi:config/store`.
    /// 2. The component further inside that this one wraps.
    /// 3. For other imports of an interceptor: the source from which the wrapped component imports the same interface,
    ///    so that both see the same resources.
    /// 4. Providers of the same adapter, then of adapters further outside, the nearest first.
    /// 5. The host.
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
        // Sorting is stable, so parts of one adapter stay in the order of the manifest.
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
        self.part.is_some_and(|part| part.spec.name == name)
    }

    fn is_configured(&self) -> bool {
        self.part.is_some_and(|part| part.configured)
    }
}
