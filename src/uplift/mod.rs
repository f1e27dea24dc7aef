//! Lifts a guest to async functions: the types that its functions have in the component change, and nothing else. Core
//! modules stay, byte for byte: an engine runs sync code under an async type, and lets it wait in what it calls.
//!
//! What is lifted is found by interface and function. From there the wires are followed, through components that are
//! nested in one another, because a type must change wherever the function is passed on. A type that other functions
//! share gets a copy.

mod copies;
mod error;
mod lift;
mod refuse;
mod rewrite;
mod scope;
mod speech;
mod traps;
mod types;
mod wires;

pub use error::{Instead, Route, UpliftError};

use crate::{
    types::{dialect::Form, interface::InterfaceId},
    wasm::{binary::Binary, skeleton::skeleton, structure::structure},
};
use copies::Copies;
use refuse::Refusing;
use rewrite::Edit;
use serde::Serialize;
use speech::Function;
use std::{borrow::Cow, collections::BTreeSet, fmt};
use types::Label;
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
/// use msgcompose::{types::Form, uplift::uplift};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let lifted = uplift("quote-desk.wasm", &guest[..], Form::Mixed)?;
/// assert_eq!(lifted.functions[0].function, "request");
/// assert_eq!(lifted.bytes.len(), guest.len());
/// # Ok(())
/// # }
/// ```
pub fn uplift<'a>(name: &str, component: impl Into<Cow<'a, [u8]>>, form: Form) -> Result<Uplifted<'a>, UpliftError> {
    let binary = Binary::read(name, component)?;
    let (edits, functions) = edits(name, &binary, form)?;
    let bytes = if edits.is_empty() { binary.bytes } else { rewrite::apply(binary.bytes, &edits).into() };
    validated(name, Uplifted { bytes, functions }, form)
}

/// The same in the place of `component`, if nothing in it moves.
pub fn uplift_within<'a>(name: &str, component: &'a mut [u8], form: Form) -> Result<Uplifted<'a>, UpliftError> {
    let binary = Binary::read(name, &*component)?;
    let (edits, functions) = edits(name, &binary, form)?;
    let bytes = match binary.bytes {
        // As it was given.
        Cow::Borrowed(_) if rewrite::are_in_place(&edits) => {
            rewrite::apply_within(component, &edits);
            Cow::Borrowed(&*component)
        }
        bytes => Cow::Owned(rewrite::apply(bytes, &edits)),
    };
    validated(name, Uplifted { bytes, functions }, form)
}

fn validated<'a>(name: &str, lifted: Uplifted<'a>, form: Form) -> Result<Uplifted<'a>, UpliftError> {
    if lifted.functions.iter().any(|function| function.types > 0) {
        let refusing = Refusing { name, form };
        let skeleton = skeleton(&lifted.bytes).map_err(|error| refusing.broken(error))?;
        structure(&skeleton).map_err(|error| refusing.broken(error))?;
    }
    Ok(lifted)
}

/// Lifts a component that is read already, and that need not have anything to lift, nor be lifted. One that is refused
/// stays as it is. The result is not validated: that is for who composes it.
pub(crate) fn lift_any(name: &str, binary: &mut Binary<'_>, form: Form) -> Result<Vec<LiftedFunction>, UpliftError> {
    if form == Form::Sync {
        return Ok(Vec::new());
    }
    let (edits, functions) = match edits(name, binary, form) {
        Err(UpliftError::NothingToLift { .. }) => return Ok(Vec::new()),
        edits => edits?,
    };
    if !edits.is_empty() {
        binary.bytes = rewrite::apply(std::mem::take(&mut binary.bytes), &edits).into();
        binary.skeleton = skeleton(&binary.bytes).map_err(|error| Refusing { name, form }.broken(error))?;
    }
    Ok(functions)
}

/// What is to change of a component, and the functions that are async then.
fn edits(name: &str, binary: &Binary<'_>, form: Form) -> Result<(Vec<Edit>, Vec<LiftedFunction>), UpliftError> {
    let refusing = Refusing { name, form };
    let scopes = scope::scopes(&binary.bytes).map_err(|error| refusing.scope(error))?;
    let functions = speech::functions(name, &binary.skeleton, &scopes)?;
    let wires = Wires::of(&scopes).map_err(|error| refusing.broken(error))?;
    refusing.check_form(&functions)?;
    let lifted = Lifted::of(&functions, wires, form);
    if lifted.functions.is_empty() && form != Form::Sync {
        return Err(refusing.nothing_to_lift(binary, &functions));
    }
    let copies = Copies::of(&scopes, &lifted.wires, lifted.nodes()).map_err(|error| refusing.copies(&error))?;
    let functions = lifted.list(scopes.len(), &copies);
    if !copies.change_anything() {
        return Ok((Vec::new(), functions));
    }
    refusing.check_traps(&scopes, &lifted, &copies)?;
    let edits = rewrite::edits(&binary.bytes, &scopes, &copies).map_err(|error| refusing.broken(error))?;
    Ok((edits, functions))
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
