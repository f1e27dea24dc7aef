//! Checks whether a component runs on a host. The host must offer each import, and must call one of the exports.

use crate::{
    adapters::{
        adapter::Adapter,
        catalogue,
        option::DefaultValue,
        part::{DIALECT, Role},
    },
    common::{
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
    },
    hosts::profile::Profile,
    types::{
        component::{Arena, Component, ComponentError, Extern},
        dialect::Dialect,
        interface::{ExternName, InterfaceId},
        read::ReadError,
    },
    wasm::binary::Binary,
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
    /// Whether the component runs on the host.
    pub runs: bool,
    /// The flags that the host needs, each once.
    pub flags: Vec<String>,
    /// The imports, in the order of the binary.
    pub imports: Vec<Import>,
    /// The exports that the host calls, in the versions that the host names. If empty, the component does not run.
    pub called: Vec<String>,
    /// The component's dialect of messaging. None if it has no messaging, or none in a known dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// A dialect of the host to which the component can be lifted. None if it need not or cannot be lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lift: Option<Dialect>,
    /// Exports that the host ignores because they are in another dialect, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncalled: Vec<String>,
    /// All interfaces that the host calls.
    pub calls: Vec<String>,
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
    /// What a user should know, in words: a caveat, or why the host does not offer the import.
    pub caveat: Option<String>,
    /// The adapters of the catalogue that provide the import. Empty if the host offers it.
    pub adapters: Vec<String>,
}

/// The error for a component that does not run on a host.
#[derive(Debug, thiserror::Error)]
#[error("`{}` does not run on `{}`: {}", .outcome.file, .outcome.host, self.reason())]
#[non_exhaustive]
pub struct DoesNotRun {
    /// The result of the check.
    pub outcome: Check,
    /// Whether the check was made on the composed component. If false, it was made on the file itself.
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
}

impl Remedied for DoesNotRun {
    fn remedy(&self) -> Option<Remedy> {
        let file = &self.outcome.file;
        if let Some(target) = self.outcome.lift {
            let dialect = || Setting::dialect(target);
            return Some(if self.is_composed {
                Remedy::from("add ").name(dialect())
            } else {
                Remedy::new()
                    .run(Command::Uplift { file: file.clone(), dialect: target.to_string() })
                    .text(" lifts it, and so does ")
                    .run(Command::Plug { file: None, settings: vec![dialect()] })
            });
        }
        if self.missing().next().is_none() {
            return Some(format!("export what the host calls: {}", self.outcome.calls.join(" or ")).into());
        }
        Some(match self.outcome.adapter() {
            Some(adapter) if self.is_composed => Remedy::new().pass(Setting::adapter(&adapter)),
            Some(adapter) => Remedy::new()
                .run(Command::Plug { file: Some(file.clone()), settings: vec![Setting::adapter(&adapter)] })
                .text(" serves what the host does not offer"),
            None => "plug adapters that provide it, of your own where the catalogue has none".into(),
        })
    }
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
/// assert_eq!(missing.adapters, ["messaging-over-http"]);
/// # Ok(())
/// # }
/// ```
pub fn check(name: &str, bytes: &[u8], profile: &Profile) -> Result<Check, ReadError> {
    Ok(check_binary(name, Binary::read(name, bytes)?, profile)?)
}

/// Checks a binary that is already read. Its skeleton is enough.
pub(crate) fn check_binary(name: &str, binary: Binary<'_>, profile: &Profile) -> Result<Check, ComponentError> {
    let (arena, component) = Arena::of(name, binary)?;
    let messaging = messaging(&component, &arena)?;
    let dialect = Dialect::of(&component, &arena)?;
    let foreign = |item: &Extern| {
        messaging.iter().find(|one| std::ptr::eq(one.item, item)).and_then(|one| one.foreign(profile, dialect))
    };
    let imports = component.imports.iter().map(|import| {
        let mut checked = check_import(&import.name, profile, foreign(import));
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
            match foreign(export) {
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
    /// Returns the adapter that serves all missing imports. Among several, it is the one that provides the fewest
    /// imports that the host offers already.
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
    let is_known = |name: &ExternName| profile.offers(name) || profile.calls(name);
    let mut known = messaging.iter().filter(|one| is_known(&one.item.name));
    let is_foreign = known.any(|one| profile.dialects.iter().all(|dialect| !one.is_in(*dialect)));
    let dialect = profile.dialects.iter().copied().find(|dialect| *dialect != Dialect::Sync)?;
    (is_foreign && messaging.iter().all(|one| one.is_within(dialect))).then_some(dialect)
}

/// Returns whether an adapter has different builds for different dialects.
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

/// Returns the adapters of the catalogue that provide an import.
#[must_use]
pub fn providers(import: &ExternName) -> Vec<String> {
    let adapters = catalogue::names().filter_map(|name| catalogue::get(name).ok());
    adapters.filter(|adapter| provides(adapter, import)).map(|adapter| adapter.name).collect()
}

fn provides(adapter: &Adapter, import: &ExternName) -> bool {
    let default = |option| match adapter.option(option).and_then(|option| option.default.as_ref()) {
        Some(DefaultValue::Fixed(value)) => value.as_str(),
        _ => "",
    };
    let providers = adapter.parts.iter().filter(|part| part.role == Some(Role::Provider));
    providers.filter_map(|part| adapter.file(part, default).ok()).any(|bytes| {
        let component = Arena::new().add(&adapter.name, Binary::own(&**bytes));
        component.is_ok_and(|component| component.export_for(import).is_some())
    })
}
