//! The picture of a plan.

use super::{Instance, Picture, Role, Sketch};
use crate::plan::{Node, Plan, Source};

impl Picture {
    /// Draws what is planned.
    #[must_use]
    pub(crate) fn of_plan(title: &str, plan: &Plan<'_>) -> Self {
        let mut sketch = Sketch::default();
        for (to, instance) in plan.instances.iter().enumerate() {
            let role = match instance.node {
                Node::Guest(_) => Role::Guest,
                Node::Config { .. } | Node::ConfigLayer { .. } => Role::Config,
                Node::Part { .. } if instance.outside => Role::Interceptor,
                Node::Part { .. } => Role::Provider,
            };
            sketch.instances.push(Instance { name: instance.node.name(), role });
            for (import, source) in &instance.arguments {
                let from = match source {
                    Source::Host => None,
                    Source::Instance { instance, .. } => Some(*instance),
                };
                sketch.wires.push((from, Some(to), import.to_string()));
            }
        }
        for (export, from) in &plan.exports {
            sketch.wires.push((Some(*from), None, export.to_string()));
        }
        sketch.finish(title)
    }
}
