//! Puts together interfaces that are exported in pieces. The encoded composition exports each piece by a name of its own.
//! Here the pieces become one instance, which takes the place of the first.

use crate::{
    plan::Pieces,
    types::interface::ExternName,
    wasm::{
        sections::id,
        skeleton::SectionError,
        spaces::{How, Scope, read},
    },
};
use std::{collections::BTreeMap, convert::Infallible};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection, ComponentInstanceSection,
    ComponentTypeRef, ComponentTypeSection, RawSection,
    reencode::{Reencode, ReencodeComponent},
};
use wasmparser::{
    ComponentAlias, ComponentExternalKind as Kind, ComponentType, ComponentTypeRef as Declared,
    InstanceTypeDeclaration, Parser, Payload, TypeBounds,
};

/// An interface to put together.
pub(super) struct Joint<'p> {
    pub export: &'p ExternName,
    pub pieces: &'p Pieces,
    /// A component that imports an instance of the interface's type, as its last import.
    pub shape: Vec<u8>,
}

/// Returns the name by which the encoded composition exports a piece behind the first.
pub(super) fn name_of_piece(export: &ExternName, place: usize) -> String {
    format!("{}{}", export.interface().map_or("interface", |id| id.interface()), "-piece".repeat(place))
}

/// The interface has no type, or one that cannot be encoded again.
#[derive(Debug, thiserror::Error)]
pub(super) enum JoinError {
    #[error(transparent)]
    Unreadable(#[from] SectionError),
    #[error("the type of `{0}` cannot be encoded again")]
    Shape(String),
}

/// Joins the pieces of each interface. All exports of `encoded` come last.
pub(super) fn join(encoded: &[u8], joints: &[Joint<'_>]) -> Result<Vec<u8>, JoinError> {
    let scopes = read(encoded)?;
    let scope = scopes.last().expect("a component was read");
    let exports = exports(scope);
    let mut out = Joined {
        functions: before_exports(scope, Kind::Func),
        next_type: before_exports(scope, Kind::Type),
        aliases: ComponentAliasSection::new(),
        types: ComponentTypeSection::new(),
        instances: ComponentInstanceSection::new(),
    };
    let first_instance = before_exports(scope, Kind::Instance);
    let mut joined = BTreeMap::new();
    let mut parts = Vec::new();
    for joint in joints {
        let names = joint.names();
        let index = |name: &String| exports.iter().find(|(export, ..)| export == name).map(|(.., index)| *index);
        let pieces: Vec<_> = names.iter().filter_map(index).collect();
        let instance = first_instance + out.instances.len();
        let shape = || JoinError::Shape(joint.export.to_string());
        out.joint(joint, &pieces).ok_or_else(shape)?;
        joined.insert(joint.export.to_string(), (instance, out.types.len() - 1));
        parts.extend(names.into_iter().skip(1));
    }
    let mut section = ComponentExportSection::new();
    for (name, kind, index) in exports {
        if let Some((instance, ty)) = joined.get(name) {
            section.export(name, kind, *instance, Some(ComponentTypeRef::Instance(out.next_type + ty)));
        } else if !parts.iter().any(|part| part == name) {
            section.export(name, kind, index, None);
        }
    }
    let mut component = Component::new();
    let mut new = Some((out, section));
    for (section, _) in &scope.sections {
        if section.id != id::COMPONENT_EXPORT {
            component.section(&RawSection { id: section.id, data: section.data });
        } else if let Some((Joined { aliases, types, instances, .. }, exports)) = new.take() {
            component.section(&aliases).section(&types).section(&instances).section(&exports);
        }
    }
    Ok(component.finish())
}

impl Joint<'_> {
    /// Returns the names by which the pieces are exported.
    fn names(&self) -> Vec<String> {
        let behind = (1..self.pieces.pieces.len()).map(|place| name_of_piece(self.export, place));
        std::iter::once(self.export.to_string()).chain(behind).collect()
    }
}

/// What is new in the component.
struct Joined {
    /// The index of the next function.
    functions: u32,
    /// The index of the next type that is aliased. Types that are defined come behind all of them.
    next_type: u32,
    aliases: ComponentAliasSection,
    types: ComponentTypeSection,
    instances: ComponentInstanceSection,
}

impl Joined {
    /// Adds the instance of an interface, and its type. Returns none if that cannot be read.
    fn joint(&mut self, joint: &Joint<'_>, instances: &[u32]) -> Option<()> {
        let mut types = BTreeMap::new();
        let mut items = Vec::new();
        for (name, piece) in &joint.pieces.types {
            let (instance, kind) = (*instances.get(*piece)?, ComponentExportKind::Type);
            self.aliases.alias(Alias::InstanceExport { instance, kind, name });
            items.push((name.as_str(), ComponentExportKind::Type, self.next_type));
            types.insert(name.as_str(), self.next_type);
            self.next_type += 1;
        }
        for (piece, instance) in joint.pieces.pieces.iter().zip(instances) {
            for name in &piece.functions {
                let kind = ComponentExportKind::Func;
                self.aliases.alias(Alias::InstanceExport { instance: *instance, kind, name });
                items.push((name.as_str(), kind, self.functions));
                self.functions += 1;
            }
        }
        self.instances.export_items(items);
        let declarations = last_instance_type(&joint.shape)?;
        let mut outer = Outer { of: used_types(&declarations), types };
        let instance = outer.component_instance_type(declarations).ok()?;
        self.types.instance(&instance);
        Some(())
    }
}

/// Returns the last type of an instance that a component defines.
fn last_instance_type(component: &[u8]) -> Option<Box<[InstanceTypeDeclaration<'_>]>> {
    let mut last = None;
    for payload in Parser::new(0).parse_all(component) {
        let Payload::ComponentTypeSection(types) = payload.ok()? else { continue };
        for ty in types {
            if let ComponentType::Instance(declarations) = ty.ok()? {
                last = Some(declarations);
            }
        }
    }
    last
}

/// Returns the types that an instance's type takes from outside, each with the name under which it exports it.
fn used_types<'a>(declarations: &[InstanceTypeDeclaration<'a>]) -> BTreeMap<u32, &'a str> {
    let (mut next, mut taken, mut used) = (0, BTreeMap::new(), BTreeMap::new());
    for declaration in declarations {
        match declaration {
            InstanceTypeDeclaration::Alias(ComponentAlias::Outer { index, .. }) => {
                taken.insert(next, *index);
                next += 1;
            }
            InstanceTypeDeclaration::Export { name, ty: Declared::Type(bounds) } => {
                if let TypeBounds::Eq(index) = bounds
                    && let Some(outer) = taken.get(index)
                {
                    used.insert(*outer, name.name);
                }
                next += 1;
            }
            InstanceTypeDeclaration::Type(_) => next += 1,
            _ => {}
        }
    }
    used
}

