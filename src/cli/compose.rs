//! A composition as commands take it: the adapters, the options and what the result must keep to, from flags to a
//! composed component.

use super::{check::DoesNotRun, error::Usage, io};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use msgcompose::{
    Assignment, Composed, Composition, Report, Validation, catalogue,
    check::check,
    choose::choose,
    profile::{self, Profile},
    quote::quoted,
    report::Duty,
    settings,
};
use std::path::PathBuf;
use wildmatch::WildMatch;

/// What is put around a guest.
#[derive(Debug, Args)]
pub struct Compose {
    /// An adapter: a name (see `msgcompose adapters`), a folder with an `adapter.toml`, or a component
    #[arg(long = "adapter", value_name = "NAME|PATH")]
    pub adapters: Vec<String>,
    /// The host that the composed component must run on (see `msgcompose check --help`). Without `--adapter`, the
    /// shortest stack of adapters is taken with which it does
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Refuse a composition that imports anything else; `*` in PATTERN stands for any text
    #[arg(long = "no-imports-except", value_name = "PATTERN")]
    pub allowed_imports: Vec<String>,
    /// An option of an adapter (KEY may be ADAPTER.KEY); the last one counts
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = assignment)]
    pub assignments: Vec<Assignment>,
    /// A TOML file with options, one table an adapter; `--set` goes over it
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// Where options come from when the composed component runs; those that are not set there are as they were baked
    #[arg(long, value_enum, value_name = "PLACE", default_value_t)]
    pub config_from: ConfigFrom,
    /// How much of the result is checked before it is written
    #[arg(long, value_enum, default_value_t)]
    pub validate: Validate,
}

/// How much is checked.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Validate {
    /// Types and wiring, which composing makes; code and data are copied as they are
    #[default]
    Structural,
    /// Everything, on all cores
    Full,
}

/// Where options come from.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum ConfigFrom {
    /// From nowhere else: they are as they are set here
    #[default]
    Baked,
    /// The environment: `MSGCOMPOSE_OPTION`, or `MSGCOMPOSE_ADAPTER_OPTION`
    Env,
    /// The host's wasi:config/store: `option`, or `adapter.option`
    Host,
}

impl From<Validate> for Validation {
    fn from(validate: Validate) -> Self {
        match validate {
            Validate::Structural => Self::Structural,
            Validate::Full => Self::Full,
        }
    }
}

impl From<ConfigFrom> for msgcompose::ConfigFrom {
    fn from(from: ConfigFrom) -> Self {
        match from {
            ConfigFrom::Baked => Self::Baked,
            ConfigFrom::Env => Self::Env,
            ConfigFrom::Host => Self::Host,
        }
    }
}

fn assignment(argument: &str) -> Result<Assignment, String> {
    let (key, value) = argument.split_once('=').ok_or("an option is set by KEY=VALUE")?;
    Ok(Assignment { adapter: None, key: key.trim().to_owned(), value: value.to_owned() })
}

