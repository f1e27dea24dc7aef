//! The types of a component as far as functions are in them. Types of values are of no interest.

use wasmparser::{
    ComponentAlias, ComponentExternalKind as Kind, ComponentOuterAliasKind as OuterKind, ComponentType,
    ComponentTypeDeclaration, ComponentTypeRef, InstanceTypeDeclaration, TypeBounds,
};

/// A type, or another name of one.
#[derive(Debug)]
pub(super) enum Type<'a> {
    /// Of a function.
    Function {
        /// Whether it is async.
        is_async: bool,
    },
    /// Of an instance or component.
    Body(Body<'a>),
    /// Another of the same component or type.
    Same(u32),
    /// One of what is around.
    Outer {
        /// How many levels up; none is the same.
        count: u32,
        /// Its index there.
        index: u32,
    },
    /// Of a value or resource, or out of an instance.
    Other,
}

/// The type of an instance or component: a scope of its own.
#[derive(Debug, Default)]
pub(super) struct Body<'a> {
    /// Its types, by index.
    pub types: Vec<Type<'a>>,
    /// What it imports and exports that has a type of functions in it, and the index of that type.
    pub externs: Vec<(Label<'a>, u32)>,
}

/// The place of something in an instance or component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label<'a> {
    /// It is imported under this name.
    Import(&'a str),
    /// It is exported under this name.
    Export(&'a str),
}

/// A function, instance or component, by index.
pub(super) type Item = (Kind, u32);

impl<'a> Type<'a> {
    /// A type that is defined.
    pub fn of(ty: ComponentType<'a>) -> Self {
        match ty {
            ComponentType::Func(function) => Type::Function { is_async: function.async_ },
            ComponentType::Instance(declarations) => {
                let mut body = Body::default();
                for declaration in Vec::from(declarations) {
                    body.instance(declaration);
                }
                Type::Body(body)
            }
            ComponentType::Component(declarations) => {
                let mut body = Body::default();
                for declaration in Vec::from(declarations) {
                    body.component(declaration);
                }
                Type::Body(body)
            }
            ComponentType::Defined(_) | ComponentType::Resource { .. } => Type::Other,
        }
    }

    /// One that is imported, or exported under another name.
    pub fn bounded(bounds: TypeBounds) -> Self {
        match bounds {
            TypeBounds::Eq(index) => Type::Same(index),
            TypeBounds::SubResource => Type::Other,
        }
    }

    /// One that is taken from elsewhere, if it is one.
    pub fn aliased(alias: &ComponentAlias<'_>) -> Option<Self> {
        match *alias {
            ComponentAlias::Outer { kind: OuterKind::Type, count, index } => Some(Type::Outer { count, index }),
            ComponentAlias::InstanceExport { kind: Kind::Type, .. } => Some(Type::Other),
            _ => None,
        }
    }
}

impl<'a> Body<'a> {
    fn component(&mut self, declaration: ComponentTypeDeclaration<'a>) {
        match declaration {
            ComponentTypeDeclaration::CoreType(ty) => self.instance(InstanceTypeDeclaration::CoreType(ty)),
            ComponentTypeDeclaration::Type(ty) => self.instance(InstanceTypeDeclaration::Type(ty)),
            ComponentTypeDeclaration::Alias(alias) => self.instance(InstanceTypeDeclaration::Alias(alias)),
            ComponentTypeDeclaration::Export { name, ty } => {
                self.instance(InstanceTypeDeclaration::Export { name, ty });
            }
            ComponentTypeDeclaration::Import(import) => self.extern_of(Label::Import(import.name.name), import.ty),
        }
    }

    fn instance(&mut self, declaration: InstanceTypeDeclaration<'a>) {
        match declaration {
            InstanceTypeDeclaration::CoreType(_) => {}
            InstanceTypeDeclaration::Type(ty) => self.types.push(Type::of(ty)),
            InstanceTypeDeclaration::Alias(alias) => self.types.extend(Type::aliased(&alias)),
            InstanceTypeDeclaration::Export { name, ty } => self.extern_of(Label::Export(name.name), ty),
        }
    }

    fn extern_of(&mut self, label: Label<'a>, ty: ComponentTypeRef) {
        match (used(ty), ty) {
            (Some((_, ty)), _) => self.externs.push((label, ty)),
            (None, ComponentTypeRef::Type(bounds)) => self.types.push(Type::bounded(bounds)),
            _ => {}
        }
    }
}

/// The index of the type of something that is, or has in it, a function.
pub(super) fn used(ty: ComponentTypeRef) -> Option<Item> {
    match ty {
        ComponentTypeRef::Func(ty) => Some((Kind::Func, ty)),
        ComponentTypeRef::Instance(ty) => Some((Kind::Instance, ty)),
        ComponentTypeRef::Component(ty) => Some((Kind::Component, ty)),
        ComponentTypeRef::Module(_) | ComponentTypeRef::Value(_) | ComponentTypeRef::Type(_) => None,
    }
}
