//! Draws a composition: its instances, the host, and which interfaces go between them.
//!
//! A picture is made of a plan or of the bytes of a component, and is the same for both. Each format has one writer.

use crate::common::printable::printable;
use serde::Serialize;
use std::collections::BTreeMap;

mod component;
mod dot;
mod layout;
mod mermaid;
mod outline;
mod palette;
mod plan;
mod svg;
mod tree;

pub use tree::TextKind;

/// A graph of blocks and edges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Picture {
    /// The name of what it shows.
    pub title: String,
    /// The instances, from the host inward: each before those that it calls, unless another calls them earlier.
    #[serde(rename = "instances")]
    pub blocks: Vec<Block>,
    /// The wires, grouped by their endpoints, in the order of who calls. Those of the host come first.
    #[serde(rename = "wires")]
    pub edges: Vec<Edge>,
}

/// An instance of a component, as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// The name of the instance.
    pub name: String,
    /// What the instance is for.
    #[serde(rename = "role")]
    pub kind: BlockKind,
}

/// What an instance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// A part between the guest and the host that calls it.
    Interceptor,
    /// The component that the adapters are around.
    Guest,
    /// Any component, in a composition that another tool made.
    Component,
    /// A part that serves the guest or another part.
    Provider,
    /// The options of an adapter.
    Config,
}

/// All wires from one endpoint to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// Who exports them.
    pub from: Endpoint,
    /// Who imports them.
    pub to: Endpoint,
    /// The interfaces, by the names of who imports, sorted.
    pub interfaces: Vec<String>,
}

/// One end of a wire. As JSON it is the place of the instance, or `null` for the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Endpoint {
    /// The host.
    Host,
    /// An instance, by its place among the blocks.
    Instance(usize),
}

impl Endpoint {
    /// Returns the place of the instance, if it is one.
    #[must_use]
    pub fn instance(self) -> Option<usize> {
        match self {
            Self::Host => None,
            Self::Instance(place) => Some(place),
        }
    }
}

impl BlockKind {
    /// Returns the kind in one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Interceptor => "interceptor",
            Self::Guest => "guest",
            Self::Component => "component",
            Self::Provider => "provider",
            Self::Config => "config",
        }
    }
}

impl Picture {
    /// Returns the edges that lead to an importer.
    fn of(&self, to: Endpoint) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.to == to)
    }

    /// Returns the interfaces that an importer has from the host.
    fn left_to_host(&self, to: Endpoint) -> &[String] {
        self.of(to).find(|edge| edge.from == Endpoint::Host).map_or(&[], |edge| &edge.interfaces)
    }

    /// Returns the arrows to draw: who calls, which block is called, and by which interfaces. An interface that the host
    /// offers has no arrow. It is listed in the blocks that import it.
    fn arrows(&self) -> impl Iterator<Item = (Endpoint, usize, &[String])> {
        self.edges.iter().filter_map(|edge| Some((edge.to, edge.from.instance()?, &edge.interfaces[..])))
    }

    /// Returns whether the host calls anything.
    fn is_called(&self) -> bool {
        self.of(Endpoint::Host).next().is_some()
    }
}

/// A picture before it is in order.
#[derive(Debug, Default)]
struct Sketch {
    blocks: Vec<Block>,
    /// For each interface: from, to, name.
    edges: Vec<(Endpoint, Endpoint, String)>,
}

impl Sketch {
    /// Brings the picture in an order that does not depend on the order in which it was found.
    fn finish(mut self, title: &str) -> Picture {
        let mut grouped: BTreeMap<Endpoint, BTreeMap<Endpoint, Vec<String>>> = BTreeMap::new();
        for (from, to, interface) in std::mem::take(&mut self.edges) {
            grouped.entry(to).or_default().entry(from).or_default().push(printable(&interface).into_owned());
        }
        let mut groups = BTreeMap::new();
        for (to, from) in grouped {
            let mut edges: Vec<_> = from.into_iter().collect();
            for (_, interfaces) in &mut edges {
                interfaces.sort();
            }
            // The chain that the host calls first, the host itself last.
            edges.sort_by_cached_key(|(from, interfaces)| {
                let block = from.instance().map(|from| &self.blocks[from]);
                (
                    block.is_none(),
                    block.map(|block| block.kind),
                    interfaces.clone(),
                    block.map(|block| block.name.clone()),
                )
            });
            groups.insert(to, edges);
        }
        let order = self.order(&groups);
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, old)| places[*old] = place);
        let mut edges = Vec::new();
        for to in std::iter::once(Endpoint::Host).chain(order.iter().copied().map(Endpoint::Instance)) {
            for (from, interfaces) in groups.remove(&to).unwrap_or_default() {
                let moved = |end: Endpoint| end.instance().map_or(end, |old| Endpoint::Instance(places[old]));
                edges.push(Edge { from: moved(from), to: moved(to), interfaces });
            }
        }
        let block = |old: usize| Block { name: printable(&self.blocks[old].name).into_owned(), ..self.blocks[old] };
        Picture { title: printable(title).into_owned(), blocks: order.into_iter().map(block).collect(), edges }
    }

    /// Returns the old places of the blocks, in the order in which they are drawn.
    fn order(&self, groups: &Groups) -> Vec<usize> {
        let mut order = Vec::new();
        visit(Endpoint::Host, groups, &mut order);
        // Then those that the host does not reach.
        let is_called = |block: usize| groups.values().flatten().any(|(from, _)| *from == Endpoint::Instance(block));
        let mut rest: Vec<usize> = (0..self.blocks.len()).collect();
        rest.sort_by_key(|block| (is_called(*block), &self.blocks[*block].name));
        for block in rest {
            if !order.contains(&block) {
                order.push(block);
                visit(Endpoint::Instance(block), groups, &mut order);
            }
        }
        order
    }
}

/// For each who calls: whom, and by which interfaces.
type Groups = BTreeMap<Endpoint, Vec<(Endpoint, Vec<String>)>>;

fn visit(to: Endpoint, groups: &Groups, order: &mut Vec<usize>) {
    for (from, _) in groups.get(&to).into_iter().flatten() {
        if let Some(from) = from.instance().filter(|from| !order.contains(from)) {
            order.push(from);
            visit(Endpoint::Instance(from), groups, order);
        }
    }
}
