//! A composition as commands take it: the adapters, the options and what the result must keep to, from flags to a
//! composed component.

use super::{
    check::DoesNotRun,
    error::{self, Usage},
    io,
    verbosity::{Stages, Verbosity},
};
use crate::{
    adapters::{
        catalogue,
        settings::{self, Assignment, Secrets},
    },
    common::{ErrorKind as Kind, quote::quoted},
    compose::{
        Composed, Composition,
        choose::choose,
        report::{Duty, Report},
        reproduction::Reproduction,
        validate::Validation,
    },
    hosts::{
        check::check,
        profile::{self, Profile},
    },
    types::dialect::Form,
    wasm::hash::sha256,
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use wildmatch::WildMatch;

/// What is put around a guest.
#[derive(Debug, Default, PartialEq, Eq, Args)]
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
    /// An option that is set when the component runs, by `--config-from`, and is not in it
    #[arg(long = "secret", value_name = "KEY")]
    pub secrets: Vec<String>,
    /// Put values of secret options into the component, where everybody can read them
    #[arg(long)]
    pub bake_secrets: bool,
    /// A TOML file with options, one table an adapter; `--set` goes over it
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// Where options come from when the composed component runs; those that are not set there are as they were baked
    #[arg(long, value_enum, value_name = "PLACE", default_value_t)]
    pub config_from: ConfigFrom,
    /// Take the adapters' debug builds: they have names in backtraces, and say what they do on standard error
    #[arg(long, conflicts_with = "strip")]
    pub debug: bool,
    /// Remove names and other custom sections: those of the adapters, or the guest's too
    #[arg(long, value_enum, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "adapters")]
    pub strip: Option<Strip>,
    /// The form of `wasi:messaging` that the host has: the guest, and parts of adapters, are lifted to it (see
    /// `msgcompose uplift --help`). Without, it is the guest's own, or the next that the adapters can be in
    #[arg(long, value_enum, value_name = "FORM")]
    pub dialect: Option<Dialect>,
    /// How much of the result is checked before it is written
    #[arg(long, value_enum, default_value_t)]
    pub validate: Validate,
}

/// Which functions are async.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// None
    Sync,
    /// Those that wait for somebody else: `request` and `handle`
    Mixed,
    /// All that may wait: `connect`, `send` and `reply`, too
    Async,
}

impl From<Dialect> for Form {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sync => Self::Sync,
            Dialect::Mixed => Self::Mixed,
            Dialect::Async => Self::Async,
        }
    }
}

impl From<Form> for Dialect {
    fn from(form: Form) -> Self {
        match form {
            Form::Sync => Self::Sync,
            Form::Mixed => Self::Mixed,
            Form::Async => Self::Async,
        }
    }
}

/// How much is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Validate {
    /// Types and wiring, which composing makes; code and data are copied as they are
    #[default]
    Structural,
    /// Everything, on all cores
    Full,
}

/// What is stripped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strip {
    /// The adapters, and the names of the instances
    Adapters,
    /// The guest, too
    All,
}

impl Strip {
    /// The flag that says the same.
    pub fn of(strip: crate::wasm::strip::Strip) -> Option<Self> {
        match strip {
            crate::wasm::strip::Strip::Adapters => Some(Self::Adapters),
            crate::wasm::strip::Strip::All => Some(Self::All),
            crate::wasm::strip::Strip::Nothing => None,
        }
    }
}

impl From<Strip> for crate::wasm::strip::Strip {
    fn from(strip: Strip) -> Self {
        match strip {
            Strip::Adapters => Self::Adapters,
            Strip::All => Self::All,
        }
    }
}

/// Where options come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
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

impl From<ConfigFrom> for crate::adapters::config::ConfigFrom {
    fn from(from: ConfigFrom) -> Self {
        match from {
            ConfigFrom::Baked => Self::Baked,
            ConfigFrom::Env => Self::Env,
            ConfigFrom::Host => Self::Host,
        }
    }
}

impl From<Validation> for Validate {
    fn from(validation: Validation) -> Self {
        match validation {
            Validation::Structural => Self::Structural,
            Validation::Full => Self::Full,
        }
    }
}

impl From<crate::adapters::config::ConfigFrom> for ConfigFrom {
    fn from(from: crate::adapters::config::ConfigFrom) -> Self {
        match from {
            crate::adapters::config::ConfigFrom::Baked => Self::Baked,
            crate::adapters::config::ConfigFrom::Env => Self::Env,
            crate::adapters::config::ConfigFrom::Host => Self::Host,
        }
    }
}

fn assignment(argument: &str) -> Result<Assignment, String> {
    let (key, value) = argument.split_once('=').ok_or("an option is set by KEY=VALUE")?;
    Ok(Assignment { adapter: None, key: key.trim().to_owned(), value: value.to_owned() })
}

