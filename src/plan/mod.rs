//! Plans a composition: which parts are used, and which instance serves each import. A plan is pure data, decided
//! before anything is built.
//!
//! Adapters are added in order, each around the result so far. Providers nest inward and interceptors outward:
//!
//! ```text
//! host → provider of 2 → provider of 1 → guest → interceptor of 1 → interceptor of 2 → host
//! ```

use crate::{
    adapters::{config::CONFIG, part::Part, part_name::PartName},
    types::{
        component::{Arena, Component},
        dialect::{Messaging, refuse_labelled},
        interface::{ExternName, InterfaceId},
    },
};
use indexmap::IndexMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

mod error;
mod explain;
mod open;
mod order;
mod passed;
mod stack;

pub use error::PlanError;
pub use open::{Candidate, Open, Reason};
pub(crate) use passed::Pieces;

/// An adapter of the stack, with the builds of its parts that the options choose.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The adapter's name.
    pub adapter: String,
    /// The parts, in the order of the manifest.
    pub parts: Vec<LayerPart>,
    /// The config layer, which lets values set at run time override baked options. None if all options are baked.
    pub run_time_config: Option<Component>,
}

/// A part that the plan may use.
#[derive(Debug, Clone)]
pub(crate) struct LayerPart {
    /// What its manifest says of it.
    pub spec: Part,
    /// The interfaces that the component inside must export, in this build.
    pub wraps: Vec<InterfaceId>,
    /// The interfaces that it must not export, in this build.
    pub clashes: Vec<InterfaceId>,
    /// The part's name with that of its adapter.
    pub name: PartName,
    /// Whether the part reads options.
    pub configured: bool,
    /// Whether the part has an option slot: it reads options from its own data.
    pub has_slot: bool,
    /// The part's imports and exports.
    pub component: Component,
    /// How many calls the part accepts at once.
    pub pace: Pace,
}

/// How many calls of its messaging functions one instance of a part can work on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pace {
    /// One call. The functions are sync.
    #[default]
    Sync,
    /// One call, and further calls wait. The functions were lifted to async.
    Lifted,
    /// Any number of calls. The part was built with async functions.
    Concurrent,
}

/// The instances of a composed component, and the wires between them.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The instances. Each comes after those that serve it.
    pub instances: Vec<Instance<'a>>,
    /// The exports of the composed component, each with the index of the instance that has it.
    pub exports: IndexMap<ExternName, usize>,
    /// The exported interfaces that several instances have in pieces. The first piece is that of the instance in
    /// `exports`.
    pub pieces: BTreeMap<ExternName, Pieces>,
    /// The open imports, which the host must serve, and why they are open.
    pub open: Vec<Open>,
    /// The imports that the host sees under another name, and that: [`Self::name_imports`].
    pub merged: BTreeMap<ExternName, ExternName>,
}

/// An instance of the plan.
#[derive(Debug, Clone)]
pub(crate) struct Instance<'a> {
    /// The component or config that is instantiated.
    pub node: Node<'a>,
    /// Whether the instance is between the guest and the host that calls it. If not, it is the guest or below the
    /// guest.
    pub outside: bool,
    /// Each import, and where it comes from.
    pub arguments: IndexMap<ExternName, Source>,
}

/// Who brings a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// The part belongs to linking, and is between the linked guests.
    Link,
    /// The part belongs to the adapter at this index of the stack, from 0.
    Adapter(usize),
}

/// The component or config that an instance is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node<'a> {
    /// The guest.
    Guest(&'a Component),
    /// A part of an adapter, or of linking.
    Part {
        /// Who brings the part.
        owner: Owner,
        /// The part.
        part: &'a LayerPart,
    },
    /// The config component: baked options of an adapter or of linking.
    Config {
        /// Whose options they are.
        owner: Owner,
        /// The adapter's name.
        adapter: &'a str,
    },
    /// The config layer, between a config component and the parts that read options.
    ConfigLayer {
        /// The adapter's name.
        adapter: &'a str,
        /// The config layer.
        component: &'a Component,
    },
}

/// Where an import comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The host: the import is open.
    Host,
    /// Another instance of the plan.
    Instance {
        /// The instance's index.
        instance: usize,
        /// The instance's export. None if the import is the instance itself, as for a config component.
        export: Option<ExternName>,
    },
}

/// The inside of the first adapter: one guest, or linked guests.
#[derive(Debug)]
pub(crate) struct Core<'a> {
    /// The imports and exports of the core as a whole. The imports are those that nothing in the core serves, and
    /// several may have the same name.
    pub outside: Component,
    /// The instances, each after those that serve it. An import with the source `Host` is one that nothing in the core
    /// serves.
    pub instances: Vec<Instance<'a>>,
    /// Each export, with the index of the instance that has it.
    pub exports: IndexMap<ExternName, usize>,
}

