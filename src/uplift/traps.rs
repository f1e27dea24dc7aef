//! What an engine would trap on, or do wrong, once functions are lifted.

use super::{
    scope::{Scope, Step, is_async},
    types::{Item, Label},
    wires::{Node, Wires},
};
use crate::types::{dialect::Form, interface::InterfaceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use wasmparser::ComponentExternalKind as Kind;

/// A component with sync functions from which lifted ones can be called.
pub(super) struct SyncExports {
    /// The component, by its place among all.
    pub component: usize,
    /// The names of the functions that stay sync.
    pub exports: Vec<String>,
    /// The lifted ones that it calls.
    pub calls: BTreeSet<Node>,
}

/// What `componentize-py` calls while it builds a guest, and leaves exported. Nobody calls it afterwards.
const CALLED_BY_BUILD: &str = "exports#init";

/// The first component whose code calls a lifted function and can be called by one that stays sync: from outside of all,
/// or from another component.
pub(super) fn sync_exports(scopes: &[Scope<'_>], wires: &Wires<'_>, lifted: &BTreeSet<Node>) -> Option<SyncExports> {
    let steps =
        |place: usize| scopes[place].steps.iter().enumerate().map(move |(at, step)| (step, wires.step(place, at)));
    let lowered = |place| steps(place).filter(|(step, _)| matches!(step, Step::Lower(_))).map(|(_, node)| node);
    let mut callable: BTreeSet<_> = (0..scopes.len()).flat_map(lowered).collect();
    callable.extend(exported(wires, wires.component(scopes.len().checked_sub(1)?)));
    (0..scopes.len()).find_map(|component| {
        let calls: BTreeSet<_> = lowered(component).filter(|node| lifted.contains(node)).collect();
        if calls.is_empty() {
            return None;
        }
        let stays_sync = |(step, node): (&Step<'_>, Node)| match step {
            Step::Lift { ty, .. } if !lifted.contains(&node) && !is_async(scopes, component, *ty) => Some(node),
            _ => None,
        };
        let sync: BTreeSet<_> =
            steps(component).filter_map(stays_sync).filter(|node| callable.contains(node)).collect();
        let mut exports = BTreeMap::new();
        for (label, node) in wires.under(wires.component(component)) {
            if let Label::Export(name) = label {
                find(wires, node, name, &sync, &mut exports);
            }
        }
        // What it does not export it gives to a component in it.
        for step in &scopes[component].steps {
            if let Step::Instantiate(place, arguments) = step {
                for (name, _) in arguments {
                    if let Some(argument) = wires.get(wires.component(*place), Label::Import(name)) {
                        find(wires, argument, name, &sync, &mut exports);
                    }
                }
            }
        }
        let calls_nothing = |export: &String| export == CALLED_BY_BUILD || is_of_resource(export);
        let exports: BTreeSet<_> = exports.into_values().filter(|export| !calls_nothing(export)).collect();
        (!exports.is_empty()).then(|| SyncExports { component, exports: exports.into_iter().collect(), calls })
    })
}

/// Whether an export is a function of a resource of messaging that is sync in all forms: these keep values, and call
/// nobody who may wait.
fn is_of_resource(export: &str) -> bool {
    let Some((interface, function)) = export.split_once('#') else { return false };
    let is_messaging = |id: InterfaceId| Form::is_of(&id) && !Form::Async.lifts(&id, function);
    function.starts_with('[') && interface.parse().is_ok_and(is_messaging)
}

/// All that is under the exports of a component.
fn exported(wires: &Wires<'_>, component: Node) -> BTreeSet<Node> {
    let (mut found, mut nodes) = (BTreeSet::new(), vec![component]);
    while let Some(node) = nodes.pop() {
        if found.insert(node) {
            let exports = wires.under(node).filter(|(label, _)| matches!(label, Label::Export(_)));
            nodes.extend(exports.map(|(_, node)| node));
        }
    }
    found
}

/// Finds those of these functions that are at or under a node of this name, and names them if nobody did before.
fn find(wires: &Wires<'_>, node: Node, name: &str, functions: &BTreeSet<Node>, found: &mut BTreeMap<Node, String>) {
    let mut seen = BTreeSet::new();
    let mut nodes = vec![(node, name.to_owned())];
    while let Some((node, name)) = nodes.pop() {
        if functions.contains(&node) {
            found.entry(node).or_insert(name);
        } else if seen.insert(node) {
            nodes.extend(wires.under(node).filter_map(|(label, node)| match label {
                Label::Export(inner) => Some((node, format!("{name}#{inner}"))),
                Label::Import(_) => None,
            }));
        }
    }
}

/// A lifted guest that is called from two sides.
pub(super) struct TwoRoutes {
    /// The component, by its place among all.
    pub callee: usize,
    /// Who calls it, and which function.
    pub callers: [(Caller, Node); 2],
}

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Caller {
    /// The host.
    Host,
    /// A component, by its place among all.
    Component(usize),
}

/// Instances of components are too many, or nested too deep, to be followed.
pub(super) struct TooMany;

/// How many instances are followed, and how deep. Far more than any tool makes.
const MAX_INSTANCES: usize = 10_000;
const MAX_DEPTH: usize = 100;

/// The first instance of a component whose lifted functions are called from two sides. An engine lets a sync
/// implementation of an async function run alone, but only against callers that call it as async.
pub(super) fn two_routes(
    scopes: &[Scope<'_>],
    wires: &Wires<'_>,
    lifted: &BTreeSet<Node>,
) -> Result<Option<TwoRoutes>, TooMany> {
    let mut run = Run { scopes, wires, lifted, instances: Vec::new(), callers: BTreeMap::new() };
    let outermost = scopes.len().saturating_sub(1);
    let exports = run.instantiate(outermost, &BTreeMap::new(), 0)?;
    let (mut values, mut seen) = (exports.into_values().collect::<Vec<_>>(), BTreeSet::new());
    while let Some(value) = values.pop() {
        match value {
            Value::Function(function) => run.call(function, None),
            Value::Instance(exports) if seen.insert(Rc::as_ptr(&exports)) => values.extend(exports.values().cloned()),
            Value::Instance(_) => {}
        }
    }
    let Run { instances, callers, .. } = run;
    let caller = |instance: &Option<usize>| instance.map_or(Caller::Host, |place| Caller::Component(instances[place]));
    Ok(callers.iter().find_map(|(callee, callers)| {
        let mut callers = callers.iter().map(|(instance, function)| (caller(instance), *function));
        Some(TwoRoutes { callee: instances[*callee], callers: [callers.next()?, callers.next()?] })
    }))
}

/// What is passed on between instances. A function has the instance that implements it, if it is of interest.
#[derive(Debug, Clone)]
enum Value<'a> {
    Function(Option<(usize, Node)>),
    Instance(Rc<BTreeMap<&'a str, Value<'a>>>),
}

struct Run<'r, 'a> {
    scopes: &'r [Scope<'a>],
    wires: &'r Wires<'a>,
    lifted: &'r BTreeSet<Node>,
    /// The component of each instance.
    instances: Vec<usize>,
    /// For each instance the instances that call it, and by what.
    callers: BTreeMap<usize, BTreeMap<Option<usize>, Node>>,
}

impl<'a> Run<'_, 'a> {
    /// A function is called by an instance, or by the host.
    fn call(&mut self, function: Option<(usize, Node)>, by: Option<usize>) {
        if let Some((instance, node)) = function {
            self.callers.entry(instance).or_default().entry(by).or_insert(node);
        }
    }

    /// Makes an instance; gives what it exports.
    fn instantiate(
        &mut self,
        component: usize,
        arguments: &BTreeMap<&'a str, Value<'a>>,
        depth: usize,
    ) -> Result<BTreeMap<&'a str, Value<'a>>, TooMany> {
        let instance = self.instances.len();
        if instance >= MAX_INSTANCES || depth > MAX_DEPTH {
            return Err(TooMany);
        }
        self.instances.push(component);
        let (mut spaces, mut exports) = (Spaces::default(), BTreeMap::new());
        let scopes = self.scopes;
        for (at, step) in scopes[component].steps.iter().enumerate() {
            match step {
                Step::Import(name, (kind, _)) => spaces.push(*kind, arguments.get(name).cloned()),
                Step::Export(name, item, _) => {
                    if let Some(value) = spaces.get(*item) {
                        exports.insert(*name, value.clone());
                        spaces.push(item.0, Some(value));
                    }
                }
                Step::Alias { kind, instance, name } => {
                    let value = match spaces.get((Kind::Instance, *instance)) {
                        Some(Value::Instance(exports)) => exports.get(name).cloned(),
                        _ => None,
                    };
                    spaces.push(*kind, value);
                }
                Step::Instantiate(place, items) => {
                    let made = self.instantiate(*place, &spaces.all(items), depth + 1)?;
                    spaces.push(Kind::Instance, Some(Value::Instance(made.into())));
                }
                Step::Bundle(items) => spaces.push(Kind::Instance, Some(Value::Instance(spaces.all(items).into()))),
                Step::Lift { is_sync, .. } => {
                    let node = self.wires.step(component, at);
                    let is_of_interest = *is_sync && self.lifted.contains(&node);
                    spaces.push(Kind::Func, Some(Value::Function(is_of_interest.then_some((instance, node)))));
                }
                Step::Lower(function) => {
                    if let Some(Value::Function(function)) = spaces.get((Kind::Func, *function)) {
                        self.call(function, Some(instance));
                    }
                }
            }
        }
        Ok(exports)
    }
}

/// What has an index in an instance.
#[derive(Default)]
struct Spaces<'a> {
    functions: Vec<Value<'a>>,
    instances: Vec<Value<'a>>,
}

impl<'a> Spaces<'a> {
    /// What is not known is the host's.
    fn push(&mut self, kind: Kind, value: Option<Value<'a>>) {
        match kind {
            Kind::Func => self.functions.push(value.unwrap_or(Value::Function(None))),
            Kind::Instance => self.instances.push(value.unwrap_or_else(|| Value::Instance(Rc::default()))),
            _ => {}
        }
    }

    fn get(&self, (kind, index): Item) -> Option<Value<'a>> {
        match kind {
            Kind::Func => self.functions.get(index as usize).cloned(),
            Kind::Instance => self.instances.get(index as usize).cloned(),
            _ => None,
        }
    }

    fn all(&self, items: &[(&'a str, Item)]) -> BTreeMap<&'a str, Value<'a>> {
        items.iter().filter_map(|(name, item)| Some((*name, self.get(*item)?))).collect()
    }
}
