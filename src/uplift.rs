//! Lifts a guest to async functions: the types that its functions have in the component change, and nothing else. Core
//! modules stay, byte for byte: an engine runs sync code under an async type, and lets it wait in what it calls.
//!
//! What is lifted is found by interface and function. From there the wires are followed, through components that are
//! nested in one another, because a type must change wherever the function is passed on. A type that other functions
//! share gets a copy.

mod copies;
mod error;
mod lift;
mod rewrite;
mod scope;
mod speech;
mod traps;
mod wires;

pub use error::{Instead, Route, UpliftError};

use crate::{
    binary::Binary,
    component::ComponentError,
    dialect::{Dialect, Form},
    error::DynError,
    interface::InterfaceId,
    outside::{Outside, outside},
    skeleton::skeleton,
    validate,
};
use copies::{Copies, CopiesError};
use scope::{Label, Scope, ScopeError};
use serde::Serialize;
use speech::Function;
use std::{borrow::Cow, collections::BTreeSet, fmt};
use traps::{Caller, SyncExports, TwoRoutes};
use wasmparser::BinaryReaderError;
use wires::{Node, Wires};

/// A component in another form.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Uplifted<'a> {
    /// The component: as it was given, if all was async already.
    pub bytes: Cow<'a, [u8]>,
    /// The functions that are async in the form, those of the outside in the order of the binary, then those within.
    pub functions: Vec<LiftedFunction>,
}

/// A function that is async in the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LiftedFunction {
    /// Its interface.
    pub interface: InterfaceId,
    /// Its name.
    pub function: String,
    /// Where it is.
    pub side: Side,
    /// How many types of the component became async for it, with those of nested components; none if it was so already.
    pub types: usize,
}

impl fmt::Display for LiftedFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { interface, function, side, types } = self;
        let side = match side {
            Side::Import => "import",
            Side::Export => "export",
            Side::Within => "within",
        };
        let types = match types {
            0 => "async already".to_owned(),
            1 => "1 type".to_owned(),
            types => format!("{types} types"),
        };
        write!(f, "{side} {interface}#{function} ({types})")
    }
}

/// Where a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Side {
    /// The component imports it.
    Import,
    /// The component exports it.
    Export,
    /// It goes from one nested component to another, and is not seen from outside.
    Within,
}

/// Gives a component the functions of a form of messaging. `name` is for messages; `component` may be a core module that
/// carries its component type, or text.
///
/// ```
/// use msgcompose::{dialect::Form, uplift::uplift};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!("../fixtures/prebuilt/quote-desk.wasm");
/// let lifted = uplift("quote-desk.wasm", &guest[..], Form::Mixed)?;
/// assert_eq!(lifted.functions[0].function, "request");
/// assert_eq!(lifted.bytes.len(), guest.len());
/// # Ok(())
/// # }
/// ```
pub fn uplift<'a>(name: &str, component: impl Into<Cow<'a, [u8]>>, form: Form) -> Result<Uplifted<'a>, UpliftError> {
    let (Binary { bytes, .. }, functions) = lift(name, Binary::read(name, component)?, form)?;
    Ok(Uplifted { bytes, functions })
}

/// The same for a component that is read already.
pub(crate) fn lift<'a>(
    name: &str,
    binary: Binary<'a>,
    form: Form,
) -> Result<(Binary<'a>, Vec<LiftedFunction>), UpliftError> {
    let told = Told { name, form };
    let scopes = scope::scopes(&binary.bytes).map_err(|error| told.scope(error))?;
    let functions = speech::functions(&binary.skeleton, &scopes).map_err(|error| told.invalid(error))?;
    let wires = Wires::of(&scopes).ok_or_else(|| told.broken("something is passed on that is not there"))?;
    told.check_form(&functions)?;
    let lifted = Lifted::of(&functions, wires, form);
    if lifted.functions.is_empty() && form != Form::Sync {
        return Err(told.nothing_to_lift(&binary, &functions));
    }
    let copies = Copies::of(&scopes, &lifted.wires, lifted.nodes()).map_err(|error| told.copies(&error))?;
    let functions = lifted.list(scopes.len(), &copies);
    if !copies.change_anything() {
        return Ok((binary, functions));
    }
    told.check_traps(&scopes, &lifted, &copies)?;
    let bytes = rewrite::rewrite(&binary.bytes, &scopes, &copies).map_err(|error| told.broken(error))?;
    let skeleton = skeleton(&bytes).map_err(|error| told.broken(error))?;
    validate::structure(&skeleton).map_err(|error| told.broken(error))?;
    Ok((Binary { bytes: bytes.into(), skeleton }, functions))
}

