//! Why a component does not run on a host, and what would make it run.

use super::{
    check::{Check, Import, Unmet},
    profile,
};
use crate::{
    common::{
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
    },
    types::{dialect::Dialect, interface::ExternName},
    wasm::binary::Form,
};
use std::collections::BTreeSet;

/// How a guest can be composed so that it runs on a host: what is missing in the composition so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Way {
    /// The adapters to add, from the inside out.
    pub adapters: Vec<String>,
    /// The options to set, each with its value. They choose among builds of the adapters.
    pub options: Vec<(String, String)>,
    /// The dialect to lift to.
    pub dialect: Option<Dialect>,
}

impl Way {
    /// Returns what the composition must be given.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        let adapters = Some(&self.adapters).filter(|adapters| !adapters.is_empty());
        let adapters = adapters.map(|adapters| Setting::Adapters(adapters.clone()));
        let options = self.options.iter().map(|(name, value)| Setting::value(name, value));
        adapters.into_iter().chain(options).chain(self.dialect.map(Setting::dialect)).collect()
    }
}

/// What a check was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A file.
    File,
    /// The guest of a composition, without adapters.
    Guest,
    /// The composed component.
    Composed,
}

/// The error for a component that does not run on a host.
#[derive(Debug, thiserror::Error)]
#[error("`{}` does not run on `{}`: {}", .outcome.file, .outcome.host, self.reason())]
#[non_exhaustive]
pub struct DoesNotRun {
    /// The result of the check.
    pub outcome: Check,
    /// What was checked.
    pub subject: Subject,
    /// What makes it run there, tried out. None if nothing is known that does.
    pub way: Option<Way>,
}

impl Check {
    /// Returns why the component does not run on the host, as an error.
    ///
    /// ```
    /// use msgcompose::{hosts::{self, check}};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let program = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/ticker.wasm"));
    /// let outcome = check("ticker.wasm", program, &hosts::get("wasmtime-serve")?)?;
    /// let reason = outcome.refusal().expect("it calls no programs").to_string();
    /// assert!(reason.ends_with("it is a program (`wasi:cli/run@0.2.0`), and the host calls none"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn refusal(self) -> Option<DoesNotRun> {
        (!self.runs).then_some(DoesNotRun { outcome: self, subject: Subject::File, way: None })
    }
}

