//! Goes through all uses of types, and adds the variants that they need.

use super::{Level, Variants, VariantsError};
use crate::{
    uplift::{
        classes::{Class, Classes},
        lift_sets::{LiftSet, LiftSets},
    },
    wasm::spaces::{Body, Scope, Type},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wasmparser::ComponentExternalKind as Kind;

/// How many scopes there may be with those of variants. Far more than any tool makes of a component.
const MAX_LEVELS: usize = 1_000_000;

/// Adds the variants that lifting these functions needs to `variants`, which have none yet.
pub(super) fn search<'s, 'a>(
    scopes: &'s [Scope<'a>],
    variants: Variants<'s, 'a>,
    classes: &Classes<'a>,
    functions: BTreeSet<Class>,
) -> Result<Variants<'s, 'a>, VariantsError> {
    let (sets, seen, queue) = (LiftSets::of(functions), BTreeSet::new(), VecDeque::new());
    let mut search = Search { variants, classes, sets, seen, queue, bodies: BTreeMap::new() };
    search.run(scopes)?;
    Ok(search.variants)
}

struct Search<'c, 's, 'a> {
    variants: Variants<'s, 'a>,
    classes: &'c Classes<'a>,
    sets: LiftSets<'a>,
    /// The types that were looked at, each by its level and index, for a class.
    seen: BTreeSet<(usize, usize, Option<Class>)>,
    /// The types that are still to be looked at.
    queue: VecDeque<(usize, u32, Option<Class>)>,
    /// The lift sets of the types of instances and components: some types are used very often.
    bodies: BTreeMap<(*const Body<'a>, LiftSet), LiftSet>,
}

