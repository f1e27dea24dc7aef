//! Whether a component runs on a host: each import against what the host offers, and its exports against what the host
//! calls.

use crate::{
    adapter::{Adapter, Role},
    binary::Binary,
    catalogue,
    component::{Arena, Component, ComponentError, Extern},
    dialect::Form,
    inspect::InspectError,
    interface::ExternName,
    option::Default,
    profile::Profile,
    quote::quoted,
};
use serde::Serialize;

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The component, as it was called.
    pub file: String,
    /// The host, by its profile's name.
    pub host: String,
    /// Whether it runs there.
    pub runs: bool,
    /// How the host must be told, each once.
    pub flags: Vec<String>,
    /// In the order of the binary.
    pub imports: Vec<Import>,
    /// What the host calls of it; empty when there is nothing to call.
    pub called: Vec<String>,
    /// The host's dialect, where the component is sync and could be lifted to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lift: Option<Form>,
    /// What it would call if that were of another dialect, and why it does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncalled: Vec<String>,
    /// What the host would call.
    pub calls: Vec<String>,
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Import {
    /// Its name.
    pub name: String,
    /// Whether the host offers it.
    pub offered: bool,
    /// How the host must be told; none when it need not be.
    pub flag: Option<String>,
    /// What there is to know, for people.
    pub caveat: Option<String>,
    /// Where the host does not offer it: the adapters of the catalogue that do.
    pub adapters: Vec<String>,
}

/// Checks a component, or a core module that carries its component type. `name` is for messages.
///
/// ```
/// use msgcompose::{check::check, profile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!("../fixtures/prebuilt/quote-desk.wasm");
/// let outcome = check("quote-desk.wasm", guest, &profile::get("wasmtime-serve")?)?;
/// assert!(!outcome.runs);
/// let missing = outcome.imports.iter().find(|import| !import.offered).expect("it does not run for this");
/// assert_eq!(missing.adapters, ["messaging-over-http"]);
/// # Ok(())
/// # }
/// ```
pub fn check(name: &str, bytes: &[u8], profile: &Profile) -> Result<Check, InspectError> {
    let binary = Binary::read(name, bytes)?;
    let mut arena = Arena::new();
    let component = arena.add(name, binary)?;
    arena.read(&component)?;
    let speaks = |item: &Extern| foreign(item, profile, &arena);
    let imports = component.imports.iter().map(|import| {
        let mut checked = check_import(&import.name, profile, speaks(import)?);
        // Adapters serve sync guests.
        if arena.functions(import)?.iter().any(|(_, is_async)| *is_async) {
            checked.adapters.clear();
        }
        Ok(checked)
    });
    let imports: Vec<Import> = imports.collect::<Result<_, ComponentError>>()?;
    let mut called = Vec::new();
    let mut uncalled = Vec::new();
    for call in &profile.calls {
        for export in component.exports.iter().filter(|export| call.takes(&export.name)) {
            match speaks(export)? {
                None => called.push(call),
                Some(reason) => uncalled.push(format!("`{}`: {reason}", export.name)),
            }
        }
    }
    let mut flags: Vec<String> = Vec::new();
    let wanted = imports.iter().map(|import| &import.flag).chain(called.iter().map(|call| &call.flag));
    for flag in wanted.flatten() {
        if !flags.contains(flag) {
            flags.push(flag.clone());
        }
    }
    Ok(Check {
        file: name.to_owned(),
        host: profile.name.clone(),
        runs: !called.is_empty() && imports.iter().all(|import| import.offered),
        flags,
        imports,
        called: called.into_iter().map(|call| call.interface.to_string()).collect(),
        lift: lift(&component, profile, &arena)?,
        uncalled,
        calls: profile.calls.iter().map(|call| call.interface.to_string()).collect(),
    })
}

/// Why the host and the component do not mean the same by a messaging interface of one name; none if they do. That is so
/// where the host has a form in which all functions that the component has of it are async or sync as it has them.
fn foreign(item: &Extern, profile: &Profile, arena: &Arena<'_>) -> Result<Option<String>, ComponentError> {
    let Some(id) = item.name.interface().filter(|id| Form::is_of(id)) else { return Ok(None) };
    let functions = arena.functions(item)?;
    let is_of = |form: &&Form| functions.iter().all(|(name, is_async)| form.lifts(id, name) == *is_async);
    if profile.dialects.iter().any(|form| is_of(&form)) {
        return Ok(None);
    }
    let has = quoted(&profile.dialects, " and ");
    Ok(Some(match Form::ALL.iter().find(is_of) {
        Some(form) => format!("the host has it in the dialect {has}, and the component in `{form}`"),
        None => format!("the host has it in the dialect {has}, and the component in none that is known"),
    }))
}

/// The form of the host's that a sync component could be lifted to.
fn lift(component: &Component, profile: &Profile, arena: &Arena<'_>) -> Result<Option<Form>, ComponentError> {
    let (mut is_foreign, mut is_sync) = (false, true);
    for item in component.imports.iter().chain(&component.exports) {
        if item.name.interface().is_some_and(Form::is_of) {
            let is_known = profile.offers(&item.name) || profile.calls(&item.name);
            is_foreign |= is_known && foreign(item, profile, arena)?.is_some();
            is_sync &= arena.functions(item)?.iter().all(|(_, is_async)| !is_async);
        }
    }
    let form = profile.dialects.iter().copied().find(|form| *form != Form::Sync);
    Ok(form.filter(|_| is_foreign && is_sync))
}

fn check_import(name: &ExternName, profile: &Profile, foreign: Option<String>) -> Import {
    let is_foreign = profile.offers(name) && foreign.is_some();
    let offer = profile.offer(name).filter(|_| !is_foreign);
    Import {
        name: name.to_string(),
        offered: offer.is_some(),
        flag: offer.and_then(|offer| offer.flag.clone()),
        caveat: match offer {
            Some(offer) => offer.caveat.clone(),
            None if is_foreign => foreign,
            None => profile.instead(name).map(str::to_owned),
        },
        adapters: if offer.is_some() || is_foreign { Vec::new() } else { providers(name) },
    }
}

/// The adapters of the catalogue that provide an import.
#[must_use]
pub fn providers(import: &ExternName) -> Vec<String> {
    let adapters = catalogue::names().filter_map(|name| catalogue::get(name).ok());
    adapters.filter(|adapter| provides(adapter, import)).map(|adapter| adapter.name).collect()
}

fn provides(adapter: &Adapter, import: &ExternName) -> bool {
    let default = |option| match adapter.option(option).and_then(|option| option.default.as_ref()) {
        Some(Default::Fixed(value)) => value.as_str(),
        _ => "",
    };
    let providers = adapter.parts.iter().filter(|part| part.role == Some(Role::Provider));
    providers.filter_map(|part| adapter.file(part, default).ok()).any(|bytes| {
        let component = Arena::new().add(&adapter.name, Binary::own(&**bytes));
        component.is_ok_and(|component| component.export_for(import).is_some())
    })
}
