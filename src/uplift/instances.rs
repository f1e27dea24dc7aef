//! Follows all instances as an engine makes them: who calls the lifted functions of whom, and whose resources are given to
//! others.

use super::{
    classes::{Class, Classes},
    traps::SyncExports,
};
use crate::{
    types::dialect::Dialect,
    wasm::spaces::{Domain, How, Missing, Named, Scope, interpret},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use wasmparser::ComponentExternalKind as Kind;

/// Returns the first component whose code calls a lifted function, and that has a resource with a destructor which others
/// can have called: an engine calls destructors as sync functions. Resources of messaging keep values, and their
/// destructors call nobody who may wait.
pub(super) fn destructors(
    scopes: &[Scope<'_>],
    classes: &Classes<'_>,
    lifted: &BTreeSet<Class>,
) -> Result<Option<SyncExports>, Unfollowed> {
    let (run, _) = Run::of(scopes, classes, lifted)?;
    let calls = |component: usize| -> BTreeSet<Class> {
        let definitions = scopes[component].definitions.iter().enumerate();
        let lowered = definitions.filter(|(_, made)| matches!(made.how, How::CanonLower(_)));
        lowered
            .filter_map(|(place, _)| classes.definition(component, place))
            .filter(|class| lifted.contains(class))
            .collect()
    };
    Ok(run.destroyed.into_iter().find_map(|(component, export)| {
        let calls = calls(component);
        (!calls.is_empty()).then(|| SyncExports { component, exports: vec![export], calls })
    }))
}

/// A component whose lifted functions are called from two sides.
pub(super) struct TwoRoutes {
    /// The component, by its place among all.
    pub callee: usize,
    /// Who calls it, and which function.
    pub callers: [(Caller, Class); 2],
}

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Caller {
    /// The host.
    Host,
    /// A component, by its place among all.
    Component(usize),
}

/// Why instances cannot be followed.
pub(super) enum Unfollowed {
    /// They are too many, or nested too deep.
    TooMany,
    /// An item is not there: a bug, for the component is valid.
    Missing(Missing),
}

impl From<Missing> for Unfollowed {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

/// How many instances are followed, and how deep. Far more than any tool makes.
const MAX_INSTANCES: usize = 10_000;
const MAX_DEPTH: usize = 100;

/// Returns the first instance whose lifted functions are called from two sides. An engine runs a sync implementation of
/// an async function alone, but only against callers that call it as async.
pub(super) fn two_routes(
    scopes: &[Scope<'_>],
    classes: &Classes<'_>,
    lifted: &BTreeSet<Class>,
) -> Result<Option<TwoRoutes>, Unfollowed> {
    let (mut run, exports) = Run::of(scopes, classes, lifted)?;
    let (mut values, mut seen) = (exports.into_values().collect::<Vec<_>>(), BTreeSet::new());
    while let Some(value) = values.pop() {
        if let Value::Instance(exports) = value {
            if seen.insert(Rc::as_ptr(&exports)) {
                values.extend(exports.values().cloned());
            }
        } else {
            run.call(&value, None);
        }
    }
    let Run { instances, callers, .. } = run;
    let caller = |instance: &Option<usize>| instance.map_or(Caller::Host, |place| Caller::Component(instances[place]));
    Ok(callers.iter().find_map(|(callee, callers)| {
        let mut callers = callers.iter().map(|(instance, function)| (caller(instance), *function));
        Some(TwoRoutes { callee: instances[*callee], callers: [callers.next()?, callers.next()?] })
    }))
}

/// Items by name: the arguments of an instance, or its exports.
type Items<'a> = BTreeMap<&'a str, Value<'a>>;

/// What is known of an item.
#[derive(Debug, Clone)]
enum Value<'a> {
    /// A lifted function, and the instance that implements it.
    Function(usize, Class),
    /// An instance, by what it exports.
    Instance(Rc<Items<'a>>),
    /// A component, by its place among all.
    Component(usize),
    /// The type of a resource with a destructor, and the instance that has that.
    Destroyed(usize),
    /// Something of the host, or of no interest.
    Other,
}

/// All instances, as an engine makes them.
struct Run<'r, 'a> {
    scopes: &'r [Scope<'a>],
    classes: &'r Classes<'a>,
    lifted: &'r BTreeSet<Class>,
    /// The component of each instance.
    instances: Vec<usize>,
    /// For each instance those that call it, and by what. None is the host.
    callers: BTreeMap<usize, BTreeMap<Option<usize>, Class>>,
    /// The components that others have destructors of, each with a name of the resource.
    destroyed: Vec<(usize, String)>,
}

impl<'r, 'a> Run<'r, 'a> {
    /// Makes all instances. Returns what the outermost exports.
    fn of(
        scopes: &'r [Scope<'a>],
        classes: &'r Classes<'a>,
        lifted: &'r BTreeSet<Class>,
    ) -> Result<(Self, Items<'a>), Unfollowed> {
        let (instances, callers, destroyed) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut run = Self { scopes, classes, lifted, instances, callers, destroyed };
        let exports = run.instantiate(scopes.len().saturating_sub(1), Items::new(), 0)?;
        Ok((run, exports))
    }

    /// An instance calls a function, or the host does.
    fn call(&mut self, function: &Value<'a>, by: Option<usize>) {
        if let Value::Function(instance, class) = function {
            self.callers.entry(*instance).or_default().entry(by).or_insert(*class);
        }
    }

    /// Makes an instance. Returns what it exports.
    fn instantiate(&mut self, component: usize, arguments: Items<'a>, depth: usize) -> Result<Items<'a>, Unfollowed> {
        let instance = self.instances.len();
        if instance >= MAX_INSTANCES || depth > MAX_DEPTH {
            return Err(Unfollowed::TooMany);
        }
        self.instances.push(component);
        let scopes = self.scopes;
        let mut making = Making { run: self, component, instance, depth, arguments, exports: Items::new() };
        interpret(&scopes[component], &mut making)?;
        let exports = making.exports;
        for (name, item) in &exports {
            self.give(instance, name, item);
        }
        Ok(exports)
    }

    /// An instance gives an item to others. They drop the resources of which they have the type.
    fn give(&mut self, instance: usize, name: &str, item: &Value<'a>) {
        match item {
            Value::Destroyed(of) if *of == instance => self.destroyed.push((self.instances[instance], name.to_owned())),
            Value::Instance(items) if !name.parse().is_ok_and(|id| Dialect::is_of(&id)) => {
                for (inner, item) in items.iter() {
                    self.give(instance, &format!("{name}#[dtor]{inner}"), item);
                }
            }
            _ => {}
        }
    }

    /// Returns whether a component has code of its own, or one within it has.
    fn has_code(&self, component: usize) -> bool {
        self.scopes[component].definitions.iter().any(|definition| match definition.how {
            How::CoreModule => true,
            How::Component(nested) => self.has_code(nested),
            _ => false,
        })
    }
}

/// Interprets a component for one instance of it.
struct Making<'m, 'r, 'a> {
    run: &'m mut Run<'r, 'a>,
    component: usize,
    instance: usize,
    depth: usize,
    arguments: Items<'a>,
    exports: Items<'a>,
}

impl<'a> Domain<'a> for Making<'_, '_, 'a> {
    type Value = Value<'a>;
    type Error = Unfollowed;

    fn own(&mut self, component: Option<usize>) -> Value<'a> {
        component.map_or(Value::Other, Value::Component)
    }

    fn import(&mut self, _kind: Kind, name: &'a str) -> Value<'a> {
        self.arguments.get(name).cloned().unwrap_or(Value::Other)
    }

    fn alias(&mut self, _kind: Kind, instance: &Value<'a>, name: &'a str) -> Value<'a> {
        let Value::Instance(exports) = instance else { return Value::Other };
        exports.get(name).cloned().unwrap_or(Value::Other)
    }

    fn instantiate(
        &mut self,
        _place: usize,
        component: &Value<'a>,
        arguments: Named<'a, Value<'a>>,
    ) -> Result<Value<'a>, Unfollowed> {
        let Value::Component(component) = component else { return Ok(Value::Other) };
        if self.run.has_code(*component) {
            for (name, argument) in &arguments {
                self.run.give(self.instance, name, argument);
            }
        }
        let exports = self.run.instantiate(*component, arguments.into_iter().collect(), self.depth + 1)?;
        Ok(Value::Instance(exports.into()))
    }

    fn bag(&mut self, items: Named<'a, Value<'a>>) -> Value<'a> {
        Value::Instance(Rc::new(items.into_iter().collect()))
    }

    fn destroyed(&mut self) -> Value<'a> {
        Value::Destroyed(self.instance)
    }

    fn canon_lift(&mut self, place: usize) -> Value<'a> {
        let is_async =
            matches!(self.run.scopes[self.component].definitions[place].how, How::CanonLift { is_async: true, .. });
        match self.run.classes.definition(self.component, place) {
            Some(class) if !is_async && self.run.lifted.contains(&class) => Value::Function(self.instance, class),
            _ => Value::Other,
        }
    }

    fn canon_lower(&mut self, function: &Value<'a>) {
        self.run.call(function, Some(self.instance));
    }

    fn export(&mut self, name: &'a str, item: &Value<'a>) {
        self.exports.insert(name, item.clone());
    }
}
