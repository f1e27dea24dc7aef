use super::{
    error::{Context, Result},
    io::{self, Stream},
    style::{self, FAINT, HEADING, line},
    verbosity::Verbosity,
};
use crate::{
    common::quote::quoted,
    hosts::{
        check::{self, Check as Outcome, DoesNotRun},
        profile::{self, Profile},
    },
    types::interface::ExternName,
};
use clap::Args;
use std::fmt;

/// Check whether a component runs on a host, import by import
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # in CI, before deploying
  msgcompose check app.wasm --host wasmtime-serve

  # the exit status only; then every fact with its source
  msgcompose check app.wasm --host jco-serve -q || echo no
  msgcompose check app.wasm --host jco-serve -v

", super::exit_status!()))]
pub struct Check {
    /// A component, or a core module with a component type; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    #[arg(long, value_name = "HOST", help = hosts())]
    host: String,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

fn hosts() -> String {
    format!("The host: {}", profile::names().collect::<Vec<_>>().join(", "))
}

impl Check {
    /// Checks the component and prints the result.
    pub fn run(self) -> Result<()> {
        let file = Stream::from(&*self.file);
        let name = file.name();
        let profile = profile::get(&self.host)?;
        let Verbosity { quiet, verbose } = self.verbosity;
        let bytes = self.verbosity.timed("read the component", || file.load())?;
        let check = || check::check(&name, &bytes, &profile).with_context(|| format!("failed to check `{name}`"));
        let outcome = self.verbosity.timed("check against the host", check)?;
        match (self.json, quiet) {
            (true, _) => style::print(&io::json("check", &outcome)?)?,
            (_, true) => {}
            _ => style::show(&Text { outcome: &outcome, sources: verbose.then_some(&profile) }.to_string())?,
        }
        if outcome.runs { Ok(()) } else { Err(DoesNotRun { outcome, is_composed: false }.into()) }
    }
}

struct Text<'a> {
    outcome: &'a Outcome,
    /// The host's profile, if the source of each fact is printed.
    sources: Option<&'a Profile>,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { file, host, runs, flags, imports, called, uncalled, .. } = self.outcome;
        line!(f, "{HEADING}`{file}` on `{host}`{HEADING:#}")?;
        let width = imports.iter().map(|import| import.name.len()).max().unwrap_or(0);
        for import in imports {
            let flag = import.flag.as_ref().map(|flag| format!("with `{flag}`"));
            let verdict = match (import.offered, flag) {
                (true, flag) => flag.unwrap_or_else(|| "offered".to_owned()),
                (false, _) => "not offered".to_owned(),
            };
            let caveat = import.caveat.as_ref().map(|caveat| format!("{FAINT}: {caveat}{FAINT:#}"));
            let providers = quoted(&import.adapters, ", ");
            let provided =
                if import.adapters.is_empty() { String::new() } else { format!("; provided by {providers}") };
            line!(f, "  {:width$}  {verdict}{}{provided}", import.name, caveat.unwrap_or_default())?;
            if let Some(offer) = self.sources.and_then(|profile| profile.offer(&ExternName::parse(&import.name))) {
                line!(f, "    {FAINT}{}: {}{FAINT:#}", offer.package, offer.source)?;
            }
        }
        for export in called {
            line!(f, "the host calls {export}")?;
        }
        for export in uncalled {
            line!(f, "the host does not call {export}")?;
        }
        match (runs, &flags[..]) {
            (false, _) => Ok(()),
            (true, []) => line!(f, "it runs"),
            (true, flags) => line!(f, "it runs, with `{}`", flags.join(" ")),
        }
    }
}
