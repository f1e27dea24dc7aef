//! Reads the adapters' parts into the arena, in the builds that the options choose.

use super::error::Error;
use crate::{
    adapters::{
        adapter::{Adapter, Variant},
        config::{ConfigFrom, slot},
        part::Interfaces,
        settings::Settings,
    },
    plan::{Layer, LayerPart, Pace, PlanError},
    types::{
        component::Arena,
        dialect::{Dialect, InDialect},
    },
    uplift::{self, LiftedFunction, UpliftError},
    wasm::{binary::Binary, strip::Strip},
};
use std::collections::{BTreeMap, BTreeSet};

/// How the parts are built: from which files, and how these are changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Build {
    pub config_from: ConfigFrom,
    pub debug: bool,
    pub strip: Strip,
    pub dialect: Dialect,
}

impl Build {
    /// Returns which builds of parts are wanted.
    pub fn variant(self) -> Variant {
        Variant { debug: self.debug, at_run_time: self.config_from != ConfigFrom::Baked }
    }
}

/// The adapters with all their parts.
#[derive(Debug)]
pub(super) struct Layers {
    /// In the order of the stack.
    pub layers: Vec<Layer>,
    /// The parts that cannot be lifted. This is an error only if a plan needs one of them.
    pub refused: Refused,
}

/// The parts that cannot be lifted to a dialect: by their names, with their adapters.
#[derive(Debug)]
pub(super) struct Refused {
    dialect: Dialect,
    parts: BTreeMap<String, (String, UpliftError)>,
}

impl Layers {
    pub fn read(
        adapters: &[Adapter],
        settings: &[Settings],
        build: Build,
        arena: &mut Arena<'_>,
    ) -> Result<Self, Error> {
        let Build { config_from, debug, dialect, .. } = build;
        let run_time_config =
            config_from.layer(debug).map(|(name, bytes)| arena.add(name, Binary::own(bytes))).transpose()?;
        let (mut layers, mut refused) = (Vec::new(), BTreeMap::new());
        for (adapter, settings) in adapters.iter().zip(settings) {
            let mut parts = Vec::new();
            for part in &adapter.parts {
                let part_name = adapter.part_name(part);
                let name = part_name.to_string();
                let file = adapter.build(part, build.variant(), |option| settings.get(option))?;
                let mut binary = Binary::read(&name, file.clone())?;
                let pace = match uplift::lift_any(&name, &mut binary, dialect) {
                    Ok(lifted) => pace(&lifted),
                    Err(error) => {
                        refused.insert(name.clone(), (adapter.name.clone(), error));
                        Pace::Sync
                    }
                };
                let interfaces =
                    |some: &Interfaces| some.with(|option| settings.get(option)).cloned().unwrap_or_default();
                parts.push(LayerPart {
                    wraps: interfaces(&part.wraps),
                    clashes: interfaces(&part.clashes),
                    spec: part.clone(),
                    configured: adapter.read_by(&BTreeSet::from([part.name.as_str()])).next().is_some(),
                    has_slot: slot::is_in(&binary.bytes),
                    name: part_name,
                    component: arena.add(&name, binary)?,
                    pace,
                });
            }
            layers.push(Layer { adapter: adapter.name.clone(), parts, run_time_config: run_time_config.clone() });
        }
        Ok(Self { layers, refused: Refused { dialect, parts: refused } })
    }
}

impl Refused {
    /// Returns the reason why a part does not fit. If the part could not be lifted, the error says why.
    pub fn explain(&mut self, mut error: PlanError) -> Error {
        let PlanError::DoesNotFit { part, other, dialects, .. } = &mut error else { return error.into() };
        // The composition is in this dialect already, so choosing it does not help.
        dialects.retain(|one| one.dialect != Some(InDialect::Known(self.dialect)));
        for part in [part.clone(), other.clone()] {
            if let Some((adapter, reason)) = self.parts.remove(&part) {
                return PlanError::NotLifted { part, adapter, dialect: self.dialect, reason: reason.into() }.into();
            }
        }
        error.into()
    }
}

/// Returns how many calls a part can handle at once, by what lifting changed in it.
fn pace(lifted: &[LiftedFunction]) -> Pace {
    if lifted.is_empty() {
        Pace::Sync
    } else if lifted.iter().any(|function| function.types > 0) {
        Pace::Lifted
    } else {
        Pace::Concurrent
    }
}
