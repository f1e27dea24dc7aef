//! Checks whether a component runs on a host. The host must offer each import, call one of the exports, and be able to
//! do what the component asks of it.

use super::{
    profile::{Call, Profile, Source},
    serve::Service,
};
use crate::{
    adapters::{duty::Duty, providers::providers},
    common::quote::quoted,
    provenance::Provenance,
    types::{
        component::{Arena, Component, ComponentError, Extern},
        dialect::{Dialect, Messaging},
        interface::{ExternName, InterfaceId},
        read::{Read, ReadError, read},
    },
    wasm::binary::{Binary, Form},
};
use serde::Serialize;

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The component's name, as it was passed.
    pub file: String,
    /// The name of the host's profile.
    pub host: String,
    /// What the file has in it. Hosts take components only.
    pub form: Form,
    /// Whether the component runs on the host.
    pub runs: bool,
    /// The flags that the host needs, each once.
    pub flags: Vec<String>,
    /// The imports, in the order of the binary.
    pub imports: Vec<Import>,
    /// The exports that the host calls, in the versions that the host names. If empty, the component does not run.
    pub called: Vec<String>,
    /// The component's duties that the host cannot meet. They are known of components that msgcompose composed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<Unmet>,
    /// The component's dialect of messaging. None if it has no messaging, or none in a known dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// A dialect of the host to which the component can be lifted. None if it need not or cannot be lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lift: Option<Dialect>,
    /// Exports that the host ignores because they are in another dialect, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncalled: Vec<String>,
    /// All interfaces that the host calls, each once.
    pub calls: Vec<String>,
    /// The exports that the host does not call.
    #[serde(skip)]
    pub(crate) not_called: Vec<ExternName>,
}

/// An import and whether the host offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Import {
    /// The name of the import.
    pub name: String,
    /// Whether the host offers it.
    pub offered: bool,
    /// The flag that the host needs to offer it. None if it needs none.
    pub flag: Option<String>,
    /// What a user should know, in words: a caveat, or what the host has instead of the import.
    pub caveat: Option<String>,
    /// The adapters of the catalogue that provide the import. Empty if the host offers it.
    pub adapters: Vec<String>,
    /// How it is known that the host offers it. None if the host does not.
    pub source: Option<Source>,
}

/// A duty that a host cannot meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unmet {
    /// The duty.
    pub duty: Duty,
    /// Why the host cannot meet it, in words.
    pub reason: String,
    /// What to do about it, if the host's profile says so.
    pub instead: Option<String>,
}

/// Checks whether a component runs on a host. A core module that carries its component type is accepted too. `name` is
/// used in messages.
///
/// ```
/// use msgcompose::{hosts::{self, check}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let outcome = check("quote-desk.wasm", guest, &hosts::get("wasmtime-serve")?)?;
/// assert!(!outcome.runs);
/// let missing = outcome.imports.iter().find(|import| !import.offered).expect("it does not run for this");
/// assert_eq!(missing.adapters, ["messaging-over-http", "messaging-over-nats"]);
/// # Ok(())
/// # }
/// ```
pub fn check(name: &str, bytes: &[u8], profile: &Profile) -> Result<Check, ReadError> {
    let Read { arena, component, form } = read(name, bytes)?;
    let duties = Provenance::read(arena.bytes(&component)).map(|made| made.duties).unwrap_or_default();
    let checked = check_types(&component, &arena, &duties, profile)?;
    Ok(Check { runs: checked.runs && form == Form::Component, form, ..checked })
}

/// Checks a binary that is already read and has these duties. Its skeleton is enough.
pub(crate) fn check_binary(
    name: &str,
    binary: Binary<'_>,
    duties: &[Duty],
    profile: &Profile,
) -> Result<Check, ComponentError> {
    let (arena, component) = Arena::of(name, binary)?;
    check_types(&component, &arena, duties, profile)
}

