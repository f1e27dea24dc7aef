//! A composition as a picture: its instances, the host, and which interfaces go between them. Made from a plan or from
//! the bytes of a component, the same for both; one writer a format.

use serde::Serialize;
use std::collections::BTreeMap;

mod component;
mod dot;
mod layout;
mod mermaid;
mod palette;
mod plan;
mod space;
mod svg;
mod tree;

pub use tree::Piece;

/// What there is to draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Picture {
    /// What it shows.
    pub title: String,
    /// From the host's view inward: each before those that it calls, unless another calls them earlier.
    pub instances: Vec<Instance>,
    /// In the order of who calls; what the host calls comes first.
    pub wires: Vec<Wire>,
}

/// An instance of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instance {
    /// What it is called.
    pub name: String,
    /// What it is there for.
    pub role: Role,
}

/// What an instance is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A part that stands between the guest and the host that calls it.
    Interceptor,
    /// What the adapters stand around.
    Guest,
    /// Any component, in a composition that this tool did not make.
    Component,
    /// A part that serves the guest, or another part.
    Provider,
    /// The options of an adapter.
    Config,
}

/// What goes between two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wire {
    /// Who exports it, by its place; none is the host.
    pub from: Option<usize>,
    /// Who imports it, by its place; none is the host.
    pub to: Option<usize>,
    /// What is exported and imported, by the names of who imports, sorted.
    pub interfaces: Vec<String>,
}

impl Role {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Interceptor => "interceptor",
            Role::Guest => "guest",
            Role::Component => "component",
            Role::Provider => "provider",
            Role::Config => "config",
        }
    }
}

impl Picture {
    /// What one has from others; the host for none.
    fn of(&self, to: Option<usize>) -> impl Iterator<Item = &Wire> {
        self.wires.iter().filter(move |wire| wire.to == to)
    }

    /// What one has from the host.
    fn left_to_host(&self, to: Option<usize>) -> &[String] {
        self.of(to).find(|wire| wire.from.is_none()).map_or(&[], |wire| &wire.interfaces)
    }

    /// The wires between two boxes: who calls, who is called, and by which interfaces. What the host offers is not
    /// drawn as a box of its own, but listed in the boxes of those that have it.
    fn arrows(&self) -> impl Iterator<Item = (Option<usize>, usize, &[String])> {
        self.wires.iter().filter_map(|wire| Some((wire.to, wire.from?, &wire.interfaces[..])))
    }

    /// Whether the host calls anything.
    fn is_called(&self) -> bool {
        self.of(None).next().is_some()
    }
}

/// The same, before it is in order.
#[derive(Debug, Default)]
struct Sketch {
    instances: Vec<Instance>,
    /// From, to, interface.
    wires: Vec<(Option<usize>, Option<usize>, String)>,
}

impl Sketch {
    /// Puts it in an order that does not depend on the order that it was found in.
    fn finish(mut self, title: &str) -> Picture {
        let mut grouped: BTreeMap<Option<usize>, BTreeMap<Option<usize>, Vec<String>>> = BTreeMap::new();
        for (from, to, interface) in std::mem::take(&mut self.wires) {
            grouped.entry(to).or_default().entry(from).or_default().push(printable(&interface));
        }
        let mut groups = BTreeMap::new();
        for (to, from) in grouped {
            let mut wires: Vec<_> = from.into_iter().collect();
            for (_, interfaces) in &mut wires {
                interfaces.sort();
            }
            // The chain that the host calls first, the host itself last.
            wires.sort_by_cached_key(|(from, interfaces)| {
                let instance = from.map(|from| &self.instances[from]);
                (from.is_none(), instance.map(|of| of.role), interfaces.clone(), instance.map(|of| of.name.clone()))
            });
            groups.insert(to, wires);
        }
        let order = self.order(&groups);
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, old)| places[*old] = place);
        let mut wires = Vec::new();
        for to in std::iter::once(None).chain(order.iter().copied().map(Some)) {
            for (from, interfaces) in groups.remove(&to).unwrap_or_default() {
                let place = |of: Option<usize>| of.map(|of| places[of]);
                wires.push(Wire { from: place(from), to: place(to), interfaces });
            }
        }
        let instance = |old: usize| Instance { name: printable(&self.instances[old].name), ..self.instances[old] };
        Picture { title: printable(title), instances: order.into_iter().map(instance).collect(), wires }
    }

    fn order(&self, groups: &Groups) -> Vec<usize> {
        let mut order = Vec::new();
        visit(None, groups, &mut order);
        // Those that the host does not call, nor anybody whom it calls.
        let is_called = |instance: usize| groups.values().flatten().any(|(from, _)| *from == Some(instance));
        let mut rest: Vec<usize> = (0..self.instances.len()).collect();
        rest.sort_by_key(|instance| (is_called(*instance), &self.instances[*instance].name));
        for instance in rest {
            if !order.contains(&instance) {
                order.push(instance);
                visit(Some(instance), groups, &mut order);
            }
        }
        order
    }
}

/// Who calls, and whom, by which interfaces.
type Groups = BTreeMap<Option<usize>, Vec<(Option<usize>, Vec<String>)>>;

fn visit(to: Option<usize>, groups: &Groups, order: &mut Vec<usize>) {
    for (from, _) in groups.get(&to).into_iter().flatten() {
        if let Some(from) = from.filter(|from| !order.contains(from)) {
            order.push(from);
            visit(Some(from), groups, order);
        }
    }
}

/// A name without what would break a line, or a terminal.
fn printable(name: &str) -> String {
    let mut printable = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_control() {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}