/// The same for one that need not have anything to lift, and need not be lifted.
pub(crate) fn lift_any<'a>(
    name: &str,
    binary: Binary<'a>,
    form: Form,
) -> Result<(Binary<'a>, Vec<LiftedFunction>), UpliftError> {
    if form == Form::Sync {
        return Ok((binary, Vec::new()));
    }
    match lift(name, binary.clone(), form) {
        Err(UpliftError::NothingToLift { .. }) => Ok((binary, Vec::new())),
        lifted => lifted,
    }
}

/// The functions that are to be async, each with the node that stands for it wherever it is passed on.
struct Lifted<'f> {
    wires: Wires<'f>,
    functions: Vec<(Node, &'f Function<'f>)>,
}

impl<'f> Lifted<'f> {
    fn of(functions: &'f [Function<'f>], mut wires: Wires<'f>, form: Form) -> Self {
        let wanted = functions.iter().filter(|function| form.lifts(&function.interface, &function.name));
        let mut node = |function: &'f Function<'f>| {
            let interface = wires.at(wires.component(function.component), function.label);
            (wires.at(interface, Label::Export(&function.name)), function)
        };
        let functions = wanted.map(&mut node).collect();
        Self { wires, functions }
    }

    fn nodes(&self) -> BTreeSet<Node> {
        self.functions.iter().map(|(node, _)| *node).collect()
    }

    /// What a function is called where it is first seen.
    fn name(&self, node: Node) -> String {
        let function = self.functions.iter().find(|(other, _)| *other == node);
        function.map(|(_, function)| function.full_name()).unwrap_or_default()
    }

    /// The functions as they are reported: the last of so many components is the outermost.
    fn list(&self, components: usize, copies: &Copies<'_, '_>) -> Vec<LiftedFunction> {
        let is_within = |function: &Function<'_>| function.component + 1 < components;
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by_key(|(_, function)| is_within(function));
        let mut known = BTreeSet::new();
        // Each of the outside, and each of the others that is not one of those.
        functions.retain(|(node, function)| known.insert(*node) || !is_within(function));
        let lifted = |(node, function): &(Node, &Function<'_>)| LiftedFunction {
            interface: function.interface.clone(),
            function: function.name.clone(),
            side: match function.label {
                _ if is_within(function) => Side::Within,
                Label::Import(_) => Side::Import,
                Label::Export(_) => Side::Export,
            },
            types: copies.changed(*node),
        };
        functions.into_iter().map(lifted).collect()
    }
}

/// What is said of a component when it is refused.
struct Told<'n> {
    name: &'n str,
    form: Form,
}

impl Told<'_> {
    /// Refuses a component that has a function async which the form has sync.
    fn check_form(&self, functions: &[Function<'_>]) -> Result<(), UpliftError> {
        let is_in = |form: Form, function: &Function<'_>| form.lifts(&function.interface, &function.name);
        let mut is_async = functions.iter().filter(|function| function.is_async);
        let Some(function) = is_async.clone().find(|function| !is_in(self.form, function)) else { return Ok(()) };
        let fits = Form::ALL.into_iter().find(|form| is_async.all(|function| is_in(*form, function)));
        Err(UpliftError::AlreadyAsync {
            name: self.name.to_owned(),
            function: function.full_name(),
            form: self.form,
            fits,
        })
    }

    fn nothing_to_lift(&self, binary: &Binary<'_>, functions: &[Function<'_>]) -> UpliftError {
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
    fn check_traps(
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
            None => format!("component {} in `{file}`", place + 1),
        }
    }

    fn invalid(&self, source: BinaryReaderError) -> UpliftError {
        ComponentError::Invalid { name: self.name.to_owned(), source: source.into() }.into()
    }

    fn broken(&self, source: impl Into<DynError>) -> UpliftError {
        UpliftError::Broken { name: self.name.to_owned(), source: source.into() }
    }

    fn scope(&self, error: ScopeError) -> UpliftError {
        match error {
            ScopeError::Malformed(source) => self.invalid(source),
            ScopeError::Absent(what) => UpliftError::NotInIt { name: self.name.to_owned(), what },
        }
    }

    fn copies(&self, error: &CopiesError) -> UpliftError {
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
