//! Finds out which functions are the same function, under whichever names they are passed on.
//!
//! Each function, instance and component belongs to a *class* of a union-find. A class has other classes under it: those
//! of its imports and exports, by label. An item that is passed on joins two classes, and all that are under them. In the
//! end a function that goes from component to component is in one class.
//!
//! Example: `(instance $a (instantiate $clerk (with "stock" (func $f))))` joins the class of `$f` with the class under
//! `$clerk` that is labelled "import `stock`". All instances of a component are in the class of the component: types are
//! written once for a component, however often it is instantiated.

use crate::wasm::spaces::{Domain, Label, Missing, Named, Scope, interpret};
use std::collections::BTreeMap;
use wasmparser::ComponentExternalKind as Kind;

/// A class of functions, instances or components that are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class(usize);

/// The classes of a component and of all that are nested in it.
#[derive(Debug, Default)]
pub(super) struct Classes<'a> {
    /// For each class another that it was joined with, or itself.
    joined: Vec<Class>,
    under: Vec<BTreeMap<Label<'a>, Class>>,
    /// For each component its class.
    components: Vec<Class>,
    /// For each component the classes of its definitions.
    definitions: Vec<Vec<Option<Class>>>,
}

impl<'a> Classes<'a> {
    /// Follows everything that is passed on.
    pub fn of(scopes: &[Scope<'a>]) -> Result<Self, Missing> {
        let mut classes = Self::default();
        classes.components = scopes.iter().map(|_| classes.add()).collect();
        for (place, scope) in scopes.iter().enumerate() {
            let component = classes.components[place];
            let definitions = interpret(scope, &mut Joining { classes: &mut classes, component })?;
            classes.definitions.push(definitions.into_iter().map(Option::flatten).collect());
        }
        for place in 0..classes.joined.len() {
            classes.shorten(Class(place));
        }
        Ok(classes)
    }

    /// Returns the class of a component.
    pub fn component(&self, place: usize) -> Class {
        self.find(self.components[place])
    }

    /// Returns the class of the item that a definition of a component makes, or of the function that it lowers.
    pub fn definition(&self, component: usize, place: usize) -> Option<Class> {
        self.definitions[component][place].map(|class| self.find(class))
    }

    /// Returns the class that stands for all that it was joined with.
    pub fn find(&self, mut class: Class) -> Class {
        while self.joined[class.0] != class {
            class = self.joined[class.0];
        }
        class
    }

    /// Does the same, and makes the way there shorter.
    fn shorten(&mut self, mut class: Class) -> Class {
        while self.joined[class.0] != class {
            let next = self.joined[self.joined[class.0].0];
            self.joined[class.0] = next;
            class = next;
        }
        class
    }

    /// Returns the classes under a class that somebody asked for.
    pub fn under(&self, class: Class) -> impl Iterator<Item = (Label<'a>, Class)> {
        self.under[self.find(class).0].iter().map(|(label, class)| (*label, self.find(*class)))
    }

    /// Returns the class under a class at a label, if somebody asked for it.
    pub fn get(&self, class: Class, label: Label<'_>) -> Option<Class> {
        self.under[self.find(class).0].get(&label).map(|class| self.find(*class))
    }

    /// Returns the class under a class at a label.
    pub fn at(&mut self, class: Class, label: Label<'a>) -> Class {
        let class = self.shorten(class);
        if let Some(found) = self.get(class, label) {
            return found;
        }
        let new = self.add();
        self.under[class.0].insert(label, new);
        new
    }

    fn add(&mut self) -> Class {
        let class = Class(self.joined.len());
        self.joined.push(class);
        self.under.push(BTreeMap::new());
        class
    }

    fn join(&mut self, one: Class, other: Class) {
        let mut pairs = vec![(one, other)];
        while let Some((one, other)) = pairs.pop() {
            let (mut to, mut from) = (self.shorten(one), self.shorten(other));
            if to == from {
                continue;
            }
            // The smaller into the larger, so that joining all takes little more than time for each.
            if self.under[to.0].len() < self.under[from.0].len() {
                (to, from) = (from, to);
            }
            self.joined[from.0] = to;
            for (label, class) in std::mem::take(&mut self.under[from.0]) {
                match self.under[to.0].get(&label) {
                    Some(there) => pairs.push((*there, class)),
                    None => drop(self.under[to.0].insert(label, class)),
                }
            }
        }
    }

    /// Joins items with what is under a class, each at the label of its name.
    fn join_under(&mut self, class: Class, label: fn(&'a str) -> Label<'a>, items: Named<'a, Option<Class>>) {
        for (name, item) in items {
            if let Some(item) = item {
                let under = self.at(class, label(name));
                self.join(item, under);
            }
        }
    }
}

/// Interprets one component: the value of a function, instance or component is its class.
struct Joining<'c, 'a> {
    classes: &'c mut Classes<'a>,
    component: Class,
}

/// Whether items of a kind are or contain functions.
fn is_followed(kind: Kind) -> bool {
    matches!(kind, Kind::Func | Kind::Instance | Kind::Component)
}

impl<'a> Domain<'a> for Joining<'_, 'a> {
    type Value = Option<Class>;
    type Error = Missing;

    fn own(&mut self, component: Option<usize>) -> Option<Class> {
        component.map(|place| self.classes.components[place])
    }

    fn import(&mut self, kind: Kind, name: &'a str) -> Option<Class> {
        is_followed(kind).then(|| self.classes.at(self.component, Label::Import(name)))
    }

    fn alias(&mut self, kind: Kind, instance: &Option<Class>, name: &'a str) -> Option<Class> {
        let instance = instance.filter(|_| is_followed(kind))?;
        Some(self.classes.at(instance, Label::Export(name)))
    }

    fn instantiate(
        &mut self,
        _place: usize,
        component: &Option<Class>,
        arguments: Named<'a, Option<Class>>,
    ) -> Result<Option<Class>, Missing> {
        let component = component.ok_or(Missing)?;
        self.classes.join_under(component, Label::Import, arguments);
        Ok(Some(component))
    }

    fn bag(&mut self, items: Named<'a, Option<Class>>) -> Option<Class> {
        let bag = self.classes.add();
        self.classes.join_under(bag, Label::Export, items);
        Some(bag)
    }

    fn canon_lift(&mut self, _place: usize) -> Option<Class> {
        Some(self.classes.add())
    }

    fn export(&mut self, name: &'a str, item: &Option<Class>) {
        self.classes.join_under(self.component, Label::Export, vec![(name, *item)]);
    }
}