impl Compose {
    /// Composes around a guest. `name` is for messages.
    pub fn compose(&self, name: &str, guest: Vec<u8>) -> Result<Composed<'static>> {
        let failed = || format!("failed to compose `{name}`");
        let profile = self.host.as_deref().map(profile::get).transpose()?;
        let assignments = self.assignments()?;
        let adapters = match &profile {
            None if self.adapters.is_empty() => return Err(no_adapter()),
            Some(profile) if self.adapters.is_empty() => {
                let known: Vec<_> = catalogue::names().map(catalogue::get).collect::<Result<_, _>>()?;
                choose(name, &guest, &known, &assignments, self.config_from.into(), profile).with_context(failed)?
            }
            _ => self.adapters.iter().map(|adapter| io::adapter(adapter)).collect::<Result<_>>()?,
        };
        let mut composition = Composition::of(name, guest).assign(assignments);
        composition = composition.config_from(self.config_from.into()).validation(self.validate.into());
        let mut composed =
            adapters.into_iter().fold(composition, Composition::adapter).compose().with_context(failed)?;
        if let Some(profile) = &profile {
            self.check(name, profile, &mut composed)?;
        }
        self.check_imports(&composed.report).with_context(failed)?;
        Ok(composed)
    }

    /// Whether nothing goes around a guest.
    pub fn puts_nothing_around(&self) -> bool {
        self.adapters.is_empty() && self.host.is_none()
    }

    /// Fails if what nothing goes around has options of adapters, or imports what it must not.
    pub fn check_alone(&self, report: &Report) -> Result<()> {
        if let Some(assignment) = self.assignments()?.first() {
            let message = format!("option `{}` is of an adapter, and none is given", assignment.key);
            return Err(
                Usage { message, hint: "pass the adapter by `--adapter`, or leave the option out".to_owned() }.into()
            );
        }
        if !matches!(self.config_from, ConfigFrom::Baked) {
            let message = "`--config-from` is for options of adapters, and none is given".to_owned();
            return Err(Usage { message, hint: "leave it out".to_owned() }.into());
        }
        self.check_imports(report)
    }

    /// The options of the file, and those of the command line over them.
    fn assignments(&self) -> Result<Vec<Assignment>> {
        let mut assignments = Vec::new();
        if let Some(path) = &self.config {
            let in_file = || format!("in `{}`", path.display());
            let text = std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
            assignments = settings::parse_config(&text).map_err(msgcompose::Error::from).with_context(in_file)?;
        }
        assignments.extend(self.assignments.iter().cloned());
        Ok(assignments)
    }

    /// Fails if the composed component imports what `--no-imports-except` does not name.
    fn check_imports(&self, report: &Report) -> Result<()> {
        let allowed: Vec<_> = self.allowed_imports.iter().map(|pattern| WildMatch::new(pattern)).collect();
        let is_left = |import: &&String| !allowed.is_empty() && !allowed.iter().any(|pattern| pattern.matches(import));
        let left: Vec<String> = report.imports.iter().filter(is_left).cloned().collect();
        if left.is_empty() { Ok(()) } else { Err(ImportsLeft(left).into()) }
    }

    /// Fails if the composed component does not run on the host; if it does, says what the host must be told.
    fn check(&self, name: &str, profile: &Profile, composed: &mut Composed<'_>) -> Result<()> {
        let outcome = check(name, &composed.component.to_bytes(), profile)?;
        if !outcome.runs {
            return Err(DoesNotRun { outcome, is_composed: true }.into());
        }
        for flag in outcome.flags {
            let text = format!("be started with `{flag}`");
            composed.report.host.push(Duty { kind: "start-with".to_owned(), value: flag, text });
        }
        if self.adapters.is_empty() {
            let chosen = match &composed.report.adapters[..] {
                [] => "no adapter is needed".to_owned(),
                adapters => format!("{} is the shortest stack", quoted(adapters, ", ")),
            };
            composed.report.notes.push(format!("{chosen} for `{name}` to run on `{}`", profile.name));
        }
        Ok(())
    }
}

/// The composed component imports what it must not.
#[derive(Debug, thiserror::Error)]
#[error("it still imports {}, which `--no-imports-except` does not allow", quoted(.0, ", "))]
pub struct ImportsLeft(Vec<String>);

impl ImportsLeft {
    /// The way out.
    pub fn hint(&self) -> String {
        let import = self.0.first().map_or("", String::as_str);
        format!("add an adapter that provides it, or allow it: `--no-imports-except {import}`")
    }
}

fn no_adapter() -> anyhow::Error {
    let names: Vec<_> = catalogue::names().map(|name| format!("`--adapter {name}`")).collect();
    let message = "no adapter is given".to_owned();
    let hint = format!("pass {}, or a path to your own, or `--host` to have it found", names.join(" or "));
    Usage { message, hint }.into()
}
