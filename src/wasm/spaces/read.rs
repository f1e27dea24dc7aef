//! Reads the definitions of a component, and counts the items that they make.

use super::{Definition, How, Scope, Type, used};
use crate::wasm::{
    sections::{id, sections},
    skeleton::{MAX_DEPTH, SectionError},
};
use wasmparser::{
    BinaryReader, BinaryReaderError, CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExport,
    ComponentExternalKind as Kind, ComponentImport, ComponentInstance, ComponentName,
    ComponentOuterAliasKind as OuterKind, ComponentType, ComponentTypeRef, CustomSectionReader, FromReader, Instance,
    KnownCustom, SectionLimited,
};

/// Reads a component and all that are nested in it. A component comes before the one that it is nested in, so the
/// outermost is the last. Nothing is validated: an index may point to nothing.
pub(crate) fn read(component: &[u8]) -> Result<Vec<Scope<'_>>, SectionError> {
    let mut reader = Reader::default();
    reader.component(component, 0)?;
    Ok(reader.done)
}

#[derive(Default)]
struct Reader<'a> {
    /// The components that are read.
    done: Vec<Scope<'a>>,
    /// The components that are being read, from the outermost to the innermost.
    open: Vec<Scope<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads a component that begins at `offset` of the file. Returns its place among all.
    fn component(&mut self, component: &'a [u8], offset: u64) -> Result<usize, SectionError> {
        if self.open.len() > MAX_DEPTH {
            return Err(SectionError::TooDeep);
        }
        self.open.push(Scope::default());
        for section in sections(component, offset)? {
            let before = self.scope().definitions.len();
            if section.id == id::COMPONENT {
                let nested = self.component(section.data, offset + section.data_start as u64)?;
                self.scope().define(Kind::Component, How::Component(nested));
                self.scope().components.push(Some(nested));
            } else {
                self.section(section.id, section.reader(offset))?;
            }
            let after = self.scope().definitions.len();
            self.scope().sections.push((section, before..after));
        }
        let scope = self.open.pop().unwrap_or_default();
        let place = self.done.len();
        for definition in &scope.definitions {
            if let How::Component(nested) = definition.how {
                self.done[nested].outer = Some(place);
            }
        }
        self.done.push(scope);
        Ok(place)
    }

    /// The component that is being read.
    fn scope(&mut self) -> &mut Scope<'a> {
        self.open.last_mut().expect("a component is being read")
    }

    /// Reads a section that has no component in it.
    fn section(&mut self, id: u8, reader: BinaryReader<'a>) -> Result<(), BinaryReaderError> {
        let scope = self.scope();
        match id {
            id::CORE_MODULE => scope.define(Kind::Module, How::CoreModule),
            id::CORE_INSTANCE => each(reader, |_: Instance<'_>| scope.define(None, How::CoreInstance))?,
            id::COMPONENT_TYPE => each(reader, |ty| scope.ty(ty))?,
            id::COMPONENT_IMPORT => each(reader, |import| scope.import(&import))?,
            id::COMPONENT_EXPORT => each(reader, |export| self.export(&export))?,
            id::COMPONENT_ALIAS => each(reader, |alias| self.alias(&alias))?,
            id::COMPONENT_INSTANCE => each(reader, |instance| scope.instance(&instance))?,
            id::COMPONENT_CANONICAL => each(reader, |function| scope.canonical(&function))?,
            id::CUSTOM => scope.names(reader),
            _ => {}
        }
        Ok(())
    }

    fn export(&mut self, export: &ComponentExport<'a>) {
        let item = (export.kind, export.index);
        match item {
            (Kind::Type, index) => self.scope().types.push(Type::Same(index)),
            (Kind::Component, index) => self.known_component(0, index),
            _ => {}
        }
        let ty = export.ty.and_then(used).map(|(_, ty)| ty);
        self.scope().define(export.kind, How::Export { name: export.name.name, item, ty });
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>) {
        self.scope().types.extend(Type::aliased(alias));
        match *alias {
            ComponentAlias::InstanceExport { kind, instance_index: instance, name } => {
                if kind == Kind::Component {
                    self.scope().components.push(None);
                }
                self.scope().define(kind, How::Alias { instance, name });
            }
            ComponentAlias::Outer { kind, count, index } => {
                let kind = match kind {
                    OuterKind::CoreModule => Kind::Module,
                    OuterKind::Type => Kind::Type,
                    OuterKind::Component => {
                        self.known_component(count, index);
                        Kind::Component
                    }
                    OuterKind::CoreType => return,
                };
                self.scope().define(kind, How::Outer);
            }
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
    }

    /// Gives the next index to a component that has an index already, in the scope `count` levels up.
    fn known_component(&mut self, count: u32, index: u32) {
        let scope = self.open.iter().rev().nth(count as usize);
        let place = scope.and_then(|scope| scope.components.get(index as usize)).copied().flatten();
        self.scope().components.push(place);
    }
}

/// Reads each item of a section.
fn each<'a, T: FromReader<'a>>(reader: BinaryReader<'a>, mut read: impl FnMut(T)) -> Result<(), BinaryReaderError> {
    for item in SectionLimited::new(reader)? {
        read(item?);
    }
    Ok(())
}

impl<'a> Scope<'a> {
    fn define(&mut self, kind: impl Into<Option<Kind>>, how: How<'a>) {
        let item = kind.into().map(|kind| {
            let count = &mut self.counts[kind as usize];
            *count += 1;
            (kind, *count - 1)
        });
        self.definitions.push(Definition { item, how });
    }

    fn ty(&mut self, ty: ComponentType<'a>) {
        let is_destroyed = matches!(ty, ComponentType::Resource { dtor: Some(_), .. });
        self.types.push(Type::of(ty));
        self.define(Kind::Type, if is_destroyed { How::Destroyed } else { How::Type });
    }

    fn import(&mut self, import: &ComponentImport<'a>) {
        match import.ty {
            ComponentTypeRef::Type(bounds) => self.types.push(Type::bounded(bounds)),
            ComponentTypeRef::Component(_) => self.components.push(None),
            _ => {}
        }
        let ty = used(import.ty).map(|(_, ty)| ty);
        self.define(import.ty.kind(), How::Import { name: import.name.name, ty });
    }

    fn instance(&mut self, instance: &ComponentInstance<'a>) {
        let how = match instance {
            ComponentInstance::Instantiate { component_index, args } => How::Instantiate {
                component: *component_index,
                arguments: args.iter().map(|argument| (argument.name, (argument.kind, argument.index))).collect(),
            },
            ComponentInstance::FromExports(items) => {
                How::Bag(items.iter().map(|item| (item.name.name, (item.kind, item.index))).collect())
            }
        };
        self.define(Kind::Instance, how);
    }

    fn canonical(&mut self, function: &CanonicalFunction) {
        match function {
            CanonicalFunction::Lift { type_index: ty, options, .. } => {
                let is_async = options.contains(&CanonicalOption::Async);
                self.define(Kind::Func, How::CanonLift { ty: *ty, is_async });
            }
            CanonicalFunction::Lower { func_index, .. } => self.define(None, How::CanonLower(*func_index)),
            _ => {}
        }
    }

    /// Takes names from a custom section, if it has any. Names that cannot be read are left out.
    fn names(&mut self, reader: BinaryReader<'a>) {
        let custom = CustomSectionReader::new(reader);
        let Ok(KnownCustom::ComponentName(names)) = custom.as_ref().map(CustomSectionReader::as_known) else { return };
        for name in names.into_iter().map_while(Result::ok) {
            let (kind, names) = match name {
                ComponentName::Component { name, .. } => {
                    self.name = Some(name);
                    continue;
                }
                ComponentName::Components(names) => (Kind::Component, names),
                ComponentName::Instances(names) => (Kind::Instance, names),
                _ => continue,
            };
            self.names.extend(names.into_iter().flatten().map(|name| ((kind, name.index), name.name)));
        }
    }
}
