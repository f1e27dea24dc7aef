//! Encodes the plan: makes each instance with its arguments, around skeletons of the components.

use super::join::{self, Joint};
use crate::{
    common::{DynError, ErrorKind, panic_message, remedy::Remedied},
    plan::{Node, Owner, Pieces, Plan, Source},
    types::{
        component::{Arena, ComponentError, Packages},
        interface::ExternName,
    },
    wasm::binary::Binary,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
};
use wac_graph::{CompositionGraph, EncodeError, EncodeOptions, NodeId, PackageId, Processor};

/// The error of encoding a plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Two components leave the same import open, with types that no host can serve at once.
    #[error("`{first}` and `{second}` both import `{import}`, with types that no host can serve at once")]
    ImportConflict {
        /// The import.
        import: String,
        /// One component.
        first: String,
        /// The other.
        second: String,
        /// Where the types differ.
        #[source]
        source: DynError,
    },
    /// The config component cannot be read.
    #[error(transparent)]
    Config(#[from] ComponentError),
    /// The graph library refuses the plan: a bug of msgcompose.
    #[error("the plan cannot be wired: {0}")]
    Refused(#[source] DynError),
    /// A dependency panicked: a bug of msgcompose.
    #[error("wiring failed inside msgcompose: {0}")]
    Panicked(String),
}

impl Remedied for GraphError {
    fn kind(&self) -> ErrorKind {
        match self {
            GraphError::ImportConflict { .. } => ErrorKind::Refused,
            GraphError::Config(_) | GraphError::Refused(_) | GraphError::Panicked(_) => ErrorKind::Internal,
        }
    }
}

/// The components that will replace the skeletons of a composition.
#[derive(Debug)]
pub struct Wholes<'a> {
    /// The components, by the [mark](crate::wasm::skeleton::mark) of their skeletons.
    pub components: BTreeMap<usize, Cow<'a, [u8]>>,
    /// Which of them are guests.
    pub guests: BTreeSet<usize>,
}

/// Encodes the composition that `plan` describes, around skeletons. `configs` holds the baked options by their owner.
pub fn build<'a>(
    plan: &Plan<'_>,
    mut arena: Arena<'a>,
    configs: BTreeMap<Owner, Vec<u8>>,
) -> Result<(Vec<u8>, Wholes<'a>), GraphError> {
    let mut baked = BTreeMap::new();
    for (owner, bytes) in configs {
        baked.insert(owner, arena.add(&format!("config of {owner:?}"), Binary::own(bytes))?);
    }
    let components = plan.instances.iter().map(|instance| match instance.node {
        Node::Config { owner, .. } => &baked[&owner],
        _ => instance.component().expect("every other node has a component"),
    });
    let places: BTreeSet<_> = components.clone().map(|component| component.place).collect();
    let guests = plan.instances.iter().filter_map(|instance| match instance.node {
        Node::Guest(component) => Some(component.place),
        _ => None,
    });
    let Packages { graph, ids, bytes } = arena.into_graph(components)?;
    let build = || {
        let shapes = shapes(&graph, plan, &ids)?;
        let encoded = Encoding { graph, plan, packages: ids, nodes: Vec::new() }.build()?;
        join(encoded, plan, shapes)
    };
    let encoded = catch_unwind(AssertUnwindSafe(build));
    let encoded = encoded.unwrap_or_else(|panic| Err(GraphError::Panicked(panic_message(&*panic))))?;
    let components = bytes.into_iter().enumerate().filter(|(place, _)| places.contains(place)).collect();
    Ok((encoded, Wholes { components, guests: guests.collect() }))
}

/// Returns the type of each interface that is exported in pieces, as a component that imports an instance of it.
fn shapes(graph: &CompositionGraph, plan: &Plan<'_>, packages: &[PackageId]) -> Result<Vec<Vec<u8>>, GraphError> {
    let shape = |pieces: &Pieces| -> Result<Vec<u8>, DynError> {
        let whole = pieces.pieces.last().ok_or("no pieces")?;
        let world = &graph.types()[graph[packages[whole.instance]].ty()];
        let kind = *world.exports.get(&whole.export.to_string()).ok_or("no such export")?;
        let mut alone = graph.clone();
        alone.import("shape", kind)?;
        Ok(alone.encode(EncodeOptions { validate: false, ..EncodeOptions::default() })?)
    };
    plan.pieces.values().map(|pieces| shape(pieces).map_err(GraphError::Refused)).collect()
}

/// Puts together the interfaces that the encoded composition exports in pieces.
fn join(encoded: Vec<u8>, plan: &Plan<'_>, shapes: Vec<Vec<u8>>) -> Result<Vec<u8>, GraphError> {
    if shapes.is_empty() {
        return Ok(encoded);
    }
    let joint = |((export, pieces), shape)| Joint { export, pieces, shape };
    let joints: Vec<_> = plan.pieces.iter().zip(shapes).map(joint).collect();
    join::join(&encoded, &joints).map_err(|error| GraphError::Refused(error.into()))
}

struct Encoding<'a, 'b> {
    graph: CompositionGraph,
    plan: &'a Plan<'b>,
    /// By instance.
    packages: Vec<PackageId>,
    /// By instance.
    nodes: Vec<NodeId>,
}

impl Encoding<'_, '_> {
    fn build(mut self) -> Result<Vec<u8>, GraphError> {
        self.wire().map_err(GraphError::Refused)?;
        let options = EncodeOptions {
            // The next stage validates.
            validate: false,
            processor: Some(Processor { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }),
            ..EncodeOptions::default()
        };
        self.graph.encode(options).map_err(|error| match error {
            EncodeError::ImportTypeMergeConflict { import, first, second, source } => GraphError::ImportConflict {
                import,
                first: self.name_of(first),
                second: self.name_of(second),
                source: source.into(),
            },
            other => GraphError::Refused(other.into()),
        })
    }

    fn wire(&mut self) -> Result<(), DynError> {
        let plan = self.plan;
        for (instance, package) in plan.instances.iter().zip(std::mem::take(&mut self.packages)) {
            let node = self.graph.instantiate(package);
            self.graph.set_node_name(node, instance.node.name());
            self.nodes.push(node);
            for (import, source) in &instance.arguments {
                // An import that the host serves stays open: the encoder imports it once for all instances.
                if let Source::Instance { instance, export } = source {
                    let argument = match export {
                        Some(export) => self.graph.alias_instance_export(self.nodes[*instance], &export.to_string())?,
                        None => self.nodes[*instance],
                    };
                    self.graph.set_instantiation_argument(node, &import.to_string(), argument)?;
                }
            }
        }
        for (export, instance) in &plan.exports {
            self.export(*instance, export, &export.to_string())?;
        }
        // The graph knows no instance that is put together. So it exports the pieces, for `join` to put together.
        for (export, pieces) in &plan.pieces {
            for (place, piece) in pieces.pieces.iter().enumerate().skip(1) {
                self.export(piece.instance, &piece.export, &join::name_of_piece(export, place))?;
            }
        }
        Ok(())
    }

    fn export(&mut self, instance: usize, export: &ExternName, name: &str) -> Result<(), DynError> {
        let alias = self.graph.alias_instance_export(self.nodes[instance], &export.to_string())?;
        self.graph.export(alias, name)?;
        Ok(())
    }

    fn name_of(&self, node: NodeId) -> String {
        let instance = self.nodes.iter().position(|other| *other == node);
        instance.map_or_else(String::new, |instance| self.plan.instances[instance].node.name())
    }
}
