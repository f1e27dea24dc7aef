//! What has its place becomes a plan: every import's source is settled, and every instance comes after those that feed it.

use super::{
    Instance, Node, Plan, PlanError, Source,
    stack::{Feed, Stack},
};
use crate::{config, interface::ExternName};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Puts everything in an order of instantiation.
pub(super) fn order<'a>(stack: &Stack<'a, '_>) -> Result<Plan<'a>, PlanError> {
    let states = vec![State::New; stack.placed.len()];
    let mut order = Order { stack, instances: Vec::new(), states, configs: BTreeMap::new() };
    let mut exports = IndexMap::new();
    for place in 0..stack.placed.len() {
        order.visit(place)?;
    }
    for (export, place) in &stack.exports {
        exports.insert(export.clone(), order.visit(*place)?);
    }
    Ok(Plan { instances: order.instances, exports })
}

#[derive(Clone, Copy)]
enum State {
    New,
    Entered,
    Done(usize),
}

struct Order<'s, 'a, 'b> {
    stack: &'s Stack<'a, 'b>,
    instances: Vec<Instance<'a>>,
    states: Vec<State>,
    /// The configuration's instance, by the adapter's place.
    configs: BTreeMap<usize, usize>,
}

impl Order<'_, '_, '_> {
    fn visit(&mut self, place: usize) -> Result<usize, PlanError> {
        let placed = &self.stack.placed[place];
        match self.states[place] {
            State::Done(instance) => return Ok(instance),
            State::Entered => return Err(PlanError::Cycle { component: placed.component.name.clone() }),
            State::New => self.states[place] = State::Entered,
        }
        let mut arguments = IndexMap::new();
        for import in &placed.component.imports {
            let source = match self.stack.feed(place, &import.name) {
                Feed::Host => Source::Host,
                Feed::Config => {
                    let instance = self.config(placed.depth - 1);
                    Source::Instance { instance, export: ExternName::Interface(config::interface()) }
                }
                Feed::Placed { place, export } => {
                    Source::Instance { instance: self.visit(place)?, export: export.clone() }
                }
            };
            arguments.insert(import.name.clone(), source);
        }
        self.instances.push(Instance { node: placed.node, outside: placed.outside, arguments });
        let instance = self.instances.len() - 1;
        self.states[place] = State::Done(instance);
        Ok(instance)
    }

    fn config(&mut self, layer: usize) -> usize {
        let adapter = &self.stack.layers[layer].adapter;
        *self.configs.entry(layer).or_insert_with(|| {
            self.instances.push(Instance {
                node: Node::Config { layer, adapter },
                outside: false,
                arguments: IndexMap::new(),
            });
            self.instances.len() - 1
        })
    }
}
