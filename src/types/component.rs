//! A component as its imports and exports: what planning works with. All components of one composition live in one
//! [`Arena`], whose types can be compared.

use crate::{
    common::{DynError, panic_message},
    types::{
        difference::{Comparison, Difference, Found},
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

/// Why a binary cannot be taken as a component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
    /// The component's place in its arena.
    component: usize,
    is_import: bool,
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
    /// Its place in its arena.
    pub(crate) place: usize,
}

impl Component {
    /// What is seen from outside of several components that are wired: some of their imports and exports. It has no place
    /// of its own in the arena that theirs are in.
    #[must_use]
    pub fn seen(name: &str, imports: Vec<Extern>, exports: Vec<Extern>) -> Self {
        Self { name: name.to_owned(), imports, exports, place: usize::MAX }
    }

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

/// The components of one composition, with all their types. Names are known at once; types are read, and the component
/// validated, when they are first asked for, because most parts of an adapter are ruled out by their names.
#[derive(Default)]
pub struct Arena<'a> {
    graph: RefCell<CompositionGraph>,
    sources: Vec<Source<'a>>,
}

/// A component of an arena.
struct Source<'a> {
    name: String,
    binary: Binary<'a>,
    package: OnceCell<PackageId>,
}

/// What an arena becomes.
pub(crate) struct Packages<'a> {
    /// With the skeletons of the components, each [marked](marked) with its place.
    pub graph: CompositionGraph,
    /// What each component is in it.
    pub ids: Vec<PackageId>,
    /// The components themselves, by their places.
    pub bytes: Vec<Cow<'a, [u8]>>,
}

impl<'a> Arena<'a> {
    /// An arena without components.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An arena with one component, the types of which are read.
    pub fn of(name: &str, binary: Binary<'a>) -> Result<(Self, Component), ComponentError> {
        let mut arena = Self::new();
        let component = arena.add(name, binary)?;
        arena.read(&component)?;
        Ok((arena, component))
    }

    /// Takes a component by the names of its imports and exports. Two may have the same `name`.
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

    /// Reads the types of a component, and validates it. All that asks for them does so.
    pub fn read(&self, component: &Component) -> Result<(), ComponentError> {
        self.package(component.place).map(drop)
    }

    /// The graph, with these components in it, and what each is in there.
    pub(crate) fn into_graph<'c>(
        self,
        components: impl IntoIterator<Item = &'c Component>,
    ) -> Result<Packages<'a>, ComponentError> {
        let ids = components.into_iter().map(|component| self.package(component.place));
        let ids = ids.collect::<Result<_, _>>()?;
        let bytes = self.sources.into_iter().map(|source| source.binary.bytes).collect();
        Ok(Packages { graph: self.graph.into_inner(), ids, bytes })
    }

    /// A component, out of the arena.
    pub(crate) fn into_binary(mut self, component: &Component) -> Binary<'a> {
        self.sources.swap_remove(component.place).binary
    }

    /// A component itself.
    pub(crate) fn bytes(&self, component: &Component) -> &[u8] {
        &self.sources[component.place].binary.bytes
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

    /// What the component is called whose import or export this is.
    pub(crate) fn name(&self, item: &Extern) -> &str {
        &self.sources[item.component].name
    }

    /// The type of an import or export.
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

    /// Whether `export` can be given to `import`; if not, where they first differ.
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

    /// Whether an interface has a function of this name.
    pub(crate) fn has_function(&self, interface: &Extern, name: &str) -> Result<bool, ComponentError> {
        let kind = self.kind(interface)?;
        let graph = self.graph.borrow();
        let ItemKind::Instance(id) = kind else { return Ok(false) };
        Ok(matches!(graph.types()[id].exports.get(name), Some(ItemKind::Func(_))))
    }

    /// Whether an interface has no functions but these, and those of resources.
    pub(crate) fn has_only(&self, interface: &Extern, functions: &[String]) -> Result<bool, ComponentError> {
        let own = self.functions(interface)?;
        Ok(own.iter().all(|(name, _)| name.starts_with('[') || functions.contains(name)))
    }

    /// The functions of an interface, each with whether it is async.
    pub(crate) fn functions(&self, interface: &Extern) -> Result<Vec<(String, bool)>, ComponentError> {
        let kind = self.kind(interface)?;
        let graph = self.graph.borrow();
        let types = graph.types();
        let ItemKind::Instance(id) = kind else { return Ok(Vec::new()) };
        let function = |(name, kind): (&String, &ItemKind)| match kind {
            ItemKind::Func(id) => Some((name.clone(), types[*id].is_async)),
            _ => None,
        };
        Ok(types[id].exports.iter().filter_map(function).collect())
    }
}
