//! Components as planning sees them: by their imports and exports. All components of one composition live in one
//! [`Arena`], so that their types can be compared.

mod error;
mod items;

pub use error::ComponentError;

use crate::{
    common::{DynError, panic_message},
    types::{
        comparison::Comparison,
        difference::{Difference, Found},
        interface::ExternName,
        wit_text::WitText,
    },
    wasm::{
        binary::Binary,
        outside::{Outside, outside},
        skeleton::marked,
    },
};
use std::{
    borrow::Cow,
    cell::{OnceCell, RefCell},
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};
use wac_graph::{
    CompositionGraph, PackageId,
    types::{ItemKind, Package, SubtypeChecker},
};
use wasmparser::BinaryReaderError;

/// An import or export of a component.
#[derive(Debug, Clone)]
pub struct Extern {
    /// The name of the import or export.
    pub name: ExternName,
    /// The component's index in its arena.
    component: usize,
    is_import: bool,
}

/// A component's imports and exports.
#[derive(Debug, Clone)]
pub struct Component {
    /// The component's name in messages: the guest's file, or `adapter/part`.
    pub name: String,
    /// The imports, in the order of the binary.
    pub imports: Vec<Extern>,
    /// The exports, in the order of the binary.
    pub exports: Vec<Extern>,
    /// The component's index in its arena.
    pub(crate) place: usize,
}

impl Component {
    /// Describes several wired components as one, by the imports and exports that they have together. It has no index
    /// in the arena that holds them.
    #[must_use]
    pub fn seen(name: &str, imports: Vec<Extern>, exports: Vec<Extern>) -> Self {
        Self { name: name.to_owned(), imports, exports, place: usize::MAX }
    }

    /// Returns the import with exactly this name.
    #[must_use]
    pub fn import(&self, name: &ExternName) -> Option<&Extern> {
        self.imports.iter().find(|import| import.name == *name)
    }

    /// Returns the export that serves an import named `import`. An export with the same name comes first, then one on
    /// the same semver track.
    #[must_use]
    pub fn export_for(&self, import: &ExternName) -> Option<&Extern> {
        let exact = self.exports.iter().find(|export| export.name == *import);
        exact.or_else(|| self.exports.iter().find(|export| export.name.serves(import)))
    }
}

/// All components of one composition, with their types.
///
/// Adding a component reads its names only. Types are read, and the component is validated, on first use. Names alone
/// rule out most parts of an adapter, so those parts are never read in full.
#[derive(Default)]
pub struct Arena<'a> {
    graph: RefCell<CompositionGraph>,
    sources: Vec<Source<'a>>,
}

/// A component in an arena.
struct Source<'a> {
    name: String,
    binary: Binary<'a>,
    package: OnceCell<PackageId>,
}

/// What remains of an arena once planning is done.
pub(crate) struct Packages<'a> {
    /// The graph, which knows the skeletons of the components. Each skeleton is [marked](marked) with the component's
    /// index.
    pub graph: CompositionGraph,
    /// The package of each component in the graph.
    pub ids: Vec<PackageId>,
    /// The bytes of each component, by index.
    pub bytes: Vec<Cow<'a, [u8]>>,
}

impl<'a> Arena<'a> {
    /// Returns an arena without components.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns an arena with one component, whose types are already read.
    pub fn of(name: &str, binary: Binary<'a>) -> Result<(Self, Component), ComponentError> {
        let mut arena = Self::new();
        let component = arena.add(name, binary)?;
        arena.read(&component)?;
        Ok((arena, component))
    }

    /// Adds a component, and reads the names of its imports and exports. Two components may have the same `name`.
    pub fn add(&mut self, name: &str, binary: Binary<'a>) -> Result<Component, ComponentError> {
        let invalid =
            |source: BinaryReaderError| ComponentError::Invalid { name: name.to_owned(), source: source.into() };
        let Outside { imports, exports } = outside(&binary.skeleton).map_err(invalid)?;
        let place = self.sources.len();
        let list = |names: Vec<String>, is_import| {
            let named = names.iter().map(|name| Extern { name: ExternName::parse(name), component: place, is_import });
            named.collect()
        };
        let name = name.to_owned();
        self.sources.push(Source { name: name.clone(), binary, package: OnceCell::new() });
        Ok(Component { name, imports: list(imports, true), exports: list(exports, false), place })
    }

