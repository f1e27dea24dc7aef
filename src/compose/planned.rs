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
    plan::{Owner, Plan},
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
}

impl<'p> Planned<'p, '_> {
    /// Returns the adapters, innermost first.
    pub fn used(self) -> impl Iterator<Item = Used<'p>> {
        let layers = self.adapters.iter().zip(self.settings).enumerate();
        layers.map(move |(layer, (adapter, settings))| Used { adapter, settings, parts: self.plan.part_names(layer) })
    }

    /// Bakes the options that the selected parts read.
    pub fn configs(self) -> Result<BTreeMap<Owner, Vec<u8>>, Error> {
        let mut configs = BTreeMap::new();
        configs.extend(self.linked.map(|linked| (Owner::Link, config::bake(&linked.baked()))));
        let config_from = self.build.config_from;
        for (layer, Used { adapter, settings, parts }) in self.used().enumerate() {
            if config_from == ConfigFrom::Baked {
                settings.require(adapter, &parts)?;
            }
            let (baked, unset) = (settings.baked(adapter, &parts), settings.missing(adapter, &parts));
            configs.insert(Owner::Adapter(layer), config::bake(&config_from.describe(adapter, baked, &unset)));
        }
        Ok(configs)
    }

    /// Makes the provenance. The first of `files` is the guest, the others are the handlers.
    pub fn provenance(self, files: &[File], duties: &[Duty]) -> Result<Provenance, AdapterError> {
        let routes = self.linked.map(Linked::routes).unwrap_or_default();
        let handlers = files[1..].iter().zip(routes);
        let handlers = handlers.map(|(file, route)| HandlerRecord { file: file.clone(), patterns: route.patterns });
        let records = self
            .used()
            .map(|Used { adapter, settings, parts }| AdapterRecord::new(adapter, settings, &parts, self.build.debug));
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
