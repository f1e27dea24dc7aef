//! Lift sets: which functions in an item are lifted.
//!
//! The lift set of a function is all or nothing. The lift set of an instance or component says for each label the lift set
//! of the child there. Example: where `request` is lifted and `reply` is not, the lift set of `request-reply` is
//! {export `request`: the function}. Two uses of a type need the same variant of it if they have equal lift sets, so each
//! set is kept once and compared by its number.

use super::classes::{Class, Classes};
use crate::wasm::spaces::Label;
use std::collections::{BTreeMap, BTreeSet};

/// How deep instances may be nested in instances. Far more than any tool makes.
const MAX_DEPTH: usize = 200;

/// The number of a lift set in its [`LiftSets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LiftSet(usize);

impl LiftSet {
    /// Nothing is lifted.
    pub const NOTHING: Self = Self(0);
    /// The item is a function, and is lifted.
    pub const FUNCTION: Self = Self(1);
}

/// Instances are nested too deep.
#[derive(Debug)]
pub(super) struct TooDeep;

/// The lift sets that were asked for, each once.
#[derive(Debug)]
pub(super) struct LiftSets<'a> {
    /// For each lift set those of the children.
    children: Vec<BTreeMap<Label<'a>, LiftSet>>,
    known: BTreeMap<BTreeMap<Label<'a>, LiftSet>, LiftSet>,
    /// The functions that are lifted.
    functions: BTreeSet<Class>,
    classes: BTreeMap<Class, LiftSet>,
}

impl<'a> LiftSets<'a> {
    /// Starts with the functions that are lifted.
    pub fn of(functions: BTreeSet<Class>) -> Self {
        let nothing = BTreeMap::new();
        Self {
            children: vec![nothing.clone(); 2],
            known: BTreeMap::from([(nothing, LiftSet::NOTHING)]),
            functions,
            classes: BTreeMap::new(),
        }
    }

    /// Returns the lift set of a class.
    pub fn class(&mut self, classes: &Classes<'a>, class: Class) -> Result<LiftSet, TooDeep> {
        self.nested(classes, classes.find(class), 0)
    }

    fn nested(&mut self, classes: &Classes<'a>, class: Class, depth: usize) -> Result<LiftSet, TooDeep> {
        if let Some(set) = self.classes.get(&class) {
            return Ok(*set);
        }
        if depth > MAX_DEPTH {
            return Err(TooDeep);
        }
        let set = if self.functions.contains(&class) {
            LiftSet::FUNCTION
        } else {
            let mut children = BTreeMap::new();
            for (label, under) in classes.under(class) {
                children.insert(label, self.nested(classes, under, depth + 1)?);
            }
            self.with_children(children)
        };
        self.classes.insert(class, set);
        Ok(set)
    }

    /// Returns the lift set of the child at `label`.
    pub fn child(&self, set: LiftSet, label: Label<'_>) -> LiftSet {
        self.children[set.0].get(&label).copied().unwrap_or(LiftSet::NOTHING)
    }

    /// Returns the lift set of an item whose children have these lift sets.
    pub fn with_children(&mut self, mut children: BTreeMap<Label<'a>, LiftSet>) -> LiftSet {
        children.retain(|_, set| *set != LiftSet::NOTHING);
        let next = LiftSet(self.children.len());
        let set = *self.known.entry(children.clone()).or_insert(next);
        if set == next {
            self.children.push(children);
        }
        set
    }
}