impl<'a> Core<'a> {
    /// Returns a core of one guest.
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

/// Plans a composition: puts `layers` around `core`, the innermost first.
pub(crate) fn plan<'a>(core: &'a Core<'a>, layers: &'a [Layer], arena: &Arena<'_>) -> Result<Plan<'a>, PlanError> {
    if !layers.is_empty() {
        refuse_labelled(&core.outside, arena)?;
    }
    let mut stack = stack::Stack::new(core, arena);
    for layer in layers {
        stack.add(layer)?;
    }
    let mut plan = order::order(&stack)?;
    plan.find_pieces(arena)?;
    if !layers.is_empty() {
        plan.refuse_drafts(arena)?;
    }
    Ok(plan)
}

impl<'a> Plan<'a> {
    /// Fails if a guest speaks an older draft of messaging with the host, because no host has that.
    fn refuse_drafts(&self, arena: &Arena<'_>) -> Result<(), PlanError> {
        for (place, instance) in self.instances.iter().enumerate() {
            let Node::Guest(guest) = instance.node else { continue };
            let open = instance.arguments.iter().filter(|(_, source)| **source == Source::Host).map(|(name, _)| name);
            let called = self.exports.iter().filter(|(_, exporter)| **exporter == place).map(|(name, _)| name);
            let outside: Vec<_> = open.chain(called).filter_map(ExternName::interface).collect();
            let is_outside = |spoken: &Messaging| outside.iter().any(|id| id.is_beside(&spoken.interface));
            let mut drafts = Messaging::of(guest, arena)?.into_iter().filter(|spoken| spoken.shape.differs.is_some());
            if let Some(draft) = drafts.find(is_outside) {
                return Err(PlanError::Draft { guest: guest.name.clone(), messaging: draft.into() });
            }
        }
        Ok(())
    }

    /// Describes the composition by its imports and exports. Several imports may have the same name.
    #[must_use]
    pub fn outside(&self, name: &str) -> Component {
        let imports = self.instances.iter().flat_map(|instance| {
            let open = instance.arguments.iter().filter(|(_, source)| **source == Source::Host);
            open.filter_map(|(name, _)| instance.component()?.import(name).cloned())
        });
        let exports = self.exports.iter().filter_map(|(name, instance)| self.instances[*instance].exported(name));
        Component::seen(name, imports.collect(), exports.cloned().collect())
    }

    /// Returns the parts that are used of the adapter at index `of` in the stack.
    pub fn parts(&self, of: usize) -> impl Iterator<Item = &'a LayerPart> {
        self.instances.iter().filter_map(move |instance| match instance.node {
            Node::Part { owner, part } if owner == Owner::Adapter(of) => Some(part),
            _ => None,
        })
    }

    /// Returns the names of these parts.
    #[must_use]
    pub fn part_names(&self, of: usize) -> BTreeSet<&'a str> {
        self.parts(of).map(|part| part.spec.name.as_str()).collect()
    }

    /// Returns the name that the host sees of an import.
    #[must_use]
    pub fn host_name<'n>(&'n self, import: &'n ExternName) -> &'n ExternName {
        self.merged.get(import).unwrap_or(import)
    }
}

impl<'a> Instance<'a> {
    /// Returns the component of which this is an instance. None for a config component.
    #[must_use]
    pub fn component(&self) -> Option<&'a Component> {
        match self.node {
            Node::Guest(component) | Node::ConfigLayer { component, .. } => Some(component),
            Node::Part { part, .. } => Some(&part.component),
            Node::Config { .. } => None,
        }
    }

    /// Returns whether the instance is a part or config below the guest.
    #[must_use]
    pub fn is_under_guest(&self) -> bool {
        !self.outside && !matches!(self.node, Node::Guest(_))
    }
}

impl Node<'_> {
    /// Returns the name of the instance in messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Node::Guest(guest) => guest.name.clone(),
            Node::Part { part, .. } => part.component.name.clone(),
            Node::Config { adapter, .. } => PartName::new(adapter, CONFIG).to_string(),
            Node::ConfigLayer { adapter, component } => PartName::new(adapter, &component.name).to_string(),
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
                    Source::Host => writeln!(f, "  {} <- host", self.host_name(import))?,
                    Source::Instance { instance, .. } => writeln!(f, "  {import} <- {}", name(*instance))?,
                }
            }
        }
        writeln!(f, "host")?;
        for (export, instance) in &self.exports {
            writeln!(f, "  {export} <- {}", name(*instance))?;
            for piece in self.pieces_behind(export) {
                let functions: Vec<_> = piece.functions.iter().map(String::as_str).collect();
                writeln!(f, "    {} <- {}", functions.join(", "), name(piece.instance))?;
            }
        }
        Ok(())
    }
}
