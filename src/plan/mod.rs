//! Which parts stand around the guest, and who feeds whom: pure data, decided before anything is built.
//!
//! Adapters are taken in order, each onto the result so far. Providers nest inward and interceptors outward:
//!
//! ```text
//! host → provider of 2 → provider of 1 → guest → interceptor of 1 → interceptor of 2 → host
//! ```

use crate::{
    adapters::adapter::Role,
    types::{
        component::{Arena, Component},
        interface::{ExternName, InterfaceId},
    },
};
use indexmap::IndexMap;
use std::{collections::BTreeSet, fmt};

mod error;
mod open;
mod order;
mod stack;

pub use error::PlanError;
pub use open::{Candidate, Open, Reason};

/// An adapter of the stack, with its parts in the builds that the options chose.
#[derive(Debug)]
pub struct Layer {
    /// The adapter's name.
    pub adapter: String,
    /// In the manifest's order.
    pub parts: Vec<LayerPart>,
    /// What lets values that are set at run time go over the baked options; none when nothing does.
    pub config_layer: Option<Component>,
}

/// A part that may be taken.
#[derive(Debug)]
pub struct LayerPart {
    /// The part's name.
    pub name: String,
    /// Where it stands; none when its types are to say.
    pub role: Option<Role>,
    /// The part without which this one is not needed.
    pub with: Option<String>,
    /// The interfaces that it must find exported by what it stands before; without any, one that it imports is enough.
    pub wraps: Vec<InterfaceId>,
    /// The functions that it has of what it exports, if it says so.
    pub functions: Vec<String>,
    /// Whether options are baked for it.
    pub configured: bool,
    /// What it imports and exports.
    pub component: Component,
    /// How many messages it can be given at once.
    pub pace: Pace,
}

/// How many calls of its messaging functions a part can be in at once, in one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// One: its functions are sync.
    #[default]
    Sync,
    /// One, and others wait for it: its functions were lifted to async.
    Lifted,
    /// Any number: it was built with async functions.
    Concurrent,
}

/// The composition: instances and who feeds whom.
#[derive(Debug)]
pub struct Plan<'a> {
    /// In an order in which they can be instantiated.
    pub instances: Vec<Instance<'a>>,
    /// What the composed component exports, and the instance that it comes from.
    pub exports: IndexMap<ExternName, usize>,
    /// What is left to the host, and why.
    pub open: Vec<Open>,
}

/// One instance.
#[derive(Debug, Clone)]
pub struct Instance<'a> {
    /// What it is an instance of.
    pub node: Node<'a>,
    /// Whether it stands between the guest and the host that calls it; else it is the guest, or under it.
    pub outside: bool,
    /// Each import, and where it comes from.
    pub arguments: IndexMap<ExternName, Source>,
}

/// Who brings a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Linking: the part stands between linked guests.
    Link,
    /// The adapter at this place in the stack, from 0.
    Adapter(usize),
}

/// What an instance is an instance of.
#[derive(Debug, Clone, Copy)]
pub enum Node<'a> {
    /// The guest.
    Guest(&'a Component),
    /// A part of an adapter, or one that stands between linked guests.
    Part {
        /// Whose part it is.
        owner: Owner,
        /// The part.
        part: &'a LayerPart,
    },
    /// The baked options of an adapter, or of what stands between linked guests.
    Config {
        /// Whose options they are.
        owner: Owner,
        /// The adapter's name.
        adapter: &'a str,
    },
    /// What stands between baked options and the parts that read them.
    ConfigLayer {
        /// The adapter's name.
        adapter: &'a str,
        /// The layer.
        component: &'a Component,
    },
}

/// Where an import comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The host: it stays an import.
    Host,
    /// Another instance of the plan, by its place.
    Instance {
        /// The instance.
        instance: usize,
        /// Its export; none where the instance itself is what is imported, as one of baked options is.
        export: Option<ExternName>,
    },
}

/// What adapters go around: one guest, or guests that are linked.
#[derive(Debug)]
pub struct Core<'a> {
    /// What is seen of it from outside. Its imports are those that nothing inside feeds; several may have one name.
    pub outside: Component,
    /// Its instances, in an order in which they can be instantiated. What nothing inside feeds comes from the host.
    pub instances: Vec<Instance<'a>>,
    /// The instance that each export comes from.
    pub exports: IndexMap<ExternName, usize>,
}

impl<'a> Core<'a> {
    /// One guest.
    #[must_use]
    pub fn alone(guest: &'a Component) -> Self {
        let arguments = guest.imports.iter().map(|import| (import.name.clone(), Source::Host)).collect();
        Self {
            outside: guest.clone(),
            instances: vec![Instance { node: Node::Guest(guest), outside: false, arguments }],
            exports: guest.exports.iter().map(|export| (export.name.clone(), 0)).collect(),
        }
    }
}

/// Plans a composition: `layers` around `core`.
pub fn plan<'a>(core: &'a Core<'a>, layers: &'a [Layer], arena: &Arena<'_>) -> Result<Plan<'a>, PlanError> {
    let mut stack = stack::Stack::new(core, arena);
    for layer in layers {
        stack.add(layer)?;
    }
    order::order(&stack)
}

impl<'a> Plan<'a> {
    /// The parts that were taken of the adapter at this place in the stack.
    pub fn parts(&self, of: usize) -> impl Iterator<Item = &'a LayerPart> {
        self.instances.iter().filter_map(move |instance| match instance.node {
            Node::Part { owner, part } if owner == Owner::Adapter(of) => Some(part),
            _ => None,
        })
    }

    /// The names of these parts.
    #[must_use]
    pub fn part_names(&self, of: usize) -> BTreeSet<&'a str> {
        self.parts(of).map(|part| part.name.as_str()).collect()
    }

    /// The imports that the host must serve, sorted, each once.
    #[must_use]
    pub fn host_imports(&self) -> BTreeSet<&ExternName> {
        let arguments = self.instances.iter().flat_map(|instance| &instance.arguments);
        arguments.filter(|(_, source)| **source == Source::Host).map(|(name, _)| name).collect()
    }
}

impl Instance<'_> {
    /// Whether the guest or something else stands on it.
    #[must_use]
    pub fn is_under_guest(&self) -> bool {
        !self.outside && !matches!(self.node, Node::Guest(_))
    }
}

impl Node<'_> {
    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Node::Guest(guest) => guest.name.clone(),
            Node::Part { part, .. } => part.component.name.clone(),
            Node::Config { adapter, .. } => format!("{adapter}/config"),
            Node::ConfigLayer { adapter, component } => format!("{adapter}/{}", component.name),
        }
    }
}

impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |instance: usize| self.instances[instance].node.name();
        for instance in &self.instances {
            writeln!(f, "{}", instance.node.name())?;
            for (import, source) in &instance.arguments {
                match source {
                    Source::Host => writeln!(f, "  {import} <- host")?,
                    Source::Instance { instance, .. } => writeln!(f, "  {import} <- {}", name(*instance))?,
                }
            }
        }
        writeln!(f, "host")?;
        self.exports.iter().try_for_each(|(export, instance)| writeln!(f, "  {export} <- {}", name(*instance)))
    }
}
