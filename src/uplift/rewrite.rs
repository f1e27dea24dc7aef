//! Writes a component with the variants of its types.
//!
//! Sections that do not change keep their bytes: core modules, custom sections, and, where no index of a type moves,
//! everything but the types that become async. What changes are sections, so the result is a list of [`Edit`]s.

mod reencode;

use super::{edit::Edit, lift_sets::LiftSet, variants::Variants};
use crate::wasm::{
    sections::{PREAMBLE, Section, id},
    spaces::{Definition, How, Scope},
};
use wasm_encoder::{
    Alias, Component, ComponentOuterAliasKind, Encode,
    reencode::{Error, ReencodeComponent},
};
use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternalKind as Kind, ComponentOuterAliasKind as OuterKind, ComponentType,
    ComponentTypeRef, CustomSectionReader, KnownCustom, Payload, SectionLimited,
};

type Result<T> = std::result::Result<T, Error<Unplanned>>;

/// A type is to be written for which no variant was found: a bug.
#[derive(Debug, thiserror::Error)]
#[error("a type is to be written that was not planned")]
pub(super) struct Unplanned;

/// Returns the edits that give a component its variants, in the order of the bytes.
pub(super) fn edits(component: &[u8], scopes: &[Scope<'_>], variants: &Variants<'_, '_>) -> Result<Vec<Edit>> {
    let (edits, levels) = (Vec::new(), Vec::new());
    let mut rewriting = Rewriting { scopes, variants, edits, levels, ty: 0, variant: LiftSet::NOTHING };
    rewriting.component(component, 0, scopes.len().saturating_sub(1), false)?;
    Ok(rewriting.edits)
}

struct Rewriting<'r, 's, 'a> {
    scopes: &'r [Scope<'a>],
    variants: &'r Variants<'s, 'a>,
    edits: Vec<Edit>,
    /// The scopes that are being written, from the outermost to the innermost.
    levels: Vec<At>,
    /// The type that is being written, and its variant.
    ty: usize,
    variant: LiftSet,
}

/// A scope, and how far it is written: how many types it has so far, and how many uses of a type.
#[derive(Clone, Copy)]
struct At {
    level: usize,
    types: usize,
    uses: usize,
}

impl At {
    /// Moves behind these definitions.
    fn skip(&mut self, definitions: &[Definition<'_>]) {
        let types = definitions.iter().filter(|definition| matches!(definition.item, Some((Kind::Type, _))));
        self.types += types.count();
        self.uses += definitions.iter().filter(|definition| definition.ty().is_some()).count();
    }
}

impl Rewriting<'_, '_, '_> {
    /// Writes a component that begins at `offset`. Returns its new size. `moved` says whether indices around it move.
    fn component(&mut self, component: &[u8], offset: usize, place: usize, moved: bool) -> Result<usize> {
        let moved = moved || self.variants.shift(place);
        let scope = &self.scopes[place];
        let mut size = PREAMBLE;
        let mut at = At { level: place, types: 0, uses: 0 };
        self.levels.push(at);
        for (section, definitions) in &scope.sections {
            let definitions = &scope.definitions[definitions.clone()];
            *self.at() = at;
            at.skip(definitions);
            let end = section.data_start + section.data.len();
            let old = &component[section.start..end];
            size += match definitions {
                [Definition { how: How::Component(nested), .. }] => {
                    let before = self.edits.len();
                    let nested = self.component(section.data, offset + section.data_start, *nested, moved)?;
                    if nested == section.data.len() {
                        old.len()
                    } else {
                        let mut header = vec![id::COMPONENT];
                        nested.encode(&mut header);
                        let size = header.len() + nested;
                        let place = offset + section.start..offset + section.data_start;
                        self.edits.insert(before, Edit { place, new: header });
                        size
                    }
                }
                _ => match self.changed(section, moved)? {
                    Some(new) if new != old => {
                        let size = new.len();
                        self.edits.push(Edit { place: offset + section.start..offset + end, new });
                        size
                    }
                    _ => old.len(),
                },
            };
        }
        self.levels.pop();
        Ok(size)
    }

