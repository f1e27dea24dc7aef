//! Finds what an engine would trap on, or do wrong, once functions are lifted.

use super::classes::{Class, Classes};
use crate::{
    types::{dialect::Dialect, interface::InterfaceId},
    wasm::spaces::{How, Label, Scope, Type},
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// A component that calls lifted functions and has functions that stay sync.
pub(super) struct SyncExports {
    /// The component, by its place among all.
    pub component: usize,
    /// The names of the functions that stay sync.
    pub exports: Vec<String>,
    /// The lifted functions that it calls.
    pub calls: BTreeSet<Class>,
}

/// The export that `componentize-py` calls while it builds a guest. It leaves it behind, and nobody calls it afterwards.
const CALLED_BY_BUILD: &str = "exports#init";

/// Returns the first component whose code calls a lifted function, and that has a function which stays sync and can be
/// called: from outside of all, or from another component.
pub(super) fn sync_exports(
    scopes: &[Scope<'_>],
    classes: &Classes<'_>,
    lifted: &BTreeSet<Class>,
) -> Option<SyncExports> {
    let definitions = |component: usize| {
        let definitions = scopes[component].definitions.iter().enumerate();
        definitions.filter_map(move |(place, made)| Some((&made.how, classes.definition(component, place)?)))
    };
    let lowered =
        |component| definitions(component).filter(|(how, _)| matches!(how, How::CanonLower(_))).map(|(_, class)| class);
    let mut callable: BTreeSet<_> = (0..scopes.len()).flat_map(lowered).collect();
    let mut exported = BTreeMap::new();
    name(classes, classes.component(scopes.len().checked_sub(1)?), "", &mut exported);
    callable.extend(exported.into_keys());
    (0..scopes.len()).find_map(|component| {
        let calls: BTreeSet<_> = lowered(component).filter(|class| lifted.contains(class)).collect();
        if calls.is_empty() {
            return None;
        }
        let stays_sync = |(how, class): (&How<'_>, Class)| match how {
            How::CanonLift { ty, .. } if !lifted.contains(&class) && !is_async(scopes, component, *ty) => Some(class),
            _ => None,
        };
        let sync = definitions(component).filter_map(stays_sync).filter(|class| callable.contains(class));
        let mut names = BTreeMap::new();
        for (label, class) in classes.under(classes.component(component)) {
            if let Label::Export(export) = label {
                name(classes, class, export, &mut names);
            }
        }
        // A function that it does not export, it may give to a component in it.
        for definition in &scopes[component].definitions {
            if let How::Instantiate { component: index, arguments } = &definition.how
                && let Some(Some(inner)) = scopes[component].components.get(*index as usize)
            {
                for (import, _) in arguments {
                    if let Some(argument) = classes.get(classes.component(*inner), Label::Import(import)) {
                        name(classes, argument, import, &mut names);
                    }
                }
            }
        }
        let calls_nothing =
            |export: &String| export == CALLED_BY_BUILD || is_of_resource(export) || is_asked_for_topics(export);
        let exports = sync.filter_map(|class| names.remove(&class)).filter(|export| !calls_nothing(export));
        let exports: BTreeSet<_> = exports.collect();
        (!exports.is_empty()).then(|| SyncExports { component, exports: exports.into_iter().collect(), calls })
    })
}

/// Returns whether a type of a component is that of an async function.
fn is_async(scopes: &[Scope<'_>], mut component: usize, mut ty: u32) -> bool {
    loop {
        match scopes[component].types.get(ty as usize) {
            Some(Type::Function { is_async }) => return *is_async,
            Some(Type::Same(other)) => ty = *other,
            Some(Type::Outer { count, index }) => {
                let Some(up) = (0..*count).try_fold(component, |place, _| scopes[place].outer) else { return false };
                (component, ty) = (up, *index);
            }
            _ => return false,
        }
    }
}

/// Returns whether an export is a function of a resource of messaging that is sync in all dialects. Such functions keep
/// values, and call nobody who may wait.
fn is_of_resource(export: &str) -> bool {
    let Some((interface, function)) = export.split_once('#') else { return false };
    let is_messaging = |id: InterfaceId| Dialect::is_of(&id) && !Dialect::Async.lifts(&id, function);
    function.starts_with('[') && interface.parse().is_ok_and(is_messaging)
}

/// Returns whether an export is `configure` of a handler, by which the host asks for topics before there is a message to
/// wait for.
fn is_asked_for_topics(export: &str) -> bool {
    let Some((interface, "configure")) = export.split_once('#') else { return false };
    interface.parse().is_ok_and(|id: InterfaceId| Dialect::is_of(&id) && id.interface() == "incoming-handler")
}

/// Names a class and all classes under its exports. A class that has a name already keeps it.
fn name(classes: &Classes<'_>, class: Class, name: &str, names: &mut BTreeMap<Class, String>) {
    let mut open = vec![(class, name.to_owned())];
    while let Some((class, name)) = open.pop() {
        let Entry::Vacant(entry) = names.entry(class) else { continue };
        let name = entry.insert(name);
        open.extend(classes.under(class).filter_map(|(label, class)| match label {
            Label::Export(inner) => Some((class, format!("{name}#{inner}"))),
            Label::Import(_) => None,
        }));
    }
}