/// Replaces the indices of types outside of an instance's type.
struct Outer<'a> {
    /// The names of those types, by the index in the component that the type was read from.
    of: BTreeMap<u32, &'a str>,
    /// The indices in the new component, by name.
    types: BTreeMap<&'a str, u32>,
}

impl Reencode for Outer<'_> {
    type Error = Infallible;
}

impl ReencodeComponent for Outer<'_> {
    fn outer_component_type_index(&mut self, _: u32, ty: u32) -> u32 {
        let name = self.of.get(&ty);
        name.and_then(|name| self.types.get(name)).copied().unwrap_or(ty)
    }
}

fn exports<'a>(scope: &Scope<'a>) -> Vec<(&'a str, ComponentExportKind, u32)> {
    let export = |how: &How<'a>| match *how {
        How::Export { name, item: (kind, index), .. } => Some((name, kind.into(), index)),
        _ => None,
    };
    scope.definitions.iter().filter_map(|definition| export(&definition.how)).collect()
}

/// Returns the number of items of a kind that are no exports.
fn before_exports(scope: &Scope<'_>, kind: Kind) -> u32 {
    let before = scope.definitions.iter().filter(|definition| !matches!(definition.how, How::Export { .. }));
    before.filter(|definition| definition.item.is_some_and(|(own, _)| own == kind)).map(|_| 1).sum()
}
