use super::{
    error::{Context, Result},
    io::{self, Stream},
    style::{self, FAINT, HEADING, line},
    verbosity::Verbosity,
};
use crate::{
    common::{
        quote::quoted,
        remedy::{Remedied, Remedy},
    },
    compose::record::Composition,
    hosts::{
        check::{self, Check as Outcome},
        does_not_run::{DoesNotRun, Subject},
        profile::{self, Profile},
    },
};
use clap::Args;
use serde::Serialize;
use std::fmt;

/// Check whether components run on hosts, import by import
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # in CI, before deploying
  msgcompose check app.wasm --host wasmtime-serve

  # the exit status only; then every fact with its source
  msgcompose check app.wasm --host jco-serve -q || echo no
  msgcompose check app.wasm --host jco-serve -v

  # several components on several hosts, as a table
  msgcompose check app.wasm desk.wasm --host wasmtime-serve,jco-serve,spin

", super::exit_status!()))]
pub struct Check {
    /// A component, or a core module with a component type; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    #[arg(long = "host", value_name = "HOST", required = true, value_delimiter = ',', help = hosts())]
    hosts: Vec<String>,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

fn hosts() -> String {
    format!("The host, or several with commas between them: {}", profile::names().collect::<Vec<_>>().join(", "))
}

impl Check {
    /// Checks each component against each host and prints the results.
    pub fn run(self) -> Result<()> {
        let hosts = self.hosts.iter().map(|host| Ok(profile::get(host)?)).collect::<Result<Vec<_>>>()?;
        let mut outcomes = Vec::new();
        let mut failed = Vec::new();
        for file in &self.files {
            let file = Stream::from(&**file);
            let bytes = self.verbosity.timed("read the component", || file.load())?;
            for host in &hosts {
                let outcome = self.check(&file.name(), &bytes, host)?;
                if !outcome.runs {
                    failed.push(does_not_run(outcome.clone(), &bytes, host));
                }
                outcomes.push(outcome);
            }
        }
        let is_table = outcomes.len() > 1;
        let (quiet, sources) = (self.verbosity.quiet, self.verbosity.verbose);
        match &outcomes[..] {
            [outcome] if self.json => style::print(&io::json("check", outcome)?)?,
            checks if self.json => style::print(&io::json("check", &Checks { checks })?)?,
            _ if quiet => {}
            [outcome] => style::show(&Text { outcome, sources }.to_string())?,
            _ => style::show(&Table { outcomes: &outcomes, hosts: &hosts, failed: &failed }.to_string())?,
        }
        match failed.pop() {
            None => Ok(()),
            Some(only) if !is_table => Err(only.into()),
            Some(_) => Err(NotAll { failed: failed.len() + 1, of: outcomes.len() }.into()),
        }
    }

    fn check(&self, name: &str, bytes: &[u8], host: &Profile) -> Result<Outcome> {
        let check = || check::check(name, bytes, host).with_context(|| format!("failed to check `{name}`"));
        self.verbosity.timed("check against the host", check)
    }
}

/// Says why a component does not run on a host, with a way to make it run that was tried.
fn does_not_run(outcome: Outcome, bytes: &[u8], host: &Profile) -> DoesNotRun {
    let composition = Composition::new(outcome.file.clone(), bytes).with(|all| all.host = Some(host.clone()));
    // A duty is not met by more adapters.
    let way = if outcome.unmet.is_empty() { composition.way().unwrap_or_default() } else { None };
    DoesNotRun { outcome, subject: Subject::File, way }
}

/// Some of several components do not run on some of several hosts.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {of} do not run")]
struct NotAll {
    failed: usize,
    of: usize,
}

impl Remedied for NotAll {
    fn remedy(&self) -> Option<Remedy> {
        Some("the table names the reasons; a check of one file on one host says what to do".into())
    }
}

#[derive(Serialize)]
struct Checks<'a> {
    checks: &'a [Outcome],
}

/// Which component runs on which host, and why not.
struct Table<'a> {
    /// File by file, and for each file host by host.
    outcomes: &'a [Outcome],
    hosts: &'a [Profile],
    failed: &'a [DoesNotRun],
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.outcomes.iter().map(|outcome| outcome.file.len()).max().unwrap_or(0);
        write!(f, "{HEADING}{:width$}", "")?;
        self.hosts.iter().try_for_each(|host| write!(f, "  {}", host.name))?;
        line!(f, "{HEADING:#}")?;
        for row in self.outcomes.chunks(self.hosts.len()) {
            let verdict = |outcome: &Outcome| if outcome.runs { "runs" } else { "no" };
            let cells = row.iter().map(|outcome| format!("  {:1$}", verdict(outcome), outcome.host.len()));
            line!(f, "{:width$}{}", row[0].file, cells.collect::<String>().trim_end())?;
        }
        self.failed.iter().try_for_each(|failed| line!(f, "{failed}"))
    }
}

/// The check of one component on one host.
struct Text<'a> {
    outcome: &'a Outcome,
    /// Whether the source of each fact is printed.
    sources: bool,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { file, host, runs, flags, imports, called, uncalled, unmet, .. } = self.outcome;
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
            if let Some(source) = import.source.as_ref().filter(|_| self.sources) {
                line!(f, "    {FAINT}{source}{FAINT:#}")?;
            }
        }
        for export in called {
            line!(f, "the host calls {export}")?;
        }
        for export in uncalled {
            line!(f, "the host does not call {export}")?;
        }
        for unmet in unmet {
            line!(f, "the host cannot {}", unmet.duty.text)?;
        }
        match (runs, &flags[..]) {
            (false, _) => Ok(()),
            (true, []) => line!(f, "it runs"),
            (true, flags) => line!(f, "it runs, with `{}`", flags.join(" ")),
        }
    }
}
