//! Whether a component runs on a host: each import against what the host offers, and its exports against what the host
//! calls.

use crate::{
    adapter::{Adapter, Role},
    binary::Binary,
    catalogue,
    component::Arena,
    inspect::InspectError,
    interface::ExternName,
    option::Default,
    profile::{Call, Profile},
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
    let component = arena.add(name, binary.skeleton)?;
    arena.read(&component)?;
    let imports: Vec<Import> = component.imports.iter().map(|import| check_import(&import.name, profile)).collect();
    let exports = |call: &&Call| component.exports.iter().any(|export| call.takes(&export.name));
    let called: Vec<_> = profile.calls.iter().filter(exports).collect();
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
        calls: profile.calls.iter().map(|call| call.interface.to_string()).collect(),
    })
}

fn check_import(name: &ExternName, profile: &Profile) -> Import {
    let offer = profile.offer(name);
    Import {
        name: name.to_string(),
        offered: offer.is_some(),
        flag: offer.and_then(|offer| offer.flag.clone()),
        caveat: match offer {
            Some(offer) => offer.caveat.clone(),
            None => profile.instead(name).map(str::to_owned),
        },
        adapters: if offer.is_some() { Vec::new() } else { providers(name) },
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
        let component = Arena::new().add(&adapter.name, bytes.to_vec());
        component.is_ok_and(|component| component.export_for(import).is_some())
    })
}
