//! Whether a component runs on a host: each import against what the host offers, and its exports against what the host
//! calls.

use crate::{
    adapters::{
        adapter::{Adapter, DIALECT, Role},
        catalogue,
        option::Default,
    },
    common::quote::quoted,
    hosts::profile::Profile,
    provenance::inspect::InspectError,
    types::{
        component::{Arena, Component, ComponentError, Extern},
        dialect::Form,
        interface::{ExternName, InterfaceId},
    },
    wasm::binary::Binary,
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
    /// The dialect of messaging that the component is in; none where it has no messaging, or in none that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Form>,
    /// The host's dialect, where the component is in one that is less async, and could be lifted to it.
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

/// A component does not run on a host.
#[derive(Debug, thiserror::Error)]
#[error("`{}` does not run on `{}`: {}", .outcome.file, .outcome.host, self.reason())]
pub struct DoesNotRun {
    /// Why.
    pub outcome: Check,
    /// Whether it is what was composed of the file, and not the file itself.
    pub is_composed: bool,
}

impl DoesNotRun {
    fn missing(&self) -> impl Iterator<Item = &Import> {
        self.outcome.imports.iter().filter(|import| !import.offered)
    }

    fn reason(&self) -> String {
        let missing = quoted(self.missing().map(|import| &import.name), ", ");
        let subject = if self.is_composed { "as composed, it" } else { "it" };
        if missing.is_empty() {
            return match &self.outcome.uncalled[..] {
                [] => format!("{subject} exports nothing that the host calls"),
                uncalled => format!("{subject} exports what the host does not call as it is: {}", uncalled.join("; ")),
            };
        }
        format!("{subject} imports {missing}, which the host does not offer")
    }

    /// The way out.
    #[must_use]
    pub fn hint(&self) -> String {
        let file = &self.outcome.file;
        if let Some(form) = self.outcome.lift {
            return if self.is_composed {
                format!("add `--dialect {form}`")
            } else {
                format!("`msgcompose uplift {file} --dialect {form}` lifts it, and so does `plug … --dialect {form}`")
            };
        }
        if self.missing().next().is_none() {
            return format!("export what the host calls: {}", self.outcome.calls.join(" or "));
        }
        match self.outcome.adapter() {
            Some(adapter) if self.is_composed => format!("add `--adapter {adapter}`"),
            Some(adapter) => {
                format!("`msgcompose plug {file} --adapter {adapter}` serves what the host does not offer")
            }
            None => "plug adapters that provide it, of your own where the catalogue has none".to_owned(),
        }
    }
}

/// Checks a component, or a core module that carries its component type. `name` is for messages.
///
/// ```
/// use msgcompose::{check::check, profile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let outcome = check("quote-desk.wasm", guest, &profile::get("wasmtime-serve")?)?;
/// assert!(!outcome.runs);
/// let missing = outcome.imports.iter().find(|import| !import.offered).expect("it does not run for this");
/// assert_eq!(missing.adapters, ["messaging-over-http"]);
/// # Ok(())
/// # }
/// ```
pub fn check(name: &str, bytes: &[u8], profile: &Profile) -> Result<Check, InspectError> {
    Ok(check_binary(name, Binary::read(name, bytes)?, profile)?)
}

/// The same for a component that was read, of which the skeleton will do.
pub(crate) fn check_binary(name: &str, binary: Binary<'_>, profile: &Profile) -> Result<Check, ComponentError> {
    let (arena, component) = Arena::of(name, binary)?;
    let messaging = messaging(&component, &arena)?;
    let dialect = Form::of(&component, &arena)?;
    let speaks = |item: &Extern| {
        messaging.iter().find(|one| std::ptr::eq(one.item, item)).and_then(|one| one.foreign(profile, dialect))
    };
    let imports = component.imports.iter().map(|import| {
        let mut checked = check_import(&import.name, profile, speaks(import));
        if arena.functions(import)?.iter().any(|(_, is_async)| *is_async) {
            checked.adapters.retain(|adapter| catalogue::get(adapter).is_ok_and(|adapter| has_dialects(&adapter)));
        }
        Ok(checked)
    });
    let imports: Vec<Import> = imports.collect::<Result<_, ComponentError>>()?;
    let mut called = Vec::new();
    let mut uncalled = Vec::new();
    for call in &profile.calls {
        for export in component.exports.iter().filter(|export| call.takes(&export.name)) {
            match speaks(export) {
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
        dialect,
        lift: lift(&messaging, profile),
        uncalled,
        calls: profile.calls.iter().map(|call| call.interface.to_string()).collect(),
    })
}

impl Check {
    /// The adapter that serves all that the host does not offer, and as little as there is of what it does.
    #[must_use]
    pub fn adapter(&self) -> Option<String> {
        let missing = || self.imports.iter().filter(|import| !import.offered);
        let candidates = missing().next()?.adapters.iter();
        let serving_all = candidates.filter(|adapter| missing().all(|import| import.adapters.contains(adapter)));
        let adapters = serving_all.filter_map(|adapter| catalogue::get(adapter).ok());
        let best = adapters.min_by_key(|adapter| {
            let offered = self.imports.iter().filter(|import| import.offered);
            offered.filter(|import| provides(adapter, &ExternName::parse(&import.name))).count()
        });
        best.map(|adapter| adapter.name)
    }
}

/// An interface of messaging that a component imports or exports.
struct Messaging<'c> {
    item: &'c Extern,
    id: &'c InterfaceId,
    /// The functions that it has of it, each with whether it is async.
    functions: Vec<(String, bool)>,
}

/// All that a component has of messaging in the version that has dialects.
fn messaging<'c>(component: &'c Component, arena: &Arena<'_>) -> Result<Vec<Messaging<'c>>, ComponentError> {
    let items = component.imports.iter().chain(&component.exports);
    let known = items.filter_map(|item| Some((item, item.name.interface().filter(|id| Form::is_of(id))?)));
    known.map(|(item, id)| Ok(Messaging { item, id, functions: arena.functions(item)? })).collect()
}

impl Messaging<'_> {
    /// Whether all functions are async or sync as they are in the form.
    fn is_in(&self, form: Form) -> bool {
        self.functions.iter().all(|(name, is_async)| form.lifts(self.id, name) == *is_async)
    }

    /// Whether all could be async as they are in the form.
    fn is_within(&self, form: Form) -> bool {
        self.functions.iter().all(|(name, is_async)| form.lifts(self.id, name) || !is_async)
    }

    /// Why the host and the component, which is in `dialect`, do not mean the same by it; none if they do. That is so
    /// where the host has a form that it is in.
    fn foreign(&self, profile: &Profile, dialect: Option<Form>) -> Option<String> {
        if profile.dialects.iter().any(|form| self.is_in(*form)) {
            return None;
        }
        let has = quoted(&profile.dialects, " and ");
        Some(match dialect {
            Some(form) => format!("the host has it in the dialect {has}, and the component in `{form}`"),
            None => format!("the host has it in the dialect {has}, and the component in none that is known"),
        })
    }
}

/// The form of the host's that a component could be lifted to.
fn lift(messaging: &[Messaging<'_>], profile: &Profile) -> Option<Form> {
    let is_known = |name: &ExternName| profile.offers(name) || profile.calls(name);
    let mut known = messaging.iter().filter(|one| is_known(&one.item.name));
    let is_foreign = known.any(|one| profile.dialects.iter().all(|form| !one.is_in(*form)));
    let form = profile.dialects.iter().copied().find(|form| *form != Form::Sync)?;
    (is_foreign && messaging.iter().all(|one| one.is_within(form))).then_some(form)
}

/// Whether an adapter has builds of its parts for dialects.
fn has_dialects(adapter: &Adapter) -> bool {
    adapter.parts.iter().any(|part| part.file.options().any(|option| option == DIALECT))
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
