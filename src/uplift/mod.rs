//! Lifts a guest: makes the functions async that are async in another dialect.
//!
//! Only types of the component change. Core modules stay, byte for byte. An engine runs sync code under an async type, and
//! lets it wait in what it calls.
//!
//! The stages, a file each:
//!
//! 1. `wasm::spaces` reads the component, and all that are nested in it, into index spaces.
//! 2. `messaging` finds the functions of `wasi:messaging`, by interface and name.
//! 3. `classes` follows each function wherever it is passed on: its type must change there too.
//! 4. `lift_sets` says which functions in an instance or component are lifted.
//! 5. `variants` says which variants of a type are needed: a type may be shared with functions that stay sync.
//! 6. `traps` finds what would not run, and `checks` refuses it.
//! 7. `rewrite` writes the types, as edits.
//!
//! To mend a bug, start with the worked example in `wasm::spaces`.

mod checks;
mod classes;
mod edit;
mod error;
mod instances;
mod lift_sets;
mod messaging;
mod rewrite;
mod traps;
mod variants;

pub use error::{CallRoute, Instead, UpliftError};

use crate::{
    types::{dialect::Dialect, interface::InterfaceId},
    wasm::{
        binary::Binary,
        skeleton::skeleton,
        spaces::{self, Label},
        structure::structure,
    },
};
use checks::Checks;
use classes::{Class, Classes};
use edit::Edit;
use messaging::Function;
use serde::Serialize;
use std::{borrow::Cow, collections::BTreeSet, fmt};
use variants::Variants;

/// A component that was lifted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Uplifted<'a> {
    /// The component. It is the one that was given, if all its functions were async already.
    pub bytes: Cow<'a, [u8]>,
    /// The functions that are async in the dialect, in the order of the binary: imports and exports, then those within.
    pub functions: Vec<LiftedFunction>,
}

/// A function that is async in the dialect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LiftedFunction {
    /// Its interface.
    pub interface: InterfaceId,
    /// Its name.
    pub function: String,
    /// Where it is.
    pub side: Side,
    /// How many types became async for it, also in nested components. 0 if it was async already.
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
    /// It goes from one nested component to another. The host does not see it.
    Within,
}

/// Lifts a component to a dialect of messaging. `component` may also be a core module that carries its component type, or
/// text. `name` is for messages.
///
/// ```
/// use msgcompose::{types::Dialect, uplift::uplift};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let lifted = uplift("quote-desk.wasm", &guest[..], Dialect::Mixed)?;
/// assert_eq!(lifted.functions[0].function, "request");
/// assert_eq!(lifted.bytes.len(), guest.len());
/// # Ok(())
/// # }
/// ```
pub fn uplift<'a>(name: &str, component: impl Into<Cow<'a, [u8]>>, form: Dialect) -> Result<Uplifted<'a>, UpliftError> {
    let binary = Binary::read(name, component)?;
    let (edits, functions) = edits(name, &binary, form)?;
    let bytes = if edits.is_empty() { binary.bytes } else { edit::apply(binary.bytes, &edits).into() };
    validated(name, Uplifted { bytes, functions }, form)
}

/// Lifts a component in the place of `component`, if no byte of it moves.
pub fn uplift_within<'a>(name: &str, component: &'a mut [u8], form: Dialect) -> Result<Uplifted<'a>, UpliftError> {
    let binary = Binary::read(name, &*component)?;
    let (edits, functions) = edits(name, &binary, form)?;
    let bytes = match binary.bytes {
        // As it was given.
        Cow::Borrowed(_) if edit::are_in_place(&edits) => {
            edit::apply_within(component, &edits);
            Cow::Borrowed(&*component)
        }
        bytes => Cow::Owned(edit::apply(bytes, &edits)),
    };
    validated(name, Uplifted { bytes, functions }, form)
}

fn validated<'a>(name: &str, lifted: Uplifted<'a>, form: Dialect) -> Result<Uplifted<'a>, UpliftError> {
    if lifted.functions.iter().any(|function| function.types > 0) {
        let checks = Checks { name, form };
        let skeleton = skeleton(&lifted.bytes).map_err(|error| checks.broken(error))?;
        structure(&skeleton).map_err(|error| checks.broken(error))?;
    }
    Ok(lifted)
}

