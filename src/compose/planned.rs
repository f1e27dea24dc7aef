//! What was planned: the plan, with the adapters and settings that it was made of. The stages behind planning ask it.

use super::{error::Error, layers::Build};
use crate::{
    adapters::{
        adapter::{Adapter, AdapterError},
        config::{self, ConfigFrom},
        duty::Duty,
        settings::Settings,
    },
    link::Linked,
    plan::{LayerPart, Node, Owner, Plan},
    provenance::{AdapterRecord, File, HandlerRecord, Provenance},
    types::dialect::Dialect,
};
use std::collections::{BTreeMap, BTreeSet};

/// A plan, and what it was made of.
#[derive(Clone, Copy)]
pub(super) struct Planned<'p, 'a> {
    pub plan: &'p Plan<'a>,
    /// The linked guests, if any are linked.
    pub linked: Option<&'p Linked>,
    /// The adapters, innermost first.
    pub adapters: &'p [Adapter],
    /// The settings of each adapter.
    pub settings: &'p [Settings],
    pub build: Build,
}

/// An adapter, with its settings and those of its parts that the plan uses.
pub(super) struct Used<'p> {
    pub adapter: &'p Adapter,
    pub settings: &'p Settings,
    /// The names of the parts.
    pub parts: BTreeSet<&'p str>,
    /// The names of those that read options from their option slot.
    pub with_slot: BTreeSet<&'p str>,
}

impl<'p> Planned<'p, '_> {
    /// Returns the adapters, innermost first.
    pub fn used(self) -> impl Iterator<Item = Used<'p>> {
        let layers = self.adapters.iter().zip(self.settings).enumerate();
        layers.map(move |(layer, (adapter, settings))| {
            let with_slot = self.plan.parts(layer).filter(|part| part.has_slot && part.configured);
            let with_slot = with_slot.map(|part| part.spec.name.as_str()).collect();
            Used { adapter, settings, parts: self.plan.part_names(layer), with_slot }
        })
    }

    /// Returns the config components that the plan has. Fails if an option without a value is to be baked.
    pub fn configs(self) -> Result<BTreeMap<Owner, Vec<u8>>, Error> {
        let owner = |node| if let Node::Config { owner, .. } = node { Some(owner) } else { None };
        let owners: BTreeSet<_> = self.plan.instances.iter().filter_map(|instance| owner(instance.node)).collect();
        let mut configs = BTreeMap::new();
        let linked = self.linked.filter(|_| owners.contains(&Owner::Link));
        configs.extend(linked.map(|linked| (Owner::Link, config::bake(&linked.baked()))));
        let config_from = self.build.config_from;
        for (layer, Used { adapter, settings, parts, with_slot }) in self.used().enumerate() {
            match config_from {
                ConfigFrom::Baked => settings.require(adapter, &parts)?,
                ConfigFrom::Env | ConfigFrom::Host => settings.require_baked(adapter, &with_slot)?,
            }
            let owner = Owner::Adapter(layer);
            if owners.contains(&owner) {
                let (baked, unset) = (settings.baked(adapter, &parts), settings.missing(adapter, &parts));
                configs.insert(owner, config::bake(&config_from.describe(adapter, baked, &unset)));
            }
        }
        Ok(configs)
    }

    /// Returns the options that a part of the plan reads, with their values.
    pub fn options(self, owner: Owner, part: &LayerPart) -> BTreeMap<String, String> {
        match owner {
            Owner::Link if part.configured => self.linked.map(Linked::baked).unwrap_or_default(),
            Owner::Link => BTreeMap::new(),
            Owner::Adapter(layer) => {
                self.settings[layer].baked(&self.adapters[layer], &BTreeSet::from([part.spec.name.as_str()]))
            }
        }
    }

    /// Makes the provenance. The first of `files` is the guest, the others are the handlers.
    pub fn provenance(self, files: &[File], duties: &[Duty]) -> Result<Provenance, AdapterError> {
        let routes = self.linked.map(Linked::routes).unwrap_or_default();
        let handlers = files[1..].iter().zip(routes);
        let handlers = handlers.map(|(file, route)| HandlerRecord { file: file.clone(), patterns: route.patterns });
        let records = self.used().map(|Used { adapter, settings, parts, .. }| {
            AdapterRecord::new(adapter, settings, &parts, self.build.variant())
        });
        Ok(Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            guest: files[0].clone(),
            handlers: handlers.collect(),
            adapters: self
                .linked
                .map(|linked| Ok(linked.record()))
                .into_iter()
                .chain(records)
                .collect::<Result<_, _>>()?,
            config_from: self.build.config_from.name().map(str::to_owned),
            dialect: (self.build.dialect != Dialect::Sync).then_some(self.build.dialect),
            duties: duties.to_vec(),
        })
    }
}
