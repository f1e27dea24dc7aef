//! The outermost level of a component: its instances, and where each of their arguments comes from.

use super::Endpoint;
use crate::wasm::spaces::{Definition, Domain, How, Item, Missing, Named, Scope, interpret};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use wasmparser::ComponentExternalKind as Kind;

/// The endpoints that an item comes from: one, or those of all items of a bag. None if the component makes it itself.
pub(super) type Ends = BTreeSet<Endpoint>;

/// A component that is instantiated.
#[derive(Debug)]
pub(super) struct Instantiation<'a> {
    /// What the composed component calls the instance, or else its component.
    pub name: Option<&'a str>,
    /// Each import, with where its argument comes from.
    pub arguments: Vec<(&'a str, Ends)>,
}

/// The outermost level of a component.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    /// The instances, in the order of the binary.
    pub instances: Vec<Instantiation<'a>>,
    /// The exports, with where each comes from.
    pub exports: Vec<(&'a str, Ends)>,
    /// The imports.
    pub imports: Vec<&'a str>,
    /// Whether the component runs code itself, beside the components that it instantiates.
    pub has_code: bool,
}

impl<'a> Outline<'a> {
    /// Follows all items of the last of these scopes, which is the outermost.
    pub fn of(scopes: &[Scope<'a>]) -> Result<Self, Missing> {
        let scope = scopes.last().ok_or(Missing)?;
        let mut names = BTreeMap::new();
        for Definition { item, how } in &scope.definitions {
            let name = match how {
                How::Import { name, .. } => Some(*name),
                How::Component(nested) => scopes[*nested].name,
                _ => None,
            };
            names.extend(item.zip(name).map(|(item, name)| (key(item), name)));
        }
        names.extend(scope.names.iter().map(|(item, name)| (key(*item), *name)));
        let mut drawing = Drawing { scope, names, outline: Self::default() };
        interpret(scope, &mut drawing)?;
        let has_code = scope.definitions.iter().any(|definition| matches!(definition.how, How::CoreInstance));
        Ok(Self { has_code, ..drawing.outline })
    }
}

/// An item that can be ordered.
type Key = (usize, u32);

fn key((kind, index): Item) -> Key {
    (kind as usize, index)
}

/// Where an item comes from.
#[derive(Debug, Clone)]
enum Origin<'a> {
    /// The host, or an instance that exports it, or that it is itself.
    At(Endpoint),
    /// A bag of other items.
    Bag(Rc<BTreeMap<&'a str, Origin<'a>>>),
    /// The component makes it itself.
    Own,
}

impl Origin<'_> {
    fn ends(&self) -> Ends {
        match self {
            Self::At(end) => Ends::from([*end]),
            Self::Bag(items) => items.values().flat_map(Self::ends).collect(),
            Self::Own => Ends::new(),
        }
    }
}

/// Interprets the outermost component.
struct Drawing<'d, 'a> {
    scope: &'d Scope<'a>,
    /// The names of instances and components: those from the name section go before those that a component has itself.
    names: BTreeMap<Key, &'a str>,
    outline: Outline<'a>,
}

impl<'a> Drawing<'_, 'a> {
    /// Returns the name of an instance that the definition at `place` makes.
    fn name(&self, place: usize) -> Option<&'a str> {
        let made = &self.scope.definitions[place];
        let How::Instantiate { component, .. } = made.how else { return None };
        let given = |item| self.names.get(&key(item)).copied();
        given(made.item?).or_else(|| given((Kind::Component, component)))
    }
}

impl<'a> Domain<'a> for Drawing<'_, 'a> {
    type Value = Origin<'a>;
    type Error = Missing;

    fn own(&mut self, _component: Option<usize>) -> Origin<'a> {
        Origin::Own
    }

    fn import(&mut self, _kind: Kind, name: &'a str) -> Origin<'a> {
        self.outline.imports.push(name);
        Origin::At(Endpoint::Host)
    }

    fn alias(&mut self, _kind: Kind, instance: &Origin<'a>, name: &'a str) -> Origin<'a> {
        match instance {
            Origin::Bag(items) => items.get(name).cloned().unwrap_or(Origin::Own),
            other => other.clone(),
        }
    }

    fn instantiate(
        &mut self,
        place: usize,
        _component: &Origin<'a>,
        arguments: Named<'a, Origin<'a>>,
    ) -> Result<Origin<'a>, Missing> {
        let arguments = arguments.into_iter().map(|(name, argument)| (name, argument.ends())).collect();
        self.outline.instances.push(Instantiation { name: self.name(place), arguments });
        Ok(Origin::At(Endpoint::Instance(self.outline.instances.len() - 1)))
    }

    fn bag(&mut self, items: Named<'a, Origin<'a>>) -> Origin<'a> {
        Origin::Bag(Rc::new(items.into_iter().collect()))
    }

    fn canon_lift(&mut self, _place: usize) -> Origin<'a> {
        Origin::Own
    }

    fn export(&mut self, name: &'a str, item: &Origin<'a>) {
        self.outline.exports.push((name, item.ends()));
    }
}
