//! Brings guests of another messaging package to today's, before they are linked: what links guests speaks only that. Each
//! is composed with the adapter of the catalogue that does it.

use super::{
    error::Error,
    guests::Guests,
    record::{Composition, Loaded},
};
use crate::{
    adapters::{
        adapter::Adapter,
        catalogue,
        duty::Duty,
        providers::bridges,
        settings::{self, Secrets},
    },
    types::{
        component::Arena,
        dialect::{Dialect, Messaging},
        interface::InterfaceId,
    },
    wasm::{binary::Binary, outside::outside},
};
use serde::Serialize;

/// A linked guest that speaks another messaging package, and the adapter that brings it to today's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BridgedGuest {
    /// The guest's name in messages.
    pub guest: String,
    /// The package that it speaks.
    pub package: String,
    /// The name of the adapter.
    pub adapter: String,
}

/// The guests that were composed with an adapter before they are linked.
#[derive(Debug, Default)]
pub(super) struct Bridged {
    /// In the order of linking, each file once.
    pub guests: Vec<BridgedGuest>,
    /// What the host must do for them.
    pub duties: Vec<Duty>,
}

impl<'a> Composition<Loaded<'a>> {
    /// Composes each linked guest that speaks another messaging package with the adapter for it. The options of these
    /// adapters are taken out of the composition.
    pub(super) fn bridge(&mut self, guests: &mut Guests<'a>) -> Result<Bridged, Error> {
        let mut bridged = Bridged::default();
        if !guests.are_linked() {
            return Ok(bridged);
        }
        let mut used: Vec<Adapter> = Vec::new();
        for guest in guests.iter_mut() {
            let name = guest.file.name.clone();
            let Some((package, adapter)) = bridge_for(&name, &guest.binary)? else { continue };
            let bytes = std::mem::take(&mut guest.binary.bytes);
            let inner = Composition::new(&*name, bytes).with(|inner| {
                inner.options =
                    self.options.iter().filter(|option| settings::sets(&adapter, option)).cloned().collect();
                inner.secrets = self.secrets.iter().filter(|key| settings::names(&adapter, key)).cloned().collect();
                inner.bake_secrets = self.bake_secrets;
                inner.config_from = self.config_from;
                inner.debug = self.debug;
                inner.strip = self.strip;
            });
            let composed = inner.adapter(adapter.clone()).compose()?;
            guest.binary = Binary::read(&name, composed.component.to_bytes())?;
            let it = BridgedGuest { guest: name, package, adapter: adapter.name.clone() };
            if !bridged.guests.contains(&it) {
                bridged.guests.push(it);
                bridged.duties.extend(composed.report.host);
            }
            if used.iter().all(|used| used.name != adapter.name) {
                used.push(adapter);
            }
        }
        self.take_options(&used)?;
        Ok(bridged)
    }

    /// Removes the options of these adapters. Fails if one of the composition's own adapters has such an option, too.
    fn take_options(&mut self, adapters: &[Adapter]) -> Result<(), Error> {
        let all: Vec<_> = adapters.iter().chain(&self.adapters).cloned().collect();
        let is_theirs = |option: &_| adapters.iter().any(|adapter| settings::sets(adapter, option));
        for option in self.options.iter().filter(|option| is_theirs(option)) {
            settings::resolve(&all, std::slice::from_ref(option), &Secrets::default())?;
        }
        self.options.retain(|option| !is_theirs(option));
        self.secrets.retain(|key| !adapters.iter().any(|adapter| settings::names(adapter, key)));
        Ok(())
    }
}

/// Returns the other messaging package that a guest speaks, and the adapter that brings it to today's, if there is one.
fn bridge_for(name: &str, binary: &Binary<'_>) -> Result<Option<(String, Adapter)>, Error> {
    let seen = outside(&binary.skeleton).map_err(Error::unreadable)?;
    let ids = seen.imports.iter().chain(&seen.exports).filter_map(|name| name.parse::<InterfaceId>().ok());
    if !ids.into_iter().any(|id| Messaging::is_messaging(&id) && !Dialect::is_of(&id)) {
        return Ok(None);
    }
    let (arena, component) = Arena::of(name, binary.to_skeleton())?;
    for spoken in Messaging::of(&component, &arena)? {
        if let [bridge] = &*bridges(&spoken) {
            return Ok(catalogue::get(bridge).ok().map(|adapter| (spoken.package, adapter)));
        }
    }
    Ok(None)
}