/// Lifts a component that is read already. It may have nothing to lift. A component that is refused stays as it is. The
/// caller validates the result.
pub(crate) fn lift_any(name: &str, binary: &mut Binary<'_>, form: Dialect) -> Result<Vec<LiftedFunction>, UpliftError> {
    if form == Dialect::Sync {
        return Ok(Vec::new());
    }
    let (edits, functions) = match edits(name, binary, form) {
        Err(UpliftError::NothingToLift { .. }) => return Ok(Vec::new()),
        edits => edits?,
    };
    if !edits.is_empty() {
        binary.bytes = edit::apply(std::mem::take(&mut binary.bytes), &edits).into();
        binary.skeleton = skeleton(&binary.bytes).map_err(|error| Checks { name, form }.broken(error))?;
    }
    Ok(functions)
}

/// Returns what changes in a component, and the functions that are async then.
fn edits(name: &str, binary: &Binary<'_>, form: Dialect) -> Result<(Vec<Edit>, Vec<LiftedFunction>), UpliftError> {
    let checks = Checks { name, form };
    let scopes = spaces::read(&binary.bytes).map_err(|error| checks.invalid(error))?;
    checks.complete(&scopes)?;
    let functions = messaging::functions(name, &binary.skeleton, &scopes)?;
    let classes = Classes::of(&scopes).map_err(|error| checks.broken(error))?;
    checks.draft(&functions)?;
    checks.dialect(&functions)?;
    let lifted = Lifted::of(&functions, classes, form);
    if lifted.functions.is_empty() && form != Dialect::Sync {
        return Err(checks.nothing_to_lift(binary, &functions));
    }
    let variants = Variants::of(&scopes, &lifted.classes, lifted.classes_of_functions());
    let variants = variants.map_err(|error| checks.variants(&error))?;
    let functions = lifted.list(scopes.len(), &variants);
    if !variants.change_anything() {
        return Ok((Vec::new(), functions));
    }
    checks.traps(&scopes, &lifted, &variants)?;
    let edits = rewrite::edits(&binary.bytes, &scopes, &variants).map_err(|error| checks.broken(error))?;
    Ok((edits, functions))
}

/// The functions that are to be async, each with its class.
struct Lifted<'f> {
    classes: Classes<'f>,
    functions: Vec<(Class, &'f Function<'f>)>,
}

impl<'f> Lifted<'f> {
    fn of(functions: &'f [Function<'f>], mut classes: Classes<'f>, form: Dialect) -> Self {
        let wanted = functions.iter().filter(|function| form.lifts(&function.interface, &function.name));
        let mut class = |function: &'f Function<'f>| {
            let interface = classes.at(classes.component(function.component), function.label);
            (classes.at(interface, Label::Export(&function.name)), function)
        };
        let functions = wanted.map(&mut class).collect();
        Self { classes, functions }
    }

    fn classes_of_functions(&self) -> BTreeSet<Class> {
        self.functions.iter().map(|(class, _)| *class).collect()
    }

    /// Returns the name that a function has where it is first seen.
    fn name(&self, class: Class) -> String {
        let function = self.functions.iter().find(|(other, _)| *other == class);
        function.map(|(_, function)| function.full_name()).unwrap_or_default()
    }

    /// Returns the functions as they are reported. `components` is how many components there are: the outermost is last.
    fn list(&self, components: usize, variants: &Variants<'_, '_>) -> Vec<LiftedFunction> {
        let is_within = |function: &Function<'_>| function.component + 1 < components;
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by_key(|(_, function)| is_within(function));
        let mut known = BTreeSet::new();
        // A function within that is also seen from outside is listed there only.
        functions.retain(|(class, function)| known.insert(*class) || !is_within(function));
        let lifted = |(class, function): &(Class, &Function<'_>)| LiftedFunction {
            interface: function.interface.clone(),
            function: function.name.clone(),
            side: match function.label {
                _ if is_within(function) => Side::Within,
                Label::Import(_) => Side::Import,
                Label::Export(_) => Side::Export,
            },
            types: variants.changed(*class),
        };
        functions.into_iter().map(lifted).collect()
    }
}