    /// Returns a section anew if it may have to change: types that become async, or where indices move, what has indices.
    fn changed(&mut self, section: &Section<'_>, moved: bool) -> Result<Option<Vec<u8>>> {
        let reader = BinaryReader::new(section.data, 0);
        let payload = match section.id {
            id::COMPONENT_TYPE if moved || self.variants.change(self.level()) => {
                Payload::ComponentTypeSection(SectionLimited::new(reader)?)
            }
            _ if !moved => return Ok(None),
            id::CUSTOM => {
                let custom = CustomSectionReader::new(reader)?;
                let has_names = matches!(custom.as_known(), KnownCustom::ComponentName(_));
                // Names that cannot be read are no reason to fail.
                return Ok(if has_names { self.section(Payload::CustomSection(custom)).ok() } else { None });
            }
            id::COMPONENT_INSTANCE => Payload::ComponentInstanceSection(SectionLimited::new(reader)?),
            id::COMPONENT_ALIAS => Payload::ComponentAliasSection(SectionLimited::new(reader)?),
            id::COMPONENT_CANONICAL => Payload::ComponentCanonicalSection(SectionLimited::new(reader)?),
            id::COMPONENT_IMPORT => Payload::ComponentImportSection(SectionLimited::new(reader)?),
            id::COMPONENT_EXPORT => Payload::ComponentExportSection(SectionLimited::new(reader)?),
            _ => return Ok(None),
        };
        self.section(payload).map(Some)
    }

    /// Writes a section of a component anew.
    fn section(&mut self, section: Payload<'_>) -> Result<Vec<u8>> {
        let mut new = Component::new();
        self.parse_component_payload(&mut new, section, &[])?;
        Ok(new.finish().split_off(PREAMBLE))
    }

    fn at(&mut self) -> &mut At {
        self.levels.last_mut().expect("a scope is being written")
    }

    fn level(&self) -> usize {
        self.levels.last().map_or(0, |at| at.level)
    }

    /// Moves behind the next type of the scope that is written. Returns its old index.
    fn next_type(&mut self) -> usize {
        let at = self.at();
        at.types += 1;
        at.types - 1
    }

    /// Moves behind the next use of a type in the scope. Returns the variant that it needs.
    fn next_use(&mut self) -> LiftSet {
        let at = self.at();
        at.uses += 1;
        let At { level, uses, .. } = *at;
        self.variants.used(level, uses - 1)
    }

    /// Writes a type in all its variants.
    fn types<'a>(
        &mut self,
        ty: &ComponentType<'a>,
        mut write: impl FnMut(&mut Self, ComponentType<'a>) -> Result<()>,
    ) -> Result<()> {
        let place = self.next_type();
        for variant in self.variants.variants(self.level(), place) {
            (self.ty, self.variant) = (place, variant);
            write(self, ty.clone())?;
        }
        Ok(())
    }

    /// Writes an alias: that of a type around once for each variant.
    fn aliases<'a>(&mut self, alias: ComponentAlias<'a>, mut add: impl FnMut(Alias<'a>)) -> Result<()> {
        if let ComponentAlias::Outer { kind: OuterKind::Type, count, index } = alias {
            let place = self.next_type();
            for variant in self.variants.variants(self.level(), place) {
                let index = self.outer(count, index, variant);
                add(Alias::Outer { kind: ComponentOuterAliasKind::Type, count, index });
            }
            return Ok(());
        }
        if let ComponentAlias::InstanceExport { kind: Kind::Type, .. } = alias {
            self.next_type();
        }
        add(self.component_alias(alias)?);
        Ok(())
    }

    fn outer(&self, count: u32, index: u32, variant: LiftSet) -> u32 {
        self.variants.up(self.level(), count).map_or(index, |level| self.variants.index(level, index, variant))
    }

    /// Counts something that is imported or exported within a type, if it is a type itself.
    fn declared(&mut self, ty: ComponentTypeRef) {
        if let ComponentTypeRef::Type(_) = ty {
            self.next_type();
        }
    }

    /// Writes what is within the type of an instance or component, in the variant that is due.
    fn within<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let level = self.variants.inner(self.level(), self.ty, self.variant).ok_or(Error::UserError(Unplanned))?;
        self.levels.push(At { level, types: 0, uses: 0 });
        let written = write(self);
        self.levels.pop();
        written
    }
}
