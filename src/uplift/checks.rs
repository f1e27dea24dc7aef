//! Checks for what is refused, and says why in words.

use super::{
    Lifted,
    error::{CallRoute, Instead, UpliftError},
    instances::{self, Caller, TwoRoutes, Unfollowed},
    messaging::Function,
    traps::{self, SyncExports},
    variants::{Variants, VariantsError},
};
use crate::{
    common::DynError,
    types::{
        component::ComponentError,
        dialect::{Dialect, Messaging},
        interface::InterfaceId,
        shape::Shape,
    },
    wasm::{
        binary::Binary,
        outside::{Outside, outside},
        spaces::{How, Item, Scope},
    },
};
use std::collections::BTreeSet;
use wasmparser::ComponentExternalKind as Kind;

/// A component that is checked.
pub(super) struct Checks<'n> {
    /// The file.
    pub name: &'n str,
    /// The dialect that it is to have.
    pub form: Dialect,
}

impl Checks<'_> {
    /// Refuses a component that uses components which are not in it.
    pub fn complete(&self, scopes: &[Scope<'_>]) -> Result<(), UpliftError> {
        let mut definitions = scopes.iter().flat_map(|scope| &scope.definitions);
        let missing = definitions.find_map(|definition| match (definition.item?, &definition.how) {
            ((Kind::Component, _), How::Import { name, .. }) => Some((name, "which it imports")),
            ((Kind::Component, _), How::Alias { name, .. }) => Some((name, "which comes out of an instance")),
            _ => None,
        });
        let Some((component, why)) = missing else { return Ok(()) };
        let what = format!("the component `{component}`, {why}");
        Err(UpliftError::NotInIt { name: self.name.to_owned(), what })
    }

    /// Refuses a component that speaks an older draft: no host takes it, lifted or not.
    pub fn draft(&self, functions: &[Function<'_>]) -> Result<(), UpliftError> {
        let Some(first) = functions.first() else { return Ok(()) };
        let interfaces: Vec<_> = functions.iter().map(|function| &function.interface).collect();
        let signatures: Vec<_> = functions.iter().map(Function::signature).collect();
        match Shape::of(&first.interface, &interfaces, &signatures) {
            Some(Shape { origin, differs: Some(differs), .. }) => {
                Err(UpliftError::Draft { name: self.name.to_owned(), origin, differs })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a component that has an async function which is sync in the dialect.
    pub fn dialect(&self, functions: &[Function<'_>]) -> Result<(), UpliftError> {
        let is_in = |form: Dialect, function: &Function<'_>| form.lifts(&function.interface, &function.name);
        let is_async = functions.iter().filter(|function| function.is_async);
        let Some(function) = is_async.clone().find(|function| !is_in(self.form, function)) else { return Ok(()) };
        let fits = Dialect::ALL.into_iter().find(|form| is_async.clone().all(|function| is_in(*form, function)));
        Err(UpliftError::AlreadyAsync {
            name: self.name.to_owned(),
            function: function.full_name(),
            form: self.form,
            fits,
        })
    }

    /// Says what a component has instead of functions to lift.
    pub fn nothing_to_lift(&self, binary: &Binary<'_>, functions: &[Function<'_>]) -> UpliftError {
        let Outside { imports, exports } = match outside(&binary.skeleton) {
            Ok(outside) => outside,
            Err(error) => return self.invalid(error),
        };
        let interfaces = imports.iter().chain(&exports).filter_map(|name| name.parse::<InterfaceId>().ok());
        let (own, other): (Vec<_>, Vec<_>) = interfaces.filter(Messaging::is_messaging).partition(Dialect::is_of);
        let instead = if !own.is_empty() || !functions.is_empty() {
            let is_in_async = |function: &&Function<'_>| Dialect::Async.lifts(&function.interface, &function.name);
            let names: BTreeSet<_> = functions.iter().filter(is_in_async).map(Function::full_name).collect();
            Instead::Sync { in_async: names.into_iter().collect() }
        } else if !other.is_empty() {
            Instead::Messaging(other)
        } else {
            Instead::Other(if exports.is_empty() { imports } else { exports })
        };
        UpliftError::NothingToLift { name: self.name.to_owned(), form: self.form, instead }
    }

    /// Refuses a component that would not run once it is lifted.
    pub fn traps(
        &self,
        scopes: &[Scope<'_>],
        lifted: &Lifted<'_>,
        variants: &Variants<'_, '_>,
    ) -> Result<(), UpliftError> {
        let mut changed = lifted.classes_of_functions();
        // What is async already is as it was.
        changed.retain(|class| variants.changed(*class) > 0);
        let sync = match traps::sync_exports(scopes, &lifted.classes, &changed) {
            None => {
                instances::destructors(scopes, &lifted.classes, &changed).map_err(|error| self.unfollowed(error))?
            }
            sync => sync,
        };
        if let Some(SyncExports { component, exports, calls }) = sync {
            let functions = lifted.functions.iter().filter(|(class, _)| calls.contains(class));
            let mut in_mixed = functions.map(|(_, function)| Dialect::Mixed.lifts(&function.interface, &function.name));
            return Err(UpliftError::SyncExport {
                is_within: component + 1 < scopes.len(),
                component: self.component(scopes, component),
                exports,
                is_sync_in_mixed: self.form == Dialect::Async && !in_mixed.any(|is_lifted| is_lifted),
                calls: calls.into_iter().map(|class| lifted.name(class)).collect(),
            });
        }
        match instances::two_routes(scopes, &lifted.classes, &changed) {
            Ok(None) => Ok(()),
            Ok(Some(TwoRoutes { callee, callers })) => Err(UpliftError::TwoRoutes {
                component: self.component(scopes, callee),
                routes: Box::new(callers.map(|(caller, function)| CallRoute {
                    caller: match caller {
                        Caller::Host => "the host".to_owned(),
                        Caller::Component(place) => self.component(scopes, place),
                    },
                    function: lifted.name(function),
                })),
            }),
            Err(error) => Err(self.unfollowed(error)),
        }
    }

    fn unfollowed(&self, error: Unfollowed) -> UpliftError {
        match error {
            Unfollowed::TooMany => self.too_much(),
            Unfollowed::Missing(missing) => self.broken(missing),
        }
    }

    /// Names a component in words.
    fn component(&self, scopes: &[Scope<'_>], place: usize) -> String {
        let file = self.name;
        match name(scopes, place) {
            _ if place + 1 == scopes.len() => format!("`{file}`"),
            Some(name) => format!("`{name}` in `{file}`"),
            None => format!("a component in `{file}`"),
        }
    }

    /// The component is malformed.
    pub fn invalid(&self, source: impl Into<DynError>) -> UpliftError {
        ComponentError::Invalid { name: self.name.to_owned(), source: source.into() }.into()
    }

    /// Lifting failed by a bug.
    pub fn broken(&self, source: impl Into<DynError>) -> UpliftError {
        UpliftError::Broken { name: self.name.to_owned(), source: source.into() }
    }

    fn too_much(&self) -> UpliftError {
        UpliftError::TooMuch { name: self.name.to_owned() }
    }

    /// The variants of types cannot be told.
    pub fn variants(&self, error: &VariantsError) -> UpliftError {
        match error {
            VariantsError::TooMuch => self.too_much(),
            VariantsError::NoType => self.broken("something is of a type that is not there"),
            VariantsError::NotOwn => UpliftError::NotInIt {
                name: self.name.to_owned(),
                what: "the type of a function, which comes out of an instance".to_owned(),
            },
        }
    }
}

/// Returns the name of a component: its own, or else the first that a name section gives to it or to an instance of it.
fn name<'a>(scopes: &[Scope<'a>], place: usize) -> Option<&'a str> {
    let given = |scope: &Scope<'a>| {
        let component = |index: u32| scope.components.get(index as usize).copied().flatten();
        let instances = scope.definitions.iter().filter_map(|definition| match (definition.item?, &definition.how) {
            ((Kind::Instance, _), How::Instantiate { component: index, .. }) => Some(component(*index)),
            ((Kind::Instance, _), _) => Some(None),
            _ => None,
        });
        let instances: Vec<_> = instances.collect();
        let is_named = |(kind, index): Item| match kind {
            Kind::Component => component(index) == Some(place),
            _ => instances.get(index as usize) == Some(&Some(place)),
        };
        scope.names.iter().find(|(item, _)| is_named(*item)).map(|(_, name)| *name)
    };
    scopes[place].name.or_else(|| scopes.iter().find_map(given))
}