    /// Reads the types of a component and validates it. Every method that needs types does so by itself.
    pub fn read(&self, component: &Component) -> Result<(), ComponentError> {
        self.package(component.place).map(drop)
    }

    /// Returns the graph with these components in it, and the package of each.
    pub(crate) fn into_graph<'c>(
        self,
        components: impl IntoIterator<Item = &'c Component>,
    ) -> Result<Packages<'a>, ComponentError> {
        let ids = components.into_iter().map(|component| self.package(component.place));
        let ids = ids.collect::<Result<_, _>>()?;
        let bytes = self.sources.into_iter().map(|source| source.binary.bytes).collect();
        Ok(Packages { graph: self.graph.into_inner(), ids, bytes })
    }

    /// Takes the binaries out of the arena, each with the index of its component.
    pub(crate) fn into_binaries(self) -> impl Iterator<Item = (usize, Binary<'a>)> {
        self.sources.into_iter().map(|source| source.binary).enumerate()
    }

    /// Returns the bytes of a component.
    pub(crate) fn bytes(&self, component: &Component) -> &[u8] {
        &self.sources[component.place].binary.bytes
    }

    /// Returns a component's skeleton.
    pub(crate) fn skeleton(&self, component: &Component) -> Binary<'static> {
        self.sources[component.place].binary.to_skeleton()
    }

    fn package(&self, place: usize) -> Result<PackageId, ComponentError> {
        let Source { name, binary, package } = &self.sources[place];
        if let Some(package) = package.get() {
            return Ok(*package);
        }
        let unique = format!("{name} #{place}");
        let read = catch_unwind(AssertUnwindSafe(|| -> Result<PackageId, DynError> {
            let mut graph = self.graph.borrow_mut();
            let read = Package::from_bytes(&unique, None, marked(&binary.skeleton, place), graph.types_mut())?;
            Ok(graph.register_package(read)?)
        }));
        match read {
            Ok(Ok(read)) => Ok(*package.get_or_init(|| read)),
            Ok(Err(source)) => Err(ComponentError::Invalid { name: name.clone(), source }),
            Err(panic) => Err(ComponentError::Panicked { name: name.clone(), message: panic_message(&*panic) }),
        }
    }

    /// Returns the name of the component that has this import or export.
    pub(crate) fn name(&self, item: &Extern) -> &str {
        &self.sources[item.component].name
    }

    /// Returns the type of an import or export.
    fn kind(&self, item: &Extern) -> Result<ItemKind, ComponentError> {
        let package = self.package(item.component)?;
        let graph = self.graph.borrow();
        let world = &graph.types()[graph[package].ty()];
        let items = if item.is_import { &world.imports } else { &world.exports };
        let kind = items.get(&item.name.to_string()).copied();
        kind.ok_or_else(|| {
            let source = format!("`{}` is neither imported nor exported by its type", item.name).into();
            ComponentError::Invalid { name: self.sources[item.component].name.clone(), source }
        })
    }

    /// Checks whether the type of `export` fits `import`. If not, returns where the two first differ.
    pub fn fits(&self, export: &Extern, import: &Extern) -> Result<Result<(), Box<Difference>>, ComponentError> {
        let (own, wanted) = (self.kind(export)?, self.kind(import)?);
        let worlds = [self.package(export.component)?, self.package(import.component)?];
        let graph = self.graph.borrow();
        let types = graph.types();
        let fits = SubtypeChecker::new(&mut HashSet::new()).is_subtype(own, types, wanted, types);
        Ok(fits.map_err(|in_words| {
            let [exporter, importer] = worlds.map(|package| &types[graph[package].ty()]);
            let (export_text, import_text) =
                (WitText::new(types, exporter, own), WitText::new(types, importer, wanted));
            let comparison = Comparison { types, export: export_text, import: import_text };
            let name = import.name.to_string();
            let found = comparison.first(&name, own, wanted).unwrap_or_else(|| {
                let chain: Vec<_> = in_words.chain().map(ToString::to_string).collect();
                Found::in_words(name, chain.join(": "))
            });
            let name = |of: &Extern| &*self.sources[of.component].name;
            Box::new(found.between(name(import), name(export)))
        }))
    }
}
