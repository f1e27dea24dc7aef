//! Draws a plan.

use super::{Block, BlockKind, Endpoint, Picture, Sketch};
use crate::plan::{Node, Plan, Source};

impl Picture {
    /// Draws the composition that a plan describes.
    #[must_use]
    pub(crate) fn of_plan(title: &str, plan: &Plan<'_>) -> Self {
        let mut sketch = Sketch::default();
        for (to, instance) in plan.instances.iter().enumerate() {
            let kind = match instance.node {
                Node::Guest(_) => BlockKind::Guest,
                Node::Config { .. } | Node::ConfigLayer { .. } => BlockKind::Config,
                Node::Part { .. } if instance.outside => BlockKind::Interceptor,
                Node::Part { .. } => BlockKind::Provider,
            };
            sketch.blocks.push(Block { name: instance.node.name(), kind });
            for (import, source) in &instance.arguments {
                let (from, name) = match source {
                    Source::Host => (Endpoint::Host, plan.host_name(import)),
                    Source::Instance { instance, .. } => (Endpoint::Instance(*instance), import),
                };
                sketch.edges.push((from, Endpoint::Instance(to), name.to_string()));
            }
        }
        for (export, from) in &plan.exports {
            sketch.edges.push((Endpoint::Instance(*from), Endpoint::Host, export.to_string()));
            for piece in plan.pieces_behind(export) {
                sketch.edges.push((Endpoint::Instance(piece.instance), Endpoint::Host, export.to_string()));
            }
        }
        sketch.finish(title)
    }
}
