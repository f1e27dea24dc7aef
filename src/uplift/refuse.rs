//! What is refused, and in which words.

use super::{
    Lifted, Route,
    copies::{Copies, CopiesError},
    error::{Instead, UpliftError},
    scope::{Scope, ScopeError},
    speech::Function,
    traps::{self, Caller, SyncExports, TwoRoutes},
};
use crate::{
    common::DynError,
    types::{
        component::ComponentError,
        dialect::{Dialect, Form},
        interface::InterfaceId,
    },
    wasm::{
        binary::Binary,
        outside::{Outside, outside},
    },
};
use std::collections::BTreeSet;
use wasmparser::BinaryReaderError;

/// A component that may have to be refused.
pub(super) struct Refusing<'n> {
    /// The file.
    pub name: &'n str,
    /// The form that it was to have.
    pub form: Form,
}

impl Refusing<'_> {
    /// Refuses a component that has a function async which the form has sync.
    pub fn check_form(&self, functions: &[Function<'_>]) -> Result<(), UpliftError> {
        let is_in = |form: Form, function: &Function<'_>| form.lifts(&function.interface, &function.name);
        let is_async = functions.iter().filter(|function| function.is_async);
        let Some(function) = is_async.clone().find(|function| !is_in(self.form, function)) else { return Ok(()) };
        let fits = Form::ALL.into_iter().find(|form| is_async.clone().all(|function| is_in(*form, function)));
        Err(UpliftError::AlreadyAsync {
            name: self.name.to_owned(),
            function: function.full_name(),
            form: self.form,
            fits,
        })
    }

    pub fn nothing_to_lift(&self, binary: &Binary<'_>, functions: &[Function<'_>]) -> UpliftError {
        let Outside { imports, exports } = match outside(&binary.skeleton) {
            Ok(outside) => outside,
            Err(error) => return self.invalid(error),
        };
        let interfaces = imports.iter().chain(&exports).filter_map(|name| name.parse::<InterfaceId>().ok());
        let (own, other): (Vec<_>, Vec<_>) = interfaces.filter(Dialect::is_messaging).partition(Form::is_of);
        let instead = if !own.is_empty() || !functions.is_empty() {
            let is_in_async = |function: &&Function<'_>| Form::Async.lifts(&function.interface, &function.name);
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
    pub fn check_traps(
        &self,
        scopes: &[Scope<'_>],
        lifted: &Lifted<'_>,
        copies: &Copies<'_, '_>,
    ) -> Result<(), UpliftError> {
        let mut nodes = lifted.nodes();
        // What is async already is as it was.
        nodes.retain(|node| copies.changed(*node) > 0);
        if let Some(SyncExports { component, exports, calls }) = traps::sync_exports(scopes, &lifted.wires, &nodes) {
            let functions = lifted.functions.iter().filter(|(node, _)| calls.contains(node));
            let mut in_mixed = functions.map(|(_, function)| Form::Mixed.lifts(&function.interface, &function.name));
            return Err(UpliftError::SyncExport {
                is_within: component + 1 < scopes.len(),
                component: self.component(scopes, component),
                exports,
                is_sync_in_mixed: self.form == Form::Async && !in_mixed.any(|is_lifted| is_lifted),
                calls: calls.into_iter().map(|node| lifted.name(node)).collect(),
            });
        }
        match traps::two_routes(scopes, &lifted.wires, &nodes) {
            Ok(None) => Ok(()),
            Ok(Some(TwoRoutes { callee, callers })) => Err(UpliftError::TwoRoutes {
                component: self.component(scopes, callee),
                routes: Box::new(callers.map(|(caller, function)| Route {
                    caller: match caller {
                        Caller::Host => "the host".to_owned(),
                        Caller::Component(place) => self.component(scopes, place),
                    },
                    function: lifted.name(function),
                })),
            }),
            Err(traps::TooMany) => Err(UpliftError::TooMuch { name: self.name.to_owned() }),
        }
    }

    /// A component, in words.
    fn component(&self, scopes: &[Scope<'_>], place: usize) -> String {
        let file = self.name;
        match &scopes[place].name {
            _ if place + 1 == scopes.len() => format!("`{file}`"),
            Some(name) => format!("`{name}` in `{file}`"),
            None => format!("a component in `{file}`"),
        }
    }

    pub fn invalid(&self, source: BinaryReaderError) -> UpliftError {
        ComponentError::Invalid { name: self.name.to_owned(), source: source.into() }.into()
    }

    pub fn broken(&self, source: impl Into<DynError>) -> UpliftError {
        UpliftError::Broken { name: self.name.to_owned(), source: source.into() }
    }

    pub fn scope(&self, error: ScopeError) -> UpliftError {
        match error {
            ScopeError::Malformed(source) => self.invalid(source),
            ScopeError::Absent(what) => UpliftError::NotInIt { name: self.name.to_owned(), what },
        }
    }

    pub fn copies(&self, error: &CopiesError) -> UpliftError {
        match error {
            CopiesError::TooMuch => UpliftError::TooMuch { name: self.name.to_owned() },
            CopiesError::NoType => self.broken("something is of a type that is not there"),
            CopiesError::NotOwn => UpliftError::NotInIt {
                name: self.name.to_owned(),
                what: "the type of a function, which comes out of an instance".to_owned(),
            },
        }
    }
}
