//! Turns the stack into a plan: settles where each import comes from, and puts each instance after those that serve it.

use super::{
    Instance, Layer, Node, Open, Owner, Plan, PlanError, Source, explain,
    stack::{Feed, Stack},
};
use crate::{adapters::config, types::interface::ExternName};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};

/// Orders all instances so that they can be instantiated one after another.
pub(super) fn order<'a>(stack: &Stack<'a, '_>) -> Result<Plan<'a>, PlanError> {
    let states = vec![State::New; stack.placed.len()];
    let mut order = Order { stack, instances: Vec::new(), states, configs: BTreeMap::new() };
    for place in 0..stack.placed.len() {
        order.visit(place)?;
    }
    let mut exports = IndexMap::new();
    for (export, place) in &stack.exports {
        exports.insert(export.clone(), order.exporter(*place, export)?);
    }
    let mut open = stack.open_imports()?;
    // Config layers are not parts, so their open imports have no candidates.
    for instance in &order.instances {
        if let Node::ConfigLayer { .. } = instance.node {
            let left = instance.arguments.iter().filter(|(_, source)| **source == Source::Host);
            open.extend(left.map(|(import, _)| Open {
                import: import.to_string(),
                importers: vec![instance.node.name()],
                candidates: Vec::new(),
                without: Vec::new(),
            }));
        }
    }
    open.sort_by(|one, other| one.import.cmp(&other.import));
    Ok(Plan { instances: order.instances, exports, pieces: BTreeMap::new(), open, merged: BTreeMap::new() })
}

impl Plan<'_> {
    /// Names imports as the host sees them, which is known once the composition is encoded: encoding merges imports that
    /// are on one semver track, under the name of one of them.
    pub fn name_imports(&mut self, seen: &[String]) {
        let seen: Vec<_> = seen.iter().map(|import| ExternName::parse(import)).collect();
        let arguments = self.instances.iter().flat_map(|instance| &instance.arguments);
        let left: BTreeSet<_> =
            arguments.filter(|(_, source)| **source == Source::Host).map(|(name, _)| name).collect();
        let names = left.into_iter().map(|import| (import.clone(), import.among(&seen).clone()));
        self.merged = names.filter(|(import, name)| import != name).collect();
        let mut opened = Vec::new();
        for mut open in std::mem::take(&mut self.open) {
            if let Some(name) = self.merged.get(&ExternName::parse(&open.import)) {
                open.import = name.to_string();
            }
            explain::push(&mut opened, open);
        }
        opened.sort_by(|one, other| one.import.cmp(&other.import));
        self.open = opened;
    }
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
    /// The source of each adapter's options, by the adapter's index.
    configs: BTreeMap<usize, Source>,
}

impl<'a> Order<'_, 'a, '_> {
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
                Feed::Config => self.config(placed.depth - 1),
                Feed::Placed { place: other, export } => {
                    self.stack.check_wire(other, place, import)?;
                    let instance = self.exporter(other, export)?;
                    Source::Instance { instance, export: Some(export.clone()) }
                }
            };
            arguments.insert(import.name.clone(), source);
        }
        let first = self.instances.len();
        match placed.part {
            Some(part) => {
                let node = Node::Part { owner: Owner::Adapter(placed.depth - 1), part };
                self.instances.push(Instance { node, outside: placed.outside, arguments });
            }
            None => self.push_core(&arguments),
        }
        self.states[place] = State::Done(first);
        Ok(first)
    }

    /// Returns the index of the instance that has an export of the component at `place`.
    fn exporter(&mut self, place: usize, export: &ExternName) -> Result<usize, PlanError> {
        let first = self.visit(place)?;
        let is_core = self.stack.placed[place].part.is_none();
        Ok(if is_core { first + self.stack.core.exports.get(export).copied().unwrap_or(0) } else { first })
    }

    /// Adds the instances of the core. Imports that nothing in the core serves get the source that `around` gives.
    fn push_core(&mut self, around: &IndexMap<ExternName, Source>) {
        let first = self.instances.len();
        for instance in &self.stack.core.instances {
            let mut instance = instance.clone();
            for (import, source) in &mut instance.arguments {
                match source {
                    Source::Host => *source = around.get(import).cloned().unwrap_or(Source::Host),
                    Source::Instance { instance, .. } => *instance += first,
                }
            }
            self.instances.push(instance);
        }
    }

    fn config(&mut self, layer: usize) -> Source {
        if let Some(config) = self.configs.get(&layer) {
            return config.clone();
        }
        let Layer { adapter, run_time_config, .. } = self.stack.layers[layer];
        let instance = self.push_config(Node::Config { owner: Owner::Adapter(layer), adapter }, IndexMap::new());
        let mut config = Source::Instance { instance, export: None };
        if let Some(component) = run_time_config {
            // A config layer reads from the host itself, even if an adapter further outside serves that interface.
            let source = |import: &ExternName| match import {
                ExternName::Interface(id) if id == config::baked_interface() => config.clone(),
                _ => Source::Host,
            };
            let imports = component.imports.iter().map(|import| (import.name.clone(), source(&import.name)));
            let instance = self.push_config(Node::ConfigLayer { adapter, component }, imports.collect());
            config = Source::Instance { instance, export: Some(ExternName::Interface(config::interface().clone())) };
        }
        self.configs.insert(layer, config.clone());
        config
    }

    fn push_config(&mut self, node: Node<'a>, arguments: IndexMap<ExternName, Source>) -> usize {
        self.instances.push(Instance { node, outside: false, arguments });
        self.instances.len() - 1
    }
}
