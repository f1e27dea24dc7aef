//! Finds out which variants of each type are needed.
//!
//! A type may be used by functions that are lifted and by others that are not. Then its scope gets a *variant* of the type
//! for each lift set that it is used with. Example: `(type 0)` is the type of both `request` and `reply`, and only
//! `request` is lifted: type 0 gets a sync and an async variant. A type that is used in one way has one variant.

mod search;

use super::{
    classes::{Class, Classes},
    lift_sets::{LiftSet, TooDeep},
};
use crate::wasm::spaces::{Scope, Type};
use search::search;
use std::collections::{BTreeMap, BTreeSet};

/// Why the variants cannot be told.
#[derive(Debug)]
pub(super) enum VariantsError {
    /// Something is nested too deep, or used in too many ways.
    TooMuch,
    /// An item is of a type that is not there: a bug, for the component is valid.
    NoType,
    /// The type of a lifted function comes out of an instance.
    NotOwn,
}

impl From<TooDeep> for VariantsError {
    fn from(_: TooDeep) -> Self {
        Self::TooMuch
    }
}

/// A scope of types: a component, or one variant of the type of an instance or component.
#[derive(Debug)]
pub(super) struct Level<'s, 'a> {
    outer: Option<usize>,
    types: &'s [Type<'a>],
    /// For each type, the variants needed, by lift set.
    variants: Vec<BTreeSet<LiftSet>>,
    /// For each type, the new index of its first variant.
    indices: Vec<u32>,
    /// For each use of a type, which variant.
    uses: Vec<LiftSet>,
    /// For each variant of the type of an instance or component, its level.
    inner: BTreeMap<(usize, LiftSet), usize>,
}

/// The variants of all types of a component and of all that are nested in it.
#[derive(Debug)]
pub(super) struct Variants<'s, 'a> {
    /// The components by place, and behind them the types of instances and components.
    levels: Vec<Level<'s, 'a>>,
    /// The types that become async, by the function that they become so for: each by its level and index.
    changed: BTreeMap<Class, BTreeSet<(usize, usize)>>,
}

impl<'s, 'a> Variants<'s, 'a> {
    /// Finds the variants that lifting these functions needs.
    pub fn of(
        scopes: &'s [Scope<'a>],
        classes: &Classes<'a>,
        functions: BTreeSet<Class>,
    ) -> Result<Self, VariantsError> {
        let levels = scopes.iter().map(|scope| Level::new(scope.outer, &scope.types)).collect();
        search(scopes, Self { levels, changed: BTreeMap::new() }, classes, functions)
    }

    /// Returns how many types become async for a function.
    pub fn changed(&self, function: Class) -> usize {
        self.changed.get(&function).map_or(0, BTreeSet::len)
    }

    /// Returns whether any type becomes async.
    pub fn change_anything(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Returns whether any type of a component changes.
    pub fn change(&self, level: usize) -> bool {
        self.levels[level].variants.iter().flatten().any(|set| *set != LiftSet::NOTHING)
    }

    /// Returns whether types of a scope get other indices.
    pub fn shift(&self, level: usize) -> bool {
        self.levels[level].variants.iter().any(|variants| variants.len() > 1)
    }

    /// Returns the variants of a type, in their order.
    pub fn variants(&self, level: usize, ty: usize) -> impl Iterator<Item = LiftSet> + use<> {
        self.levels[level].variants.get(ty).cloned().unwrap_or_default().into_iter()
    }

    /// Returns the variant of its type that a use in a scope needs, by the number of the use.
    pub fn used(&self, level: usize, used: usize) -> LiftSet {
        self.levels[level].uses.get(used).copied().unwrap_or(LiftSet::NOTHING)
    }

    /// Returns the level of a variant of the type of an instance or component.
    pub fn inner(&self, level: usize, ty: usize, variant: LiftSet) -> Option<usize> {
        self.levels[level].inner.get(&(ty, variant)).copied()
    }

    /// Returns the level that is `count` levels up.
    pub fn up(&self, level: usize, count: u32) -> Option<usize> {
        (0..count).try_fold(level, |level, _| self.levels[level].outer)
    }

    /// Returns the new index of a variant of a type.
    pub fn index(&self, level: usize, ty: u32, variant: LiftSet) -> u32 {
        let level = &self.levels[level];
        let mut place = ty as usize;
        // Another index of the same type has no variants.
        while let (Some(Type::Same(other)), true) = (level.types.get(place), variant != LiftSet::NOTHING) {
            place = *other as usize;
        }
        let Some(variants) = level.variants.get(place) else { return ty };
        let before = variants.iter().position(|other| *other == variant).unwrap_or(0);
        level.indices[place] + u32::try_from(before).unwrap_or(u32::MAX)
    }
}

impl<'s, 'a> Level<'s, 'a> {
    fn new(outer: Option<usize>, types: &'s [Type<'a>]) -> Self {
        let variants = vec![BTreeSet::new(); types.len()];
        Self { outer, types, variants, indices: Vec::new(), uses: Vec::new(), inner: BTreeMap::new() }
    }
}
