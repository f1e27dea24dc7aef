//! The index spaces of a component: where each item that can be passed on comes from. What is nested is not looked into.

use crate::wasm::{
    names::{names, own_name},
    sections::{id, sections},
};
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{
    BinaryReader, BinaryReaderError, CanonicalFunction, ComponentAlias, ComponentAliasSectionReader,
    ComponentCanonicalSectionReader, ComponentExportSectionReader, ComponentExternalKind as Kind,
    ComponentImportSectionReader, ComponentInstance, ComponentInstanceSectionReader, ComponentName,
    ComponentOuterAliasKind, ComponentTypeSectionReader,
};

/// Where an item comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    /// It is imported.
    Host,
    /// An instance of a component, or something that one exports; by its place in [`Space::instances`].
    Instance(usize),
    /// An instance that is put together of other items; by its place in `bags`.
    Bag(usize),
    /// The component makes it itself.
    Own,
}

/// A component that was instantiated.
#[derive(Debug)]
pub(super) struct Instantiation<'a> {
    /// What the names of the component call it, or what it is called itself.
    pub name: Option<String>,
    /// Each import, with where it comes from. None is the host.
    pub arguments: Vec<(&'a str, BTreeSet<Option<usize>>)>,
}

/// The outermost level of a component.
#[derive(Debug, Default)]
pub(super) struct Space<'a> {
    /// In the order of the binary.
    pub instances: Vec<Instantiation<'a>>,
    /// What is exported, with where it comes from. None is the host.
    pub exports: Vec<(&'a str, BTreeSet<Option<usize>>)>,
    /// What is imported.
    pub imports: Vec<&'a str>,
    /// Whether it runs code itself, beside the components that it instantiates.
    pub has_code: bool,
    items: BTreeMap<u8, Vec<Origin>>,
    bags: Vec<BTreeMap<&'a str, (Kind, u32)>>,
    /// By index among components.
    names: BTreeMap<u32, String>,
    /// By instantiation: its index among instances, and that of its component.
    indices: Vec<(u32, u32)>,
}

/// Where one item comes from, named as in [`Space::instances`].
type Sources = BTreeSet<Option<usize>>;

impl<'a> Space<'a> {
    /// Reads the outermost level of a valid component.
    pub fn read(component: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut space = Self::default();
        for section in sections(component, 0)? {
            let reader = || BinaryReader::new(section.data, section.data_start as u64);
            match section.id {
                id::CORE_MODULE => space.push(Kind::Module, Origin::Own),
                id::CORE_INSTANCE => space.has_code = true,
                id::COMPONENT => {
                    let index = space.list(Kind::Component).len();
                    if let Some(name) = own_name(section.data) {
                        space.names.insert(u32::try_from(index).unwrap_or(u32::MAX), name);
                    }
                    space.push(Kind::Component, Origin::Own);
                }
                id::COMPONENT_INSTANCE => space.read_instances(reader())?,
                id::COMPONENT_ALIAS => space.aliases(reader())?,
                id::COMPONENT_TYPE => {
                    let count = ComponentTypeSectionReader::new(reader())?.count();
                    (0..count).for_each(|_| space.push(Kind::Type, Origin::Own));
                }
                id::COMPONENT_CANONICAL => {
                    for function in ComponentCanonicalSectionReader::new(reader())? {
                        if matches!(function?, CanonicalFunction::Lift { .. }) {
                            space.push(Kind::Func, Origin::Own);
                        }
                    }
                }
                id::COMPONENT_IMPORT => {
                    for import in ComponentImportSectionReader::new(reader())? {
                        let import = import?;
                        space.imports.push(import.name.name);
                        if import.ty.kind() == Kind::Component {
                            let index = space.list(Kind::Component).len();
                            space.names.insert(u32::try_from(index).unwrap_or(u32::MAX), import.name.name.to_owned());
                        }
                        space.push(import.ty.kind(), Origin::Host);
                    }
                }
                id::COMPONENT_EXPORT => {
                    for export in ComponentExportSectionReader::new(reader())? {
                        let export = export?;
                        let origin = space.origin(export.kind, export.index);
                        space.exports.push((export.name.name, space.from(export.kind, export.index)));
                        space.push(export.kind, origin);
                    }
                }
                id::CUSTOM => space.read_names(reader()),
                _ => {}
            }
        }
        for (instance, (_, component)) in space.indices.iter().enumerate() {
            let instance = &mut space.instances[instance];
            instance.name = instance.name.take().or_else(|| space.names.get(component).cloned());
        }
        Ok(space)
    }

