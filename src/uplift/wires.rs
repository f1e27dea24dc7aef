//! Which functions are the same one. Every function, instance and component is a node; what it imports and exports are
//! nodes under it. What is passed on joins two nodes with all that is under them: so in the end a function that goes
//! from component to component is one node, under whichever names.

use super::{
    scope::{Scope, Step},
    types::{Item, Label},
};
use std::collections::BTreeMap;
use wasmparser::ComponentExternalKind as Kind;

/// A function, instance or component. All instances of a component are one node with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node(usize);

/// Something is passed on that is not there: a bug, for the component is valid.
#[derive(Debug, thiserror::Error)]
#[error("something is passed on that is not there")]
pub(super) struct NotThere;

/// All nodes of a component and those that are nested in it.
#[derive(Debug, Default)]
pub(super) struct Wires<'a> {
    /// Of each node another that it was joined to, or itself.
    joined: Vec<Node>,
    under: Vec<BTreeMap<Label<'a>, Node>>,
    /// The nodes of the components, by place.
    components: Vec<Node>,
    /// For each component, the nodes of its steps.
    steps: Vec<Vec<Node>>,
}

impl<'a> Wires<'a> {
    /// Follows all wires.
    pub fn of(scopes: &[Scope<'a>]) -> Result<Self, NotThere> {
        let mut wires = Self::default();
        wires.components = scopes.iter().map(|_| wires.add()).collect();
        for (place, scope) in scopes.iter().enumerate() {
            wires.scope(wires.components[place], scope)?;
        }
        for place in 0..wires.joined.len() {
            wires.shorten(Node(place));
        }
        Ok(wires)
    }

    /// The node of a component.
    pub fn component(&self, place: usize) -> Node {
        self.find(self.components[place])
    }

    /// The node of what a step of a component makes or takes.
    pub fn step(&self, component: usize, step: usize) -> Node {
        self.find(self.steps[component][step])
    }

    /// The node that stands for all that it was joined with.
    pub fn find(&self, mut node: Node) -> Node {
        while self.joined[node.0] != node {
            node = self.joined[node.0];
        }
        node
    }

    /// The same, and makes the way to it shorter.
    fn shorten(&mut self, mut node: Node) -> Node {
        while self.joined[node.0] != node {
            let next = self.joined[self.joined[node.0].0];
            self.joined[node.0] = next;
            node = next;
        }
        node
    }

    /// What is known to be under a node.
    pub fn under(&self, node: Node) -> impl Iterator<Item = (Label<'a>, Node)> {
        self.under[self.find(node).0].iter().map(|(label, node)| (*label, self.find(*node)))
    }

    /// What is under a node at one place, if anybody asked for it.
    pub fn get(&self, node: Node, label: Label<'_>) -> Option<Node> {
        self.under[self.find(node).0].get(&label).map(|node| self.find(*node))
    }

    /// What is under a node at one place.
    pub fn at(&mut self, node: Node, label: Label<'a>) -> Node {
        let node = self.shorten(node);
        if let Some(found) = self.get(node, label) {
            return found;
        }
        let new = self.add();
        self.under[node.0].insert(label, new);
        new
    }

    fn add(&mut self) -> Node {
        let node = Node(self.joined.len());
        self.joined.push(node);
        self.under.push(BTreeMap::new());
        node
    }

    fn join(&mut self, one: Node, other: Node) {
        let mut pairs = vec![(one, other)];
        while let Some((one, other)) = pairs.pop() {
            let (mut to, mut from) = (self.shorten(one), self.shorten(other));
            if to == from {
                continue;
            }
            // The smaller into the larger, so that joining all takes little more than time for each.
            if self.under[to.0].len() < self.under[from.0].len() {
                (to, from) = (from, to);
            }
            self.joined[from.0] = to;
            for (label, node) in std::mem::take(&mut self.under[from.0]) {
                match self.under[to.0].get(&label) {
                    Some(there) => pairs.push((*there, node)),
                    None => drop(self.under[to.0].insert(label, node)),
                }
            }
        }
    }

    fn scope(&mut self, component: Node, scope: &Scope<'a>) -> Result<(), NotThere> {
        let mut spaces = Spaces { components: &scope.components, functions: Vec::new(), instances: Vec::new() };
        let mut nodes = Vec::new();
        for step in &scope.steps {
            let node = match step {
                Step::Import(name, (kind, _)) => {
                    let node = self.at(component, Label::Import(name));
                    spaces.push(*kind, node)
                }
                Step::Export(name, item, _) => match spaces.get(self, *item)? {
                    Some(node) => {
                        let export = self.at(component, Label::Export(name));
                        self.join(node, export);
                        spaces.push(item.0, node)
                    }
                    None => component,
                },
                Step::Alias { kind, instance, name } => {
                    let instance = spaces.get(self, (Kind::Instance, *instance))?.ok_or(NotThere)?;
                    let node = self.at(instance, Label::Export(name));
                    spaces.push(*kind, node)
                }
                Step::Instantiate(place, arguments) => {
                    let node = self.components[*place];
                    for (name, item) in arguments {
                        if let Some(argument) = spaces.get(self, *item)? {
                            let import = self.at(node, Label::Import(name));
                            self.join(argument, import);
                        }
                    }
                    spaces.push(Kind::Instance, node)
                }
                Step::Bundle(items) => {
                    let node = self.add();
                    for (name, item) in items {
                        if let Some(item) = spaces.get(self, *item)? {
                            let export = self.at(node, Label::Export(name));
                            self.join(item, export);
                        }
                    }
                    spaces.push(Kind::Instance, node)
                }
                Step::Lift { .. } => {
                    let node = self.add();
                    spaces.push(Kind::Func, node)
                }
                Step::Lower(function) => spaces.get(self, (Kind::Func, *function))?.ok_or(NotThere)?,
            };
            nodes.push(node);
        }
        self.steps.push(nodes);
        Ok(())
    }
}

/// What has an index in a component.
struct Spaces<'s> {
    components: &'s [usize],
    functions: Vec<Node>,
    instances: Vec<Node>,
}

impl Spaces<'_> {
    fn push(&mut self, kind: Kind, node: Node) -> Node {
        match kind {
            Kind::Func => self.functions.push(node),
            Kind::Instance => self.instances.push(node),
            _ => {}
        }
        node
    }

    /// The node of an item, if it is of a kind that has one.
    fn get(&self, wires: &Wires<'_>, (kind, index): Item) -> Result<Option<Node>, NotThere> {
        let index = index as usize;
        let node = match kind {
            Kind::Func => self.functions.get(index).copied(),
            Kind::Instance => self.instances.get(index).copied(),
            Kind::Component => self.components.get(index).map(|place| wires.components[*place]),
            Kind::Module | Kind::Value | Kind::Type => return Ok(None),
        };
        node.map(Some).ok_or(NotThere)
    }
}
