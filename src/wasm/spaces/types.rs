//! The index space of types, as far as functions are in them. Types of values are read over.
//!
//! The type of an instance or component has an index space of types of its own, a [`Body`]. An outer alias in it counts
//! it as one level, as it counts components.

use super::Item;
use wasmparser::{
    ComponentAlias, ComponentExternalKind as Kind, ComponentOuterAliasKind as OuterKind, ComponentType,
    ComponentTypeDeclaration, ComponentTypeRef, InstanceTypeDeclaration, TypeBounds,
};

/// A type, or another index of one.
#[derive(Debug)]
pub(crate) enum Type<'a> {
    /// The type of a function.
    Function {
        /// Whether it is async.
        is_async: bool,
    },
    /// The type of an instance or component.
    Body(Body<'a>),
    /// The type at another index of the same component or body.
    Same(u32),
    /// The type at an index of a component or body around.
    Outer {
        /// How many levels up; 0 is the same component or body.
        count: u32,
        /// Its index there.
        index: u32,
    },
    /// The type of a value or resource, or any type out of an instance.
    Other,
}

/// What the type of an instance or component declares.
#[derive(Debug, Default)]
pub(crate) struct Body<'a> {
    /// Its types, by index.
    pub types: Vec<Type<'a>>,
    /// The functions, instances and components that it imports and exports, each with the index of its type.
    pub externs: Vec<(Label<'a>, u32)>,
}

/// The place of an item in an instance or component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label<'a> {
    /// The import of this name.
    Import(&'a str),
    /// The export of this name.
    Export(&'a str),
}

impl<'a> Type<'a> {
    /// The type that a definition of a type makes.
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

    /// The type that an import, or an export within a type, makes.
    pub fn bounded(bounds: TypeBounds) -> Self {
        match bounds {
            TypeBounds::Eq(index) => Type::Same(index),
            TypeBounds::SubResource => Type::Other,
        }
    }

    /// The type that an alias makes, if it is an alias of a type.
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

/// Returns the kind of an item that is or contains functions, and the index of its type.
pub(crate) fn used(ty: ComponentTypeRef) -> Option<Item> {
    match ty {
        ComponentTypeRef::Func(ty) => Some((Kind::Func, ty)),
        ComponentTypeRef::Instance(ty) => Some((Kind::Instance, ty)),
        ComponentTypeRef::Component(ty) => Some((Kind::Component, ty)),
        ComponentTypeRef::Module(_) | ComponentTypeRef::Value(_) | ComponentTypeRef::Type(_) => None,
    }
}
