//! Which copies of each type are needed. A type may be used by functions that are lifted and by others that are not; then
//! its scope gets it once for each way in which it is used. One that is used in one way only stays one.

use super::{
    lift::{Lift, Lifts, TooDeep},
    scope::{Scope, Step},
    types::{Body, Label, Type},
    wires::{Node, Wires},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wasmparser::ComponentExternalKind as Kind;

/// How many scopes the copies may have. Far more than any tool makes of a component.
const MAX_LEVELS: usize = 1_000_000;

/// Why it cannot be told which copies are needed.
#[derive(Debug)]
pub(super) enum CopiesError {
    /// Something is nested too deep, or used in too many ways.
    TooMuch,
    /// A type is not there that something is of: a bug, for the component is valid.
    NoType,
    /// The type of a lifted function comes out of an instance.
    NotOwn,
}

impl From<TooDeep> for CopiesError {
    fn from(_: TooDeep) -> Self {
        Self::TooMuch
    }
}

/// A scope as it is to be: a component, or one copy of the type of an instance or component.
#[derive(Debug)]
pub(super) struct Level<'s, 'a> {
    outer: Option<usize>,
    types: &'s [Type<'a>],
    /// Of each type the copies, by what of it is lifted.
    copies: Vec<BTreeSet<Lift>>,
    /// Where each type begins, with the copies of those before it.
    indices: Vec<u32>,
    /// For each use of a type, which copy.
    uses: Vec<Lift>,
    /// The scopes of copies, by type.
    inner: BTreeMap<(usize, Lift), usize>,
}

/// All scopes of a component, with the copies in each.
#[derive(Debug)]
pub(super) struct Copies<'s, 'a> {
    /// The components by place, and all else behind them.
    levels: Vec<Level<'s, 'a>>,
    /// The types that become async, by the function that they become so for.
    changed: BTreeMap<Node, BTreeSet<(usize, usize)>>,
}

impl<'s, 'a> Copies<'s, 'a> {
    /// For these functions, each by the node that stands for it.
    pub fn of(scopes: &'s [Scope<'a>], wires: &Wires<'a>, functions: BTreeSet<Node>) -> Result<Self, CopiesError> {
        let levels = scopes.iter().map(|scope| Level::new(scope.outer, &scope.types)).collect();
        let copies = Self { levels, changed: BTreeMap::new() };
        let mut search = Search {
            copies,
            wires,
            lifts: Lifts::of(functions),
            seen: BTreeSet::new(),
            queue: VecDeque::new(),
            bodies: BTreeMap::new(),
        };
        search.run(scopes)?;
        Ok(search.copies)
    }

    /// How many types become async for a function.
    pub fn changed(&self, function: Node) -> usize {
        self.changed.get(&function).map_or(0, BTreeSet::len)
    }

    /// Whether any type becomes async.
    pub fn change_anything(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Whether something of a type of a component becomes async.
    pub fn change(&self, level: usize) -> bool {
        self.levels[level].copies.iter().flatten().any(|lift| *lift != Lift::NOTHING)
    }

    /// Whether types of a scope have other indices than before.
    pub fn shift(&self, level: usize) -> bool {
        self.levels[level].copies.iter().any(|copies| copies.len() > 1)
    }

    /// The copies of a type, in their order.
    pub fn copies(&self, level: usize, ty: usize) -> impl Iterator<Item = Lift> + use<> {
        self.levels[level].copies.get(ty).cloned().unwrap_or_default().into_iter()
    }

    /// Which copy of its type a use in a scope has.
    pub fn used(&self, level: usize, used: usize) -> Lift {
        self.levels[level].uses.get(used).copied().unwrap_or(Lift::NOTHING)
    }

    /// The scope of a copy of the type of an instance or component.
    pub fn inner(&self, level: usize, ty: usize, copy: Lift) -> Option<usize> {
        self.levels[level].inner.get(&(ty, copy)).copied()
    }

    /// The scope so many levels up.
    pub fn up(&self, level: usize, count: u32) -> Option<usize> {
        (0..count).try_fold(level, |level, _| self.levels[level].outer)
    }

    /// The new index of a copy of a type.
    pub fn index(&self, level: usize, ty: u32, copy: Lift) -> u32 {
        let level = &self.levels[level];
        let mut place = ty as usize;
        // What only has another name has no copies.
        while let (Some(Type::Same(other)), true) = (level.types.get(place), copy != Lift::NOTHING) {
            place = *other as usize;
        }
        let Some(copies) = level.copies.get(place) else { return ty };
        let before = copies.iter().position(|other| *other == copy).unwrap_or(0);
        level.indices[place] + u32::try_from(before).unwrap_or(u32::MAX)
    }
}