    fn list(&mut self, kind: Kind) -> &mut Vec<Origin> {
        self.items.entry(kind as u8).or_default()
    }

    fn push(&mut self, kind: Kind, origin: Origin) {
        self.list(kind).push(origin);
    }

    fn origin(&self, kind: Kind, index: u32) -> Origin {
        let items = self.items.get(&(kind as u8));
        items.and_then(|items| items.get(index as usize)).copied().unwrap_or(Origin::Own)
    }

    /// What somebody else makes of an item: for a bag, where each of its items comes from.
    fn from(&self, kind: Kind, index: u32) -> Sources {
        match self.origin(kind, index) {
            Origin::Host => Sources::from([None]),
            Origin::Instance(instance) => Sources::from([Some(instance)]),
            Origin::Bag(bag) => self.bags[bag].values().flat_map(|(kind, index)| self.from(*kind, *index)).collect(),
            Origin::Own => Sources::new(),
        }
    }

    fn read_instances(&mut self, reader: BinaryReader<'a>) -> Result<(), BinaryReaderError> {
        for instance in ComponentInstanceSectionReader::new(reader)? {
            let origin = match instance? {
                ComponentInstance::Instantiate { component_index, args } => {
                    let arguments = args.iter().map(|arg| (arg.name, self.from(arg.kind, arg.index))).collect();
                    self.instances.push(Instantiation { name: None, arguments });
                    let index = u32::try_from(self.list(Kind::Instance).len()).unwrap_or(u32::MAX);
                    self.indices.push((index, component_index));
                    Origin::Instance(self.instances.len() - 1)
                }
                ComponentInstance::FromExports(items) => {
                    let items = items.iter().map(|item| (item.name.name, (item.kind, item.index)));
                    self.bags.push(items.collect());
                    Origin::Bag(self.bags.len() - 1)
                }
            };
            self.push(Kind::Instance, origin);
        }
        Ok(())
    }

    fn aliases(&mut self, reader: BinaryReader<'a>) -> Result<(), BinaryReaderError> {
        for alias in ComponentAliasSectionReader::new(reader)? {
            match alias? {
                ComponentAlias::InstanceExport { kind, instance_index, name } => {
                    let origin = match self.origin(Kind::Instance, instance_index) {
                        Origin::Bag(bag) => {
                            let item = self.bags[bag].get(name).copied();
                            item.map_or(Origin::Own, |(kind, index)| self.origin(kind, index))
                        }
                        other => other,
                    };
                    self.push(kind, origin);
                }
                ComponentAlias::Outer { kind, .. } => match kind {
                    ComponentOuterAliasKind::CoreModule => self.push(Kind::Module, Origin::Own),
                    ComponentOuterAliasKind::Type => self.push(Kind::Type, Origin::Own),
                    ComponentOuterAliasKind::Component => self.push(Kind::Component, Origin::Own),
                    ComponentOuterAliasKind::CoreType => {}
                },
                ComponentAlias::CoreInstanceExport { .. } => {}
            }
        }
        Ok(())
    }

    /// Takes names over those that components have themselves. What cannot be read is no name.
    fn read_names(&mut self, reader: BinaryReader<'a>) {
        for name in names(reader) {
            match name {
                ComponentName::Instances(map) => {
                    for naming in map.into_iter().flatten() {
                        let instance = self.indices.iter().position(|(index, _)| *index == naming.index);
                        if let Some(instance) = instance {
                            self.instances[instance].name = Some(naming.name.to_owned());
                        }
                    }
                }
                ComponentName::Components(map) => {
                    let named = map.into_iter().flatten();
                    self.names.extend(named.map(|naming| (naming.index, naming.name.to_owned())));
                }
                _ => {}
            }
        }
    }
}
