//! Draws a component that exists: one that msgcompose composed, one that another tool composed, or a plain one.

use super::{Block, BlockKind, Endpoint, Picture, Sketch, outline::Outline};
use crate::{
    adapters::{
        config::{self, CONFIG},
        part_name::PartName,
    },
    common::DynError,
    provenance::{AdapterRecord, Provenance},
    types::{
        component::ComponentError,
        interface::ExternName,
        read::{Read, ReadError, read},
    },
    wasm::spaces,
};
use std::collections::BTreeSet;

impl Picture {
    /// Draws a component, or a core module that carries its component type. `name` is its title, and names it in messages.
    pub fn of_component(name: &str, bytes: &[u8]) -> Result<Self, ReadError> {
        let Read { arena, component, .. } = read(name, bytes)?;
        let bytes = arena.bytes(&component);
        let invalid = |source: DynError| ComponentError::Invalid { name: name.to_owned(), source };
        let scopes = spaces::read(bytes).map_err(|error| invalid(error.into()))?;
        let outline = Outline::of(&scopes).map_err(|error| invalid(error.into()))?;
        let sketch = match Provenance::read(bytes) {
            _ if outline.has_code || outline.instances.is_empty() => plain(name, &outline),
            Some(by) => composed(&outline, &by.adapters),
            None => instances(&outline),
        };
        Ok(sketch.finish(name))
    }
}

/// Draws a component that runs code itself: one block, whatever is nested in it.
fn plain(name: &str, outline: &Outline<'_>) -> Sketch {
    let (host, guest) = (Endpoint::Host, Endpoint::Instance(0));
    let imports = outline.imports.iter().map(|import| (host, guest, (*import).to_owned()));
    let exports = outline.exports.iter().map(|(export, _)| (guest, host, (*export).to_owned()));
    let blocks = vec![Block { name: name.to_owned(), kind: BlockKind::Guest }];
    Sketch { blocks, edges: imports.chain(exports).collect() }
}

/// Draws a component that is composed of others: a block for each instance.
fn instances(outline: &Outline<'_>) -> Sketch {
    let mut sketch = Sketch::default();
    let imports: Vec<_> = outline.imports.iter().map(|import| ExternName::parse(import)).collect();
    for (to, instance) in outline.instances.iter().enumerate() {
        let name = instance.name.map_or_else(|| format!("component {}", to + 1), ToOwned::to_owned);
        sketch.blocks.push(Block { name, kind: BlockKind::Component });
        for (import, ends) in &instance.arguments {
            let name = |from: &Endpoint| match from {
                Endpoint::Host => ExternName::parse(import).among(&imports).to_string(),
                Endpoint::Instance(_) => (*import).to_owned(),
            };
            sketch.edges.extend(ends.iter().map(|from| (*from, Endpoint::Instance(to), name(from))));
        }
    }
    for (export, ends) in &outline.exports {
        sketch.edges.extend(ends.iter().map(|from| (*from, Endpoint::Host, (*export).to_owned())));
    }
    sketch
}

/// Draws a component that msgcompose composed. What an instance is for follows from its edges.
fn composed(outline: &Outline<'_>, adapters: &[AdapterRecord]) -> Sketch {
    let mut sketch = instances(outline);
    let names: Vec<_> = sketch.blocks.iter().map(|block| PartName::parse(&block.name)).collect();
    let takes = |sketch: &Sketch, instance: usize, interface: Option<&str>| {
        let mut edges = sketch.edges.iter().filter(|(_, to, _)| *to == Endpoint::Instance(instance));
        edges.any(|(_, _, name)| interface.is_none_or(|interface| name == interface))
    };
    let [baked, store] = [config::baked_interface(), config::interface()].map(ToString::to_string);
    let mut under = BTreeSet::new();
    for (instance, name) in names.iter().enumerate() {
        if adapters.iter().all(|adapter| adapter.name != name.adapter()) {
            sketch.blocks[instance].kind = BlockKind::Guest;
            serving(&sketch, instance, &mut under);
        }
    }
    for (instance, name) in names.iter().enumerate() {
        if sketch.blocks[instance].kind == BlockKind::Guest {
            continue;
        }
        let is_config = name.part() == Some(CONFIG)
            && !takes(&sketch, instance, None)
            && gives_only(&sketch, instance, &[&baked, &store]);
        sketch.blocks[instance].kind = if is_config || takes(&sketch, instance, Some(&baked)) {
            BlockKind::Config
        } else if under.contains(&instance) {
            BlockKind::Provider
        } else {
            BlockKind::Interceptor
        };
    }
    sketch
}

/// Returns whether an instance serves these interfaces, and no others.
fn gives_only(sketch: &Sketch, instance: usize, interfaces: &[&String]) -> bool {
    let mut edges = sketch.edges.iter().filter(|(from, ..)| *from == Endpoint::Instance(instance));
    edges.all(|(_, _, name)| interfaces.contains(&name))
}

/// Finds all instances that serve an instance, also by way of others.
fn serving(sketch: &Sketch, instance: usize, found: &mut BTreeSet<usize>) {
    for (from, to, _) in &sketch.edges {
        if let (Endpoint::Instance(from), true) = (*from, *to == Endpoint::Instance(instance))
            && found.insert(from)
        {
            serving(sketch, from, found);
        }
    }
}
