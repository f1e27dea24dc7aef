//! What of a type is lifted, as a value that can be compared: nothing, the function that it is, or something in it.

use super::{
    types::Label,
    wires::{Node, Wires},
};
use std::collections::{BTreeMap, BTreeSet};

/// How deep instances may be nested in instances. Far more than any tool makes.
const MAX_DEPTH: usize = 200;

/// What of something is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lift(usize);

impl Lift {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// It is a function, and is lifted.
    pub const FUNCTION: Self = Self(1);
}

/// Something is nested too deep.
#[derive(Debug)]
pub(super) struct TooDeep;

/// All that were asked for, each once.
#[derive(Debug)]
pub(super) struct Lifts<'a> {
    /// Of each what of the things in it is lifted.
    inside: Vec<BTreeMap<Label<'a>, Lift>>,
    known: BTreeMap<BTreeMap<Label<'a>, Lift>, Lift>,
    /// The functions that are lifted.
    functions: BTreeSet<Node>,
    nodes: BTreeMap<Node, Lift>,
}

impl<'a> Lifts<'a> {
    /// For these functions.
    pub fn of(functions: BTreeSet<Node>) -> Self {
        let nothing = BTreeMap::new();
        Self {
            inside: vec![nothing.clone(); 2],
            known: BTreeMap::from([(nothing, Lift::NOTHING)]),
            functions,
            nodes: BTreeMap::new(),
        }
    }

    /// What of a node is lifted.
    pub fn node(&mut self, wires: &Wires<'a>, node: Node) -> Result<Lift, TooDeep> {
        self.nested(wires, wires.find(node), 0)
    }

    fn nested(&mut self, wires: &Wires<'a>, node: Node, depth: usize) -> Result<Lift, TooDeep> {
        if let Some(lift) = self.nodes.get(&node) {
            return Ok(*lift);
        }
        if depth > MAX_DEPTH {
            return Err(TooDeep);
        }
        let lift = if self.functions.contains(&node) {
            Lift::FUNCTION
        } else {
            let mut inside = BTreeMap::new();
            for (label, under) in wires.under(node) {
                inside.insert(label, self.nested(wires, under, depth + 1)?);
            }
            self.together(inside)
        };
        self.nodes.insert(node, lift);
        Ok(lift)
    }

    /// What is lifted of something of which this is lifted at one place.
    pub fn at(&self, lift: Lift, label: Label<'_>) -> Lift {
        self.inside[lift.0].get(&label).copied().unwrap_or(Lift::NOTHING)
    }

    /// What is lifted of something that has these in it.
    pub fn together(&mut self, mut inside: BTreeMap<Label<'a>, Lift>) -> Lift {
        inside.retain(|_, lift| *lift != Lift::NOTHING);
        let next = Lift(self.inside.len());
        let lift = *self.known.entry(inside.clone()).or_insert(next);
        if lift == next {
            self.inside.push(inside);
        }
        lift
    }
}
