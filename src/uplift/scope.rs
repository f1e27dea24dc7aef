//! A component as its index spaces: the types that it defines, and what it does with functions, instances and
//! components, in the order of the binary. Core modules are not looked into.

use super::types::{Item, Type, used};
use crate::wasm::{
    names::names,
    sections::{id, sections},
};
use wasmparser::{
    BinaryReader, BinaryReaderError, CanonicalFunction, CanonicalOption, ComponentAlias, ComponentAliasSectionReader,
    ComponentCanonicalSectionReader, ComponentExportSectionReader, ComponentExternName, ComponentExternalKind as Kind,
    ComponentImportSectionReader, ComponentInstance, ComponentInstanceSectionReader, ComponentName,
    ComponentOuterAliasKind as OuterKind, ComponentTypeRef, ComponentTypeSectionReader,
};

/// A component.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    /// What it is called by itself, or by the component that it is nested in.
    pub name: Option<String>,
    /// The component that it is nested in, by its place among all.
    pub outer: Option<usize>,
    /// Its types, by index.
    pub types: Vec<Type<'a>>,
    /// What it does.
    pub steps: Vec<Step<'a>>,
    /// For each of its sections, how much came before.
    pub marks: Vec<Mark>,
    /// The components that are nested in it, in the order of the binary.
    pub nested: Vec<usize>,
    /// Its components, by index: those, and other names of them and of some around it.
    pub components: Vec<usize>,
}

/// What a component does.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// It imports a function or instance, of a type.
    Import(&'a str, Item),
    /// It exports something, of a type if one is ascribed. The export has an index of its own.
    Export(&'a str, Item, Option<u32>),
    /// It takes something out of an instance.
    Alias { kind: Kind, instance: u32, name: &'a str },
    /// It instantiates a component, by its place among all, with arguments.
    Instantiate(usize, Vec<(&'a str, Item)>),
    /// It puts an instance together.
    Bundle(Vec<(&'a str, Item)>),
    /// It makes a function of a type from one of a core module.
    Lift { ty: u32, is_sync: bool },
    /// It makes a function callable by its core modules.
    Lower(u32),
}

impl Step<'_> {
    /// The type that something is made or seen by.
    pub fn used_type(&self) -> Option<u32> {
        match self {
            Step::Import(_, (_, ty)) | Step::Lift { ty, .. } => Some(*ty),
            Step::Export(_, _, ty) => *ty,
            _ => None,
        }
    }
}

/// How much of a component stands before one of its sections.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    /// How many types.
    pub types: usize,
    /// How many steps that use a type.
    pub uses: usize,
    /// How many nested components.
    pub nested: usize,
}

/// Why a component cannot be taken apart.
#[derive(Debug)]
pub(super) enum ScopeError {
    /// It is malformed.
    Malformed(BinaryReaderError),
    /// It has something that is not in it: what it is.
    Absent(String),
}

impl From<BinaryReaderError> for ScopeError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Malformed(error)
    }
}

/// A valid component and all that are nested in it: each before the one that it is in, so the outermost is the last.
pub(super) fn scopes(component: &[u8]) -> Result<Vec<Scope<'_>>, ScopeError> {
    let mut reading = Reading::default();
    reading.component(component, 0)?;
    Ok(reading.scopes)
}

#[derive(Default)]
struct Reading<'a> {
    scopes: Vec<Scope<'a>>,
    /// The components by index, of the one that is read and those around it, from the outside in.
    components: Vec<Vec<usize>>,
}

impl<'a> Reading<'a> {
    fn component(&mut self, component: &'a [u8], offset: u64) -> Result<usize, ScopeError> {
        let mut scope = Scope::default();
        let mut uses = 0;
        self.components.push(Vec::new());
        for section in sections(component, offset)? {
            scope.marks.push(Mark { types: scope.types.len(), uses, nested: scope.nested.len() });
            let before = scope.steps.len();
            let offset = offset + section.data_start as u64;
            let reader = BinaryReader::new(section.data, offset);
            match section.id {
                id::COMPONENT => {
                    let nested = self.component(section.data, offset)?;
                    scope.nested.push(nested);
                    self.known().push(nested);
                }
                id::COMPONENT_TYPE => {
                    for ty in ComponentTypeSectionReader::new(reader)? {
                        scope.types.push(Type::of(ty?));
                    }
                }
                id::COMPONENT_IMPORT => {
                    for import in ComponentImportSectionReader::new(reader)? {
                        let import = import?;
                        scope.import(&import.name, import.ty)?;
                    }
                }
                id::COMPONENT_EXPORT => {
                    for export in ComponentExportSectionReader::new(reader)? {
                        let export = export?;
                        let ascribed = export.ty.and_then(used).map(|(_, ty)| ty);
                        scope.steps.push(Step::Export(export.name.name, (export.kind, export.index), ascribed));
                        match export.kind {
                            Kind::Type => scope.types.push(Type::Same(export.index)),
                            Kind::Component => self.again(0, export.index)?,
                            _ => {}
                        }
                    }
                }
                id::COMPONENT_ALIAS => {
                    for alias in ComponentAliasSectionReader::new(reader)? {
                        let alias = alias?;
                        if let ComponentAlias::Outer { kind: OuterKind::Component, count, index } = alias {
                            self.again(count, index)?;
                        }
                        scope.alias(&alias)?;
                    }
                }
                id::COMPONENT_INSTANCE => {
                    for instance in ComponentInstanceSectionReader::new(reader)? {
                        let step = self.instance(instance?)?;
                        scope.steps.push(step);
                    }
                }
                id::COMPONENT_CANONICAL => {
                    for function in ComponentCanonicalSectionReader::new(reader)? {
                        scope.steps.extend(canonical(&function?));
                    }
                }
                id::CUSTOM => self.names(&mut scope, reader),
                _ => {}
            }
            uses += scope.steps[before..].iter().filter(|step| step.used_type().is_some()).count();
        }
        scope.components = self.components.pop().unwrap_or_default();
        let place = self.scopes.len();
        for nested in &scope.nested {
            self.scopes[*nested].outer = Some(place);
        }
        self.scopes.push(scope);
        Ok(place)
    }