impl<'s, 'a> Search<'_, 's, 'a> {
    fn run(&mut self, scopes: &'s [Scope<'a>]) -> Result<(), VariantsError> {
        for (component, scope) in scopes.iter().enumerate() {
            for (place, definition) in scope.definitions.iter().enumerate() {
                if let Some(ty) = definition.ty() {
                    self.use_type(component, ty, self.classes.definition(component, place))?;
                }
                let types = definition.passed().iter().filter(|(_, (kind, _))| *kind == Kind::Type);
                self.queue.extend(types.map(|(_, (_, ty))| (component, *ty, None)));
            }
        }
        self.drain()?;
        // A type that nobody uses stays as it is.
        let mut place = 0;
        while let Some(level) = self.variants.levels.get(place) {
            let unused = level.variants.iter().zip(0..).filter(|(variants, _)| variants.is_empty());
            self.queue.extend(unused.map(|(_, ty)| (place, ty, None)));
            self.drain()?;
            place += 1;
        }
        for level in &mut self.variants.levels {
            let mut next = 0;
            for variants in &level.variants {
                level.indices.push(next);
                next = u32::try_from(variants.len())
                    .ok()
                    .and_then(|count| next.checked_add(count))
                    .ok_or(VariantsError::TooMuch)?;
            }
        }
        Ok(())
    }

    /// An item in a scope is of a type: gives it the variant that it needs.
    fn use_type(&mut self, level: usize, ty: u32, class: Option<Class>) -> Result<(), VariantsError> {
        let set = self.lift_set(level, ty, class)?;
        self.variants.levels[level].uses.push(set);
        self.queue.push_back((level, ty, class.filter(|_| set != LiftSet::NOTHING)));
        Ok(())
    }

    /// Returns the lift set that a type must have for a class.
    fn lift_set(&mut self, level: usize, ty: u32, class: Option<Class>) -> Result<LiftSet, VariantsError> {
        let Some(class) = class else { return Ok(LiftSet::NOTHING) };
        let set = self.sets.class(self.classes, class)?;
        if set == LiftSet::NOTHING {
            return Ok(set);
        }
        let levels = &self.variants.levels;
        let mut around: Vec<_> =
            std::iter::successors(Some(level), |level| levels[*level].outer).map(|level| levels[level].types).collect();
        around.reverse();
        self.of_type(set, &around, ty)
    }

    /// Returns what of a lift set changes a type: what is async already stays as it is. `around` are the types of the
    /// scopes that the type is in, from the outermost to the innermost.
    fn of_type(&mut self, set: LiftSet, mut around: &[&'s [Type<'a>]], mut ty: u32) -> Result<LiftSet, VariantsError> {
        loop {
            let types = around.last().ok_or(VariantsError::NoType)?;
            match types.get(ty as usize).ok_or(VariantsError::NoType)? {
                Type::Same(other) => ty = *other,
                Type::Outer { count, index } => {
                    let up = around.len().checked_sub(*count as usize).ok_or(VariantsError::NoType)?;
                    (around, ty) = (&around[..up], *index);
                }
                Type::Function { is_async: true } => return Ok(LiftSet::NOTHING),
                Type::Function { is_async: false } if set == LiftSet::FUNCTION => return Ok(set),
                Type::Body(body) => {
                    let key = (std::ptr::from_ref(body), set);
                    if let Some(known) = self.bodies.get(&key) {
                        return Ok(*known);
                    }
                    let around: Vec<_> = around.iter().copied().chain([&body.types[..]]).collect();
                    let mut children = BTreeMap::new();
                    for (label, ty) in &body.externs {
                        let child = self.sets.child(set, *label);
                        if child != LiftSet::NOTHING {
                            children.insert(*label, self.of_type(child, &around, *ty)?);
                        }
                    }
                    let set = self.sets.with_children(children);
                    self.bodies.insert(key, set);
                    return Ok(set);
                }
                Type::Other => return Err(VariantsError::NotOwn),
                Type::Function { .. } => return Err(VariantsError::NoType),
            }
        }
    }

    fn drain(&mut self) -> Result<(), VariantsError> {
        while let Some((level, ty, class)) = self.queue.pop_front() {
            if self.variants.levels.len() > MAX_LEVELS || self.queue.len() > MAX_LEVELS {
                return Err(VariantsError::TooMuch);
            }
            self.need(level, ty, class)?;
        }
        Ok(())
    }

    /// A type is needed as it is, or for a class.
    fn need(&mut self, level: usize, ty: u32, class: Option<Class>) -> Result<(), VariantsError> {
        let place = ty as usize;
        if !self.seen.insert((level, place, class)) {
            return Ok(());
        }
        let set = self.lift_set(level, ty, class)?;
        let kind = self.variants.levels[level].types.get(place).ok_or(VariantsError::NoType)?;
        // Another index is one of the type as it is.
        let own = if matches!(kind, Type::Same(_)) { LiftSet::NOTHING } else { set };
        self.variants.levels[level].variants[place].insert(own);
        match kind {
            Type::Same(other) => self.queue.extend([(level, *other, None), (level, *other, class)]),
            Type::Outer { count, index } => {
                let up = self.variants.up(level, *count).ok_or(VariantsError::NoType)?;
                self.queue.push_back((up, *index, class));
            }
            Type::Body(body) => self.body(level, place, body, set, class)?,
            Type::Function { .. } => {
                if let (Some(class), LiftSet::FUNCTION) = (class, set) {
                    self.variants.changed.entry(class).or_default().insert((level, place));
                }
            }
            Type::Other => {}
        }
        Ok(())
    }

    /// A variant of the type of an instance or component is needed, and with it the types that it uses.
    fn body(
        &mut self,
        level: usize,
        ty: usize,
        body: &'s Body<'a>,
        set: LiftSet,
        class: Option<Class>,
    ) -> Result<(), VariantsError> {
        let known = self.variants.levels[level].inner.get(&(ty, set)).copied();
        let inner = known.unwrap_or_else(|| {
            self.variants.levels.push(Level::new(Some(level), &body.types));
            let inner = self.variants.levels.len() - 1;
            self.variants.levels[level].inner.insert((ty, set), inner);
            inner
        });
        for (label, ty) in &body.externs {
            let under = class.and_then(|class| self.classes.get(class, *label));
            if known.is_none() {
                self.use_type(inner, *ty, under)?;
            } else if self.lift_set(inner, *ty, under)? != LiftSet::NOTHING {
                // The same variant, for another function.
                self.queue.push_back((inner, *ty, under));
            }
        }
        Ok(())
    }
}
