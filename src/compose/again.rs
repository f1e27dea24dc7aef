//! Finds out that a guest was composed with an adapter before, if the plan has nothing for that adapter to do.

use super::error::{ComposedAlready, Error};
use crate::{
    plan::{Core, Node, PlanError},
    provenance::inspect::every,
    types::component::Arena,
};

/// Returns the reason why an adapter has nothing to do: `error`, or that a guest was composed with it before.
pub(super) fn explain(error: Error, core: &Core<'_>, arena: &Arena<'_>) -> Error {
    let Error::Plan(PlanError::NothingToDo { adapter, .. }) = &error else { return error };
    for instance in &core.instances {
        let Node::Guest(guest) = instance.node else { continue };
        let mut before = every(arena.bytes(guest)).into_iter();
        if let Some(by) = before.find(|by| by.adapters.iter().any(|record| record.name == *adapter)) {
            return ComposedAlready { guest: guest.name.clone(), adapter: adapter.clone(), inner: by.guest.name }
                .into();
        }
    }
    error
}
