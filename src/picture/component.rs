//! The picture of a component that exists: one composed by this tool, by another, or a plain one.

use super::{Instance, Picture, Role, Sketch, space::Space};
use crate::{
    adapters::config,
    provenance::{AdapterRecord, Provenance},
    types::{
        component::ComponentError,
        read::{ReadError, read},
    },
};
use std::collections::BTreeSet;

impl Picture {
    /// Draws a component, or a core module that carries its component type. `name` is for messages, and its title.
    pub fn of_component(name: &str, bytes: &[u8]) -> Result<Self, ReadError> {
        let (arena, component) = read(name, bytes)?;
        let bytes = arena.bytes(&component);
        let space = Space::read(bytes)
            .map_err(|source| ComponentError::Invalid { name: name.to_owned(), source: source.into() })?;
        let sketch = match Provenance::read(bytes) {
            _ if space.has_code || space.instances.is_empty() => plain(name, &space),
            Some(by) => composed(&space, |name| belongs(name, &by.adapters)),
            None => wired(&space),
        };
        Ok(sketch.finish(name))
    }
}

/// A component that runs code itself is one instance, whatever it has inside.
fn plain(name: &str, space: &Space<'_>) -> Sketch {
    let wire = |from, to, name: &&str| (from, to, (*name).to_owned());
    let imports = space.imports.iter().map(|import| wire(None, Some(0), import));
    let exports = space.exports.iter().map(|(export, _)| wire(Some(0), None, export));
    let instances = vec![Instance { name: name.to_owned(), role: Role::Guest }];
    Sketch { instances, wires: imports.chain(exports).collect() }
}

/// Any component that is put together of others.
fn wired(space: &Space<'_>) -> Sketch {
    let mut sketch = Sketch::default();
    for (to, instance) in space.instances.iter().enumerate() {
        let name = instance.name.clone().unwrap_or_else(|| format!("component {}", to + 1));
        sketch.instances.push(Instance { name, role: Role::Component });
        for (import, sources) in &instance.arguments {
            sketch.wires.extend(sources.iter().map(|from| (*from, Some(to), (*import).to_owned())));
        }
    }
    for (export, sources) in &space.exports {
        sketch.wires.extend(sources.iter().map(|from| (*from, None, (*export).to_owned())));
    }
    sketch
}

/// Whether a name is that of an adapter, or of something of one.
fn belongs(name: &str, adapters: &[AdapterRecord]) -> bool {
    let is_of = |adapter: &str| name == adapter || name.strip_prefix(adapter).is_some_and(|of| of.starts_with('/'));
    adapters.iter().any(|adapter| is_of(&adapter.name))
}

/// One that this tool made. What each instance is there for follows from its wires.
fn composed(space: &Space<'_>, is_adapters: impl Fn(&str) -> bool) -> Sketch {
    let mut sketch = wired(space);
    let takes = |sketch: &Sketch, instance: usize, interface: Option<&str>| {
        let mut wires = sketch.wires.iter().filter(|(_, to, _)| *to == Some(instance));
        wires.any(|(_, _, name)| interface.is_none_or(|interface| name == interface))
    };
    let baked = config::baked_interface().to_string();
    let mut under = BTreeSet::new();
    for instance in 0..sketch.instances.len() {
        if !is_adapters(&sketch.instances[instance].name) {
            sketch.instances[instance].role = Role::Guest;
            serving(&sketch, instance, &mut under);
        }
    }
    for instance in 0..sketch.instances.len() {
        if sketch.instances[instance].role == Role::Guest {
            continue;
        }
        let is_config = sketch.instances[instance].name.ends_with("/config") && !takes(&sketch, instance, None);
        sketch.instances[instance].role = if is_config || takes(&sketch, instance, Some(&baked)) {
            Role::Config
        } else if under.contains(&instance) {
            Role::Provider
        } else {
            Role::Interceptor
        };
    }
    sketch
}

/// All that serve an instance, also by way of others.
fn serving(sketch: &Sketch, instance: usize, found: &mut BTreeSet<usize>) {
    for (from, to, _) in &sketch.wires {
        if let (Some(from), true) = (*from, *to == Some(instance))
            && found.insert(from)
        {
            serving(sketch, from, found);
        }
    }
}