/// Why a component does not run: what keeps it from running first of all.
enum Blocker<'d> {
    /// It would run, but the file is no component.
    Form(Form),
    /// It is a program, by this export and no other, and the host does not call that.
    Program(&'d ExternName),
    /// Imports that neither the host nor any adapter has.
    Lost(Vec<&'d Import>),
    /// A duty that the host cannot meet.
    Unmet(&'d Unmet),
    /// The host calls none of its exports, with whatever adapters.
    Uncalled,
    /// Imports that the host lacks, and adapters have.
    Missing(Vec<&'d Import>),
}

impl DoesNotRun {
    fn blocker(&self) -> Blocker<'_> {
        let Check { imports, called, unmet, not_called, lift, form, .. } = &self.outcome;
        if *form != Form::Component
            && !called.is_empty()
            && unmet.is_empty()
            && imports.iter().all(|import| import.offered)
        {
            return Blocker::Form(*form);
        }
        if let Some(program) =
            not_called.first().filter(|_| called.is_empty() && not_called.iter().all(ExternName::is_program))
        {
            return Blocker::Program(program);
        }
        let missing = || imports.iter().filter(|import| !import.offered);
        let lost: Vec<_> = missing().filter(|import| import.adapters.is_empty() && lift.is_none()).collect();
        match unmet.first() {
            _ if !lost.is_empty() => Blocker::Lost(lost),
            Some(unmet) => Blocker::Unmet(unmet),
            None if called.is_empty() && self.way.is_none() => Blocker::Uncalled,
            None if missing().next().is_none() => Blocker::Uncalled,
            None => Blocker::Missing(missing().collect()),
        }
    }

    fn reason(&self) -> String {
        let subject = if self.subject == Subject::Composed { "as composed, it" } else { "it" };
        match self.blocker() {
            Blocker::Form(form) => format!("it is {form}, and hosts take components"),
            Blocker::Program(program) => {
                let calls = self.outcome.calls.iter().filter(|call| ExternName::parse(call).is_program());
                let calls: Vec<_> = calls.collect();
                let calls = if calls.is_empty() { "none".to_owned() } else { quoted(calls, " and ") };
                format!("{subject} is a program (`{program}`), and the host calls {calls}")
            }
            Blocker::Lost(imports) | Blocker::Missing(imports) => match &imports[..] {
                [Import { caveat: Some(caveat), .. }, others @ ..]
                    if others.iter().all(|other| other.caveat.as_ref() == Some(caveat)) =>
                {
                    format!("{subject} imports {}, and {caveat}", names(&imports))
                }
                imports if imports.iter().all(|import| import.adapters.is_empty() && import.caveat.is_none()) => {
                    format!("{subject} imports {}, which neither the host nor any adapter has", names(imports))
                }
                imports => format!("{subject} imports {}, which the host does not offer", names(imports)),
            },
            Blocker::Unmet(Unmet { duty, reason, .. }) => format!("the host is to {}; there, {reason}", duty.text),
            Blocker::Uncalled => match &self.outcome.uncalled[..] {
                [] => format!("{subject} exports nothing that the host calls"),
                uncalled => format!("{subject} exports what the host does not call as it is: {}", uncalled.join("; ")),
            },
        }
    }

    /// Says what is to be done on this way.
    fn by(&self, way: &Way) -> Remedy {
        let (file, settings) = (&self.outcome.file, way.settings());
        if self.subject != Subject::File {
            return Remedy::from("add ").names(settings);
        }
        match way {
            Way { adapters, dialect: Some(dialect), .. } if adapters.is_empty() => Remedy::new()
                .run(Command::Uplift { file: file.clone(), dialect: dialect.to_string() })
                .text(" lifts it, and so does ")
                .run(Command::Plug { file: None, settings }),
            _ => Remedy::new().run(Command::Plug { file: Some(file.clone()), settings }).text(" makes it run there"),
        }
    }
}

impl Remedied for DoesNotRun {
    fn remedy(&self) -> Option<Remedy> {
        Some(match (self.blocker(), &self.way) {
            (Blocker::Form(_), _) => {
                let settings = vec![Setting::Host(self.outcome.host.clone())];
                let plug = Command::Plug { file: Some(self.outcome.file.clone()), settings };
                Remedy::new().run(plug).text(" makes a component of it")
            }
            (Blocker::Program(program), _) => {
                let hosts = profile::names().filter_map(|name| profile::get(name).ok());
                let hosts: Vec<_> = hosts.filter(|host| host.calls(program)).map(|host| host.name).collect();
                format!("`{program}` is called by {}", quoted(hosts, ", ")).into()
            }
            (Blocker::Unmet(Unmet { instead: Some(instead), .. }), _) => instead.clone().into(),
            (_, Some(way)) => self.by(way),
            (Blocker::Unmet(_), None) => "choose another host, or adapters without this duty".into(),
            (Blocker::Uncalled, None) => {
                format!("export what the host calls: {}", self.outcome.calls.join(" or ")).into()
            }
            (Blocker::Lost(imports), None) => format!(
                "no adapter of the catalogue provides it; plug one of your own that exports {}",
                names(&imports)
            )
            .into(),
            (Blocker::Missing(imports), None) => {
                let names = names(&imports);
                format!("no adapters of the catalogue make it run there; plug one of your own that exports {names}")
                    .into()
            }
        })
    }
}

/// Returns the names of imports, each once.
fn names(imports: &[&Import]) -> String {
    let mut seen = BTreeSet::new();
    quoted(imports.iter().map(|import| &import.name).filter(|name| seen.insert(*name)), ", ")
}