/// Checks the imports and exports of a component with these duties.
pub(crate) fn check_types(
    component: &Component,
    arena: &Arena<'_>,
    duties: &[Duty],
    profile: &Profile,
) -> Result<Check, ComponentError> {
    let messaging = messaging(component, arena)?;
    let spoken = Messaging::of(component, arena)?;
    let draft = spoken.iter().find(|spoken| Dialect::is_of(&spoken.interface) && spoken.shape.differs.is_some());
    let dialect = Dialect::among(&spoken);
    let foreign = |item: &Extern| {
        let one = messaging.iter().find(|one| std::ptr::eq(one.item, item))?;
        draft.map_or_else(|| one.foreign(profile, dialect), |draft| Some(older(draft)))
    };
    let mut unmet = Vec::new();
    let mut imports = Vec::new();
    for import in &component.imports {
        if arena.is_type(import)? {
            continue;
        }
        let functions = arena.functions(import)?;
        let service = profile.serve(&import.name, &functions);
        if let Service::Offered(offer) = service {
            let defeated = duties.iter().filter(|duty| offer.defeats.contains(&duty.kind));
            unmet.extend(defeated.map(|duty| Unmet::of(duty, offer.caveat.as_deref().unwrap_or_default(), profile)));
        }
        let has_async = functions.iter().any(|(_, is_async)| *is_async);
        let is_draft = draft.is_some() && import.name.interface().is_some_and(Dialect::is_of);
        let foreign = foreign(import).filter(|_| is_draft || matches!(service, Service::Offered(_)));
        imports.push(Import::of(&import.name, &service, foreign, has_async));
    }
    let mut called: Vec<&Call> = Vec::new();
    let (mut uncalled, mut not_called) = (Vec::new(), Vec::new());
    for export in &component.exports {
        let ways: Vec<_> = profile.calls.iter().filter(|call| call.takes(&export.name)).collect();
        let Some(first) = ways.first() else {
            not_called.push(export.name.clone());
            continue;
        };
        if let Some(reason) = foreign(export) {
            not_called.push(export.name.clone());
            uncalled.push(format!("`{}`: {reason}", export.name));
            continue;
        }
        let defeat = |call: &Call| duties.iter().find_map(|duty| Some((duty, call.instances.defeat(&duty.kind)?)));
        let call = ways.iter().find(|call| defeat(call).is_none()).unwrap_or(first);
        unmet.extend(defeat(call).map(|(duty, reason)| Unmet::of(duty, reason, profile)));
        called.push(call);
    }
    if called.is_empty() {
        // What adapters may add is called in one of the ways of the host.
        let defeated = duties.iter().filter_map(|duty| Some((duty, profile.defeat(&duty.kind)?)));
        unmet.extend(defeated.map(|(duty, reason)| Unmet::of(duty, reason, profile)));
    }
    unmet.dedup();
    let mut flags: Vec<String> = Vec::new();
    let wanted = imports.iter().map(|import| &import.flag).chain(called.iter().map(|call| &call.flag));
    for flag in wanted.flatten() {
        if !flags.contains(flag) {
            flags.push(flag.clone());
        }
    }
    let mut calls: Vec<_> = profile.calls.iter().map(|call| call.interface.to_string()).collect();
    calls.dedup();
    Ok(Check {
        file: component.name.clone(),
        host: profile.name.clone(),
        form: Form::Component,
        runs: !called.is_empty() && unmet.is_empty() && imports.iter().all(|import| import.offered),
        flags,
        imports,
        called: called.into_iter().map(|call| call.interface.to_string()).collect(),
        unmet,
        dialect,
        lift: lift(&messaging, profile).filter(|_| draft.is_none()),
        uncalled,
        calls,
        not_called,
    })
}

