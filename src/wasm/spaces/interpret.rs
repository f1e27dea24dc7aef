//! Interprets the definitions of a component: gives each item a value of some domain, in the order of the binary.

use super::{Definition, How, Item, KINDS, Scope};
use wasmparser::ComponentExternalKind as Kind;

/// Items by name, as values: the arguments of an instantiation, or the items in a bag.
pub(crate) type Named<'a, V> = Vec<(&'a str, V)>;

/// What an analysis knows of items, and how each kind of definition makes such a value.
///
/// Exports need no value of their own: an export is the item that it exports.
pub(crate) trait Domain<'a> {
    /// What is known of an item.
    type Value: Clone;
    /// Why the interpretation stops.
    type Error: From<Missing>;

    /// An item that the scope has itself, or that a scope around it has. Components have their place among all.
    fn own(&mut self, component: Option<usize>) -> Self::Value;

    /// An imported item.
    fn import(&mut self, kind: Kind, name: &'a str) -> Self::Value;

    /// An item that an instance exports.
    fn alias(&mut self, kind: Kind, instance: &Self::Value, name: &'a str) -> Self::Value;

    /// An instance of a component, which is made by the definition at `place`.
    fn instantiate(
        &mut self,
        place: usize,
        component: &Self::Value,
        arguments: Named<'a, Self::Value>,
    ) -> Result<Self::Value, Self::Error>;

    /// An instance that is put together of items.
    fn bag(&mut self, items: Named<'a, Self::Value>) -> Self::Value;

    /// The type of a resource with a destructor, which is the scope's own.
    fn destroyed(&mut self) -> Self::Value {
        self.own(None)
    }

    /// A function that the `canon lift` at `place` makes of a core function.
    fn canon_lift(&mut self, place: usize) -> Self::Value;

    /// A function that a `canon lower` makes callable for the core modules of the scope.
    fn canon_lower(&mut self, _function: &Self::Value) {}

    /// The scope exports an item.
    fn export(&mut self, _name: &'a str, _item: &Self::Value) {}
}

/// An item is used that is not there. Validation refuses such a component.
#[derive(Debug, thiserror::Error)]
#[error("an item is used that is not there")]
pub(crate) struct Missing;

/// Interprets a component. Returns a value for each definition: of the item that it makes, or of the function that it
/// lowers.
pub(crate) fn interpret<'a, D: Domain<'a>>(
    scope: &Scope<'a>,
    domain: &mut D,
) -> Result<Vec<Option<D::Value>>, D::Error> {
    let mut spaces = Spaces(scope.counts.map(|count| Vec::with_capacity(count as usize)));
    let mut values = Vec::with_capacity(scope.definitions.len());
    for (place, Definition { item, how }) in scope.definitions.iter().enumerate() {
        let value = match (how, *item) {
            (How::Import { name, .. }, Some((kind, _))) => domain.import(kind, name),
            (How::Alias { instance, name }, Some((kind, _))) => {
                domain.alias(kind, &spaces.get((Kind::Instance, *instance))?, name)
            }
            (How::Instantiate { component, arguments }, _) => {
                let component = spaces.get((Kind::Component, *component))?;
                domain.instantiate(place, &component, spaces.named(arguments)?)?
            }
            (How::Bag(items), _) => domain.bag(spaces.named(items)?),
            (How::CanonLift { .. }, _) => domain.canon_lift(place),
            (How::CanonLower(function), _) => {
                let function = spaces.get((Kind::Func, *function))?;
                domain.canon_lower(&function);
                function
            }
            (How::Export { name, item, .. }, _) => {
                let exported = spaces.get(*item)?;
                domain.export(name, &exported);
                exported
            }
            (How::Destroyed, _) => domain.destroyed(),
            (_, Some((Kind::Component, index))) => domain.own(scope.components.get(index as usize).copied().flatten()),
            (_, Some(_)) => domain.own(None),
            (_, None) => {
                values.push(None);
                continue;
            }
        };
        if let Some((kind, _)) = item {
            spaces.0[*kind as usize].push(value.clone());
        }
        values.push(Some(value));
    }
    Ok(values)
}

/// The values of all items so far, by kind and index.
struct Spaces<V>([Vec<V>; KINDS]);

impl<V: Clone> Spaces<V> {
    fn get(&self, (kind, index): Item) -> Result<V, Missing> {
        self.0[kind as usize].get(index as usize).cloned().ok_or(Missing)
    }

    fn named<'a>(&self, items: &[(&'a str, Item)]) -> Result<Named<'a, V>, Missing> {
        items.iter().map(|(name, item)| Ok((*name, self.get(*item)?))).collect()
    }
}
