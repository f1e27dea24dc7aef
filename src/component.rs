//! A component as its imports and exports: what planning works with. All components of one composition live in one
//! [`Arena`], whose types can be compared.

use crate::{error::DynError, interface::ExternName};
use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};
use wac_graph::{
    CompositionGraph, PackageId,
    types::{ItemKind, Package, SubtypeChecker},
};

/// Why a binary cannot be taken as a component.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// It is malformed, or breaks a rule of the component model.
    #[error("`{name}` is not a valid component")]
    Invalid {
        /// What the component is called in messages.
        name: String,
        /// The validator's word.
        #[source]
        source: DynError,
    },
    /// A dependency panicked on it.
    #[error("reading `{name}` failed inside msgcompose: {message}")]
    Panicked {
        /// What the component is called in messages.
        name: String,
        /// The panic's message.
        message: String,
    },
}

impl ComponentError {
    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            ComponentError::Invalid { name, .. } => {
                Some(format!("build it again; `wasm-tools validate --features all {name}` gives a second opinion"))
            }
            ComponentError::Panicked { .. } => None,
        }
    }
}

/// Something that a component imports or exports.
#[derive(Debug, Clone)]
pub struct Extern {
    /// Its name.
    pub name: ExternName,
    /// Its type, in the arena.
    pub(crate) kind: ItemKind,
}

/// A component, by what it imports and exports.
#[derive(Debug, Clone)]
pub struct Component {
    /// What it is called in messages: the guest's file, or `adapter/part`.
    pub name: String,
    /// In the order of the binary.
    pub imports: Vec<Extern>,
    /// In the order of the binary.
    pub exports: Vec<Extern>,
    pub(crate) package: PackageId,
}

impl Component {
    /// The import of exactly this name.
    #[must_use]
    pub fn import(&self, name: &ExternName) -> Option<&Extern> {
        self.imports.iter().find(|import| import.name == *name)
    }

    /// The export that serves an import named `import`: one of the same name before one on the same semver track.
    #[must_use]
    pub fn export_for(&self, import: &ExternName) -> Option<&Extern> {
        let exact = self.exports.iter().find(|export| export.name == *import);
        exact.or_else(|| self.exports.iter().find(|export| export.name.serves(import)))
    }
}

/// The components of one composition, with all their types.
#[derive(Default)]
pub struct Arena {
    pub(crate) graph: CompositionGraph,
}

impl Arena {
    /// An arena without components.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a component. Two may have the same `name`.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<Component, ComponentError> {
        let graph = &mut self.graph;
        let unique = format!("{name} #{}", graph.packages().count());
        let read = catch_unwind(AssertUnwindSafe(|| -> Result<PackageId, DynError> {
            let package = Package::from_bytes(&unique, None, bytes, graph.types_mut())?;
            Ok(graph.register_package(package)?)
        }));
        match read {
            Ok(Ok(package)) => Ok(self.describe(name, package)),
            Ok(Err(source)) => Err(ComponentError::Invalid { name: name.to_owned(), source }),
            Err(panic) => Err(ComponentError::Panicked { name: name.to_owned(), message: panic_message(&*panic) }),
        }
    }

    fn describe(&self, name: &str, package: PackageId) -> Component {
        let types = self.graph.types();
        let world = &types[self.graph[package].ty()];
        let list = |externs: &indexmap::IndexMap<String, ItemKind>| {
            let named = externs.iter().map(|(name, kind)| Extern { name: ExternName::parse(name), kind: *kind });
            named.collect()
        };
        Component { name: name.to_owned(), imports: list(&world.imports), exports: list(&world.exports), package }
    }

    /// Whether `export` can be given to `import`; if not, where they first differ, outermost first.
    pub fn fits(&self, export: &Extern, import: &Extern) -> Result<(), Vec<String>> {
        let types = self.graph.types();
        SubtypeChecker::new(&mut HashSet::new())
            .is_subtype(export.kind, types, import.kind, types)
            .map_err(|difference| difference.chain().map(ToString::to_string).collect())
    }

    /// The functions of an interface, by name, and whether each is async.
    pub(crate) fn functions(&self, of: &Extern) -> impl Iterator<Item = (&str, bool)> {
        let types = self.graph.types();
        let items = match of.kind {
            ItemKind::Instance(id) => Some(&types[id].exports),
            _ => None,
        };
        items.into_iter().flatten().filter_map(|(name, kind)| match kind {
            ItemKind::Func(id) => Some((name.as_str(), types[*id].is_async)),
            _ => None,
        })
    }
}

/// What a caught panic said.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panicked".to_owned())
}