impl Compose {
    /// Whether anything is to be composed.
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }

    /// Composes around a guest. `name` is for messages.
    pub fn compose<'a>(&self, name: &str, guest: &'a [u8], verbosity: Verbosity) -> Result<Composed<'a>> {
        verbosity.stages(|stages| self.compose_in(stages, name, guest))
    }

    fn compose_in<'a>(&self, stages: &mut Stages, name: &str, guest: &'a [u8]) -> Result<Composed<'a>> {
        let failed = || format!("failed to compose `{name}`");
        let profile = self.host.as_deref().map(profile::get).transpose()?;
        stages.enter("read the adapters and options");
        let assignments = self.assignments()?;
        let dialect = self.dialect.map(Form::from);
        let adapters = match &profile {
            None if self.adapters.is_empty() => return Err(no_adapter()),
            Some(profile) if self.adapters.is_empty() => {
                stages.enter("choose the adapters");
                let known: Vec<_> = catalogue::names().map(catalogue::get).collect::<Result<_, _>>()?;
                choose(name, guest, &known, &assignments, self.config_from.into(), dialect, profile)
                    .with_context(failed)?
            }
            _ => self.adapters.iter().map(|adapter| io::adapter(adapter)).collect::<Result<_>>()?,
        };
        let mut composition = Composition::of(name, guest).assign(assignments);
        composition = composition.secrets(Secrets { at_run_time: self.secrets.clone(), baked: self.bake_secrets });
        composition = composition.config_from(self.config_from.into()).validation(self.validate.into());
        composition = composition.debug(self.debug).strip(self.strip.map(Into::into).unwrap_or_default());
        let composition = dialect.into_iter().fold(composition, Composition::dialect);
        let composition = adapters.into_iter().fold(composition, Composition::adapter);
        let composed =
            error::caught(|| composition.compose_observed(&mut |stage| stages.enter(stage)).with_context(failed));
        let mut composed = composed.map_err(|error| self.with_reproduction(error, guest))?;
        if let Some(profile) = &profile {
            stages.enter("check against the host");
            self.check(name, profile, &mut composed)?;
        }
        self.check_imports(&composed.report).with_context(failed)?;
        Ok(composed)
    }

    /// An error that is a bug of this tool comes with a file that reproduces it.
    fn with_reproduction(&self, error: anyhow::Error, guest: &[u8]) -> anyhow::Error {
        if error::kind(&error) != Kind::Internal {
            return error;
        }
        // A secret that is baked stands in the command line too.
        let is_shown =
            |argument: &String| !self.bake_secrets || !self.assignments.iter().any(|set| argument.contains(&set.value));
        let command =
            std::env::args().skip(1).map(|argument| if is_shown(&argument) { argument } else { "…".to_owned() });
        let errors = error.chain().map(ToString::to_string).collect();
        let component = Reproduction::new(command.collect(), errors).component(guest);
        let path = format!("msgcompose-reproduction-{}.wasm", &sha256(&component)[..8]);
        match std::fs::write(&path, component) {
            Ok(()) => error.context(Bug { reproduction: path }),
            Err(_) => error,
        }
    }

    /// Fails for what is wrong with it whatever the guest is.
    pub fn check_arguments(&self) -> Result<()> {
        self.host.as_deref().map(profile::get).transpose()?;
        self.assignments()?;
        if self.adapters.is_empty() && self.host.is_none() {
            return Err(no_adapter());
        }
        self.adapters.iter().try_for_each(|adapter| io::adapter(adapter).map(drop))
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
        let at_run_time = !self.secrets.is_empty() || !matches!(self.config_from, ConfigFrom::Baked);
        if at_run_time || self.bake_secrets {
            let message =
                "`--secret`, `--bake-secrets` and `--config-from` are for options of adapters, and none is given";
            let hint = "pass the adapter by `--adapter`, or leave them out";
            return Err(Usage { message: message.to_owned(), hint: hint.to_owned() }.into());
        }
        if self.dialect.is_some() {
            let message = "`--dialect` is for what adapters go around, and none is given";
            let hint = "pass the adapter by `--adapter`, or leave it out";
            return Err(Usage { message: message.to_owned(), hint: hint.to_owned() }.into());
        }
        self.check_imports(report)
    }

    /// The options of the file, and those of the command line over them.
    fn assignments(&self) -> Result<Vec<Assignment>> {
        let mut assignments = Vec::new();
        if let Some(path) = &self.config {
            let in_file = || format!("in `{}`", path.display());
            let text = std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
            assignments =
                settings::parse_config(&text).map_err(crate::compose::error::Error::from).with_context(in_file)?;
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
            composed.report.host.push(Duty::new("start-with", flag, text));
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

/// A bug of this tool, with which it could not compose.
#[derive(Debug, thiserror::Error)]
#[error("msgcompose has a bug")]
pub struct Bug {
    /// The file that shows it again.
    reproduction: String,
}

impl Bug {
    /// The way out.
    pub fn hint(&self) -> String {
        let file = &self.reproduction;
        format!("please report it with `{file}`: the command, and the guest's types without its code and data")
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
