//! Fits the parts for their places: writes options into their option slots, and strips them.

use super::{error::Error, graph::Wholes, planned::Planned};
use crate::{
    adapters::{adapter::AdapterError, config::slot},
    plan::{Node, Owner},
    wasm::binary::BinaryError,
};
use std::{collections::BTreeSet, mem::take};

impl Planned<'_, '_> {
    /// Fits the parts among the components that take the places of skeletons. Their types stay as they are.
    pub fn fit(self, mut wholes: Wholes<'_>) -> Result<Wholes<'_>, Error> {
        let mut done = BTreeSet::new();
        for instance in &self.plan.instances {
            let Node::Part { owner, part } = instance.node else { continue };
            let place = part.component.place;
            // Several instances may be of one part.
            let Some(component) = wholes.components.get_mut(&place).filter(|_| done.insert(place)) else { continue };
            if part.has_slot {
                let malformed = |source| AdapterError::Slot { part: part.name.to_string(), source };
                let written = slot::write(take(component), &self.options(owner, part));
                *component = written.map_err(|error| malformed(error.into()))?;
            }
            if let Owner::Adapter(_) = owner {
                let stripped = self.build.strip.part(take(component));
                *component = stripped.map_err(|error| BinaryError::damaged(&part.name.to_string(), error))?;
            }
        }
        Ok(wholes)
    }
}