impl Import {
    /// Describes an import. `foreign` says why the dialects of host and component differ, if they do.
    fn of(name: &ExternName, service: &Service<'_>, foreign: Option<String>, has_async: bool) -> Self {
        let is_foreign = foreign.is_some();
        let offer = if let Service::Offered(offer) = service { Some(*offer).filter(|_| !is_foreign) } else { None };
        let adapters = if offer.is_some() || is_foreign { Vec::new() } else { providers(name, has_async) };
        Self {
            name: name.to_string(),
            offered: offer.is_some(),
            flag: offer.and_then(|offer| offer.flag.clone()),
            caveat: match service {
                _ if is_foreign => foreign,
                Service::Offered(offer) => offer.caveat.clone(),
                Service::Differs(difference) => Some(difference.clone()),
                Service::Unknown if has_async && adapters.is_empty() && !providers(name, false).is_empty() => {
                    Some("no adapter provides it as async functions".to_owned())
                }
                Service::Unknown => None,
            },
            adapters,
            source: offer.map(|offer| offer.source.clone()),
        }
    }
}

impl Unmet {
    fn of(duty: &Duty, reason: &str, profile: &Profile) -> Self {
        let instead = profile.instead_of_duty(&duty.kind).map(str::to_owned);
        Self { duty: duty.clone(), reason: reason.to_owned(), instead }
    }
}

/// Says that the component speaks an older draft, which neither hosts nor adapters have.
fn older(draft: &Messaging) -> String {
    format!("the component speaks {}: {}", draft.origin, draft.shape.differs.unwrap_or_default())
}

/// A messaging interface that a component imports or exports.
struct MessagingItem<'c> {
    item: &'c Extern,
    id: &'c InterfaceId,
    /// The functions of the interface, each with whether it is async.
    functions: Vec<(String, bool)>,
}

/// Returns the component's interfaces of the messaging package that has dialects.
fn messaging<'c>(component: &'c Component, arena: &Arena<'_>) -> Result<Vec<MessagingItem<'c>>, ComponentError> {
    let items = component.imports.iter().chain(&component.exports);
    let known = items.filter_map(|item| Some((item, item.name.interface().filter(|id| Dialect::is_of(id))?)));
    known.map(|(item, id)| Ok(MessagingItem { item, id, functions: arena.functions(item)? })).collect()
}

impl MessagingItem<'_> {
    /// Returns whether each function is async exactly if it is async in the dialect.
    fn is_in(&self, dialect: Dialect) -> bool {
        self.functions.iter().all(|(name, is_async)| dialect.lifts(self.id, name) == *is_async)
    }

    /// Returns whether all async functions are async in the dialect too.
    fn is_within(&self, dialect: Dialect) -> bool {
        self.functions.iter().all(|(name, is_async)| dialect.lifts(self.id, name) || !is_async)
    }

    /// Returns why host and component mean different types by this interface, or none if they agree. `dialect` is the
    /// component's.
    fn foreign(&self, profile: &Profile, dialect: Option<Dialect>) -> Option<String> {
        if profile.dialects.iter().any(|dialect| self.is_in(*dialect)) {
            return None;
        }
        let has = quoted(&profile.dialects, " and ");
        Some(match dialect {
            Some(dialect) => format!("the host has it in the dialect {has}, and the component in `{dialect}`"),
            None => format!("the host has it in the dialect {has}, and the component in none that is known"),
        })
    }
}

/// Returns a dialect of the host to which the component can be lifted, if that is needed.
fn lift(messaging: &[MessagingItem<'_>], profile: &Profile) -> Option<Dialect> {
    let is_known = |one: &&MessagingItem<'_>| {
        let service = profile.serve(&one.item.name, &one.functions);
        matches!(service, Service::Offered(_)) || profile.calls(&one.item.name)
    };
    let mut known = messaging.iter().filter(is_known);
    let is_foreign = known.any(|one| profile.dialects.iter().all(|dialect| !one.is_in(*dialect)));
    let dialect = profile.dialects.iter().copied().find(|dialect| *dialect != Dialect::Sync)?;
    (is_foreign && messaging.iter().all(|one| one.is_within(dialect))).then_some(dialect)
}