    /// The components of the one that is read.
    fn known(&mut self) -> &mut Vec<usize> {
        self.components.last_mut().expect("a component is being read")
    }

    fn find(&self, count: u32, index: u32) -> Result<usize, ScopeError> {
        let level = self.components.len().checked_sub(1 + count as usize).map(|level| &self.components[level]);
        let found = level.and_then(|components| components.get(index as usize)).copied();
        found.ok_or_else(|| ScopeError::Absent(format!("component {index}, {count} levels up")))
    }

    /// A component has another index.
    fn again(&mut self, count: u32, index: u32) -> Result<(), ScopeError> {
        let component = self.find(count, index)?;
        self.known().push(component);
        Ok(())
    }

    fn instance(&self, instance: ComponentInstance<'a>) -> Result<Step<'a>, ScopeError> {
        Ok(match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                let arguments = args.iter().map(|arg| (arg.name, (arg.kind, arg.index)));
                Step::Instantiate(self.find(0, component_index)?, arguments.collect())
            }
            ComponentInstance::FromExports(items) => {
                Step::Bundle(items.iter().map(|item| (item.name.name, (item.kind, item.index))).collect())
            }
        })
    }

    /// Takes names over from a custom section. What a component is called by itself goes first.
    fn names(&mut self, scope: &mut Scope<'a>, reader: BinaryReader<'a>) {
        for name in names(reader) {
            match name {
                ComponentName::Component { name, .. } => scope.name = Some(name.to_owned()),
                ComponentName::Components(map) => {
                    for naming in map.into_iter().flatten() {
                        if let Ok(component) = self.find(0, naming.index) {
                            self.scopes[component].name.get_or_insert_with(|| naming.name.to_owned());
                        }
                    }
                }
                ComponentName::Instances(map) => {
                    let instances = scope.instances();
                    for naming in map.into_iter().flatten() {
                        if let Some(Some(component)) = instances.get(naming.index as usize) {
                            self.scopes[*component].name.get_or_insert_with(|| naming.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'a> Scope<'a> {
    /// Its instances, by index: the component of each that it makes.
    fn instances(&self) -> Vec<Option<usize>> {
        let instance = |step: &Step<'_>| match step {
            Step::Instantiate(component, _) => Some(Some(*component)),
            Step::Bundle(_)
            | Step::Import(_, (Kind::Instance, _))
            | Step::Export(_, (Kind::Instance, _), _)
            | Step::Alias { kind: Kind::Instance, .. } => Some(None),
            _ => None,
        };
        self.steps.iter().filter_map(instance).collect()
    }

    fn import(&mut self, name: &ComponentExternName<'a>, ty: ComponentTypeRef) -> Result<(), ScopeError> {
        match (used(ty), ty) {
            (Some((Kind::Component, _)), _) => {
                return Err(ScopeError::Absent(format!("the component `{}`, which it imports", name.name)));
            }
            (Some(item), _) => self.steps.push(Step::Import(name.name, item)),
            (None, ComponentTypeRef::Type(bounds)) => self.types.push(Type::bounded(bounds)),
            _ => {}
        }
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>) -> Result<(), ScopeError> {
        if let Some(ty) = Type::aliased(alias) {
            self.types.push(ty);
        }
        match *alias {
            ComponentAlias::InstanceExport { kind: Kind::Component, name, .. } => {
                Err(ScopeError::Absent(format!("the component `{name}`, which comes out of an instance")))
            }
            ComponentAlias::InstanceExport { kind, instance_index: instance, name } => {
                self.steps.push(Step::Alias { kind, instance, name });
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn canonical<'a>(function: &CanonicalFunction) -> Option<Step<'a>> {
    match function {
        CanonicalFunction::Lift { type_index, options, .. } => {
            Some(Step::Lift { ty: *type_index, is_sync: !options.contains(&CanonicalOption::Async) })
        }
        CanonicalFunction::Lower { func_index, .. } => Some(Step::Lower(*func_index)),
        _ => None,
    }
}

/// Whether a type of a component is that of an async function.
pub(super) fn is_async(scopes: &[Scope<'_>], mut component: usize, mut ty: u32) -> bool {
    loop {
        match scopes[component].types.get(ty as usize) {
            Some(Type::Function { is_async }) => return *is_async,
            Some(Type::Same(other)) => ty = *other,
            Some(Type::Outer { count, index }) => {
                let Some(up) = (0..*count).try_fold(component, |place, _| scopes[place].outer) else { return false };
                (component, ty) = (up, *index);
            }
            _ => return false,
        }
    }
}