impl<'s, 'a> Level<'s, 'a> {
    fn new(outer: Option<usize>, types: &'s [Type<'a>]) -> Self {
        let copies = vec![BTreeSet::new(); types.len()];
        Self { outer, types, copies, indices: Vec::new(), uses: Vec::new(), inner: BTreeMap::new() }
    }
}

struct Search<'w, 's, 'a> {
    copies: Copies<'s, 'a>,
    wires: &'w Wires<'a>,
    lifts: Lifts<'a>,
    /// The types in scopes that were looked at, for a node.
    seen: BTreeSet<(usize, usize, Option<Node>)>,
    /// Those that are to be.
    queue: VecDeque<(usize, u32, Option<Node>)>,
    /// What of types of instances and components changes: some are used very often.
    bodies: BTreeMap<(*const Body<'a>, Lift), Lift>,
}

impl<'s, 'a> Search<'_, 's, 'a> {
    fn run(&mut self, scopes: &'s [Scope<'a>]) -> Result<(), CopiesError> {
        for (place, scope) in scopes.iter().enumerate() {
            for (number, step) in scope.steps.iter().enumerate() {
                if let Some(ty) = step.used_type() {
                    self.use_type(place, ty, Some(self.wires.step(place, number)))?;
                }
                let items = match step {
                    Step::Instantiate(_, items) | Step::Bundle(items) => &items[..],
                    _ => &[],
                };
                let types = items.iter().filter(|(_, (kind, _))| *kind == Kind::Type);
                self.queue.extend(types.map(|(_, (_, ty))| (place, *ty, None)));
            }
        }
        self.drain()?;
        // What nobody uses stays as it is.
        let mut place = 0;
        while let Some(level) = self.copies.levels.get(place) {
            let unused = level.copies.iter().zip(0..).filter(|(copies, _)| copies.is_empty());
            self.queue.extend(unused.map(|(_, ty)| (place, ty, None)));
            self.drain()?;
            place += 1;
        }
        for level in &mut self.copies.levels {
            let mut next = 0;
            for copies in &level.copies {
                level.indices.push(next);
                next = u32::try_from(copies.len())
                    .ok()
                    .and_then(|count| next.checked_add(count))
                    .ok_or(CopiesError::TooMuch)?;
            }
        }
        Ok(())
    }

    /// Something in a scope is of a type: gives it the copy that it needs.
    fn use_type(&mut self, level: usize, ty: u32, node: Option<Node>) -> Result<(), CopiesError> {
        let lift = self.lift(level, ty, node)?;
        self.copies.levels[level].uses.push(lift);
        self.queue.push_back((level, ty, node.filter(|_| lift != Lift::NOTHING)));
        Ok(())
    }

    /// What of a type must be lifted for a node.
    fn lift(&mut self, level: usize, ty: u32, node: Option<Node>) -> Result<Lift, CopiesError> {
        let Some(node) = node else { return Ok(Lift::NOTHING) };
        let lift = self.lifts.node(self.wires, node)?;
        if lift == Lift::NOTHING {
            return Ok(lift);
        }
        let levels = &self.copies.levels;
        let mut around: Vec<_> =
            std::iter::successors(Some(level), |level| levels[*level].outer).map(|level| levels[level].types).collect();
        around.reverse();
        self.of_type(lift, &around, ty)
    }

    /// What of a type changes when this is lifted. `around` are the types of the scopes that it is in, from the outside
    /// in.
    fn of_type(&mut self, lift: Lift, mut around: &[&'s [Type<'a>]], mut ty: u32) -> Result<Lift, CopiesError> {
        loop {
            let types = around.last().ok_or(CopiesError::NoType)?;
            match types.get(ty as usize).ok_or(CopiesError::NoType)? {
                Type::Same(other) => ty = *other,
                Type::Outer { count, index } => {
                    let up = around.len().checked_sub(*count as usize).ok_or(CopiesError::NoType)?;
                    (around, ty) = (&around[..up], *index);
                }
                // What is async already stays as it is.
                Type::Function { is_async: true } => return Ok(Lift::NOTHING),
                Type::Function { is_async: false } if lift == Lift::FUNCTION => return Ok(lift),
                Type::Body(body) => {
                    let key = (std::ptr::from_ref(body), lift);
                    if let Some(known) = self.bodies.get(&key) {
                        return Ok(*known);
                    }
                    let around: Vec<_> = around.iter().copied().chain([&body.types[..]]).collect();
                    let mut inside = BTreeMap::new();
                    for (label, ty) in &body.externs {
                        let lift = self.lifts.at(lift, *label);
                        if lift != Lift::NOTHING {
                            inside.insert(*label, self.of_type(lift, &around, *ty)?);
                        }
                    }
                    let lift = self.lifts.together(inside);
                    self.bodies.insert(key, lift);
                    return Ok(lift);
                }
                Type::Other => return Err(CopiesError::NotOwn),
                Type::Function { .. } => return Err(CopiesError::NoType),
            }
        }
    }

    fn drain(&mut self) -> Result<(), CopiesError> {
        while let Some((level, ty, node)) = self.queue.pop_front() {
            if self.copies.levels.len() > MAX_LEVELS || self.queue.len() > MAX_LEVELS {
                return Err(CopiesError::TooMuch);
            }
            self.need(level, ty, node)?;
        }
        Ok(())
    }

    /// A type is needed as it is, or for a node.
    fn need(&mut self, level: usize, ty: u32, node: Option<Node>) -> Result<(), CopiesError> {
        let place = ty as usize;
        if !self.seen.insert((level, place, node)) {
            return Ok(());
        }
        let lift = self.lift(level, ty, node)?;
        let kind = self.copies.levels[level].types.get(place).ok_or(CopiesError::NoType)?;
        // Another name is one of the type as it is.
        let own = if matches!(kind, Type::Same(_)) { Lift::NOTHING } else { lift };
        self.copies.levels[level].copies[place].insert(own);
        match kind {
            Type::Same(other) => self.queue.extend([(level, *other, None), (level, *other, node)]),
            Type::Outer { count, index } => {
                let up = self.copies.up(level, *count).ok_or(CopiesError::NoType)?;
                self.queue.push_back((up, *index, node));
            }
            Type::Body(body) => self.body(level, place, body, lift, node)?,
            Type::Function { .. } => {
                if let (Some(node), Lift::FUNCTION) = (node, lift) {
                    self.copies.changed.entry(node).or_default().insert((level, place));
                }
            }
            Type::Other => {}
        }
        Ok(())
    }

    /// A copy of the type of an instance or component is needed, and what it uses.
    fn body(
        &mut self,
        level: usize,
        ty: usize,
        body: &'s Body<'a>,
        lift: Lift,
        node: Option<Node>,
    ) -> Result<(), CopiesError> {
        let known = self.copies.levels[level].inner.get(&(ty, lift)).copied();
        let inner = known.unwrap_or_else(|| {
            self.copies.levels.push(Level::new(Some(level), &body.types));
            let inner = self.copies.levels.len() - 1;
            self.copies.levels[level].inner.insert((ty, lift), inner);
            inner
        });
        for (label, ty) in &body.externs {
            let label: Label<'a> = *label;
            let under = node.and_then(|node| self.wires.get(node, label));
            if known.is_none() {
                self.use_type(inner, *ty, under)?;
            } else if self.lift(inner, *ty, under)? != Lift::NOTHING {
                // The same copy, for another function.
                self.queue.push_back((inner, *ty, under));
            }
        }
        Ok(())
    }
}
