use super::{
    check::DoesNotRun,
    error::Usage,
    io::{self, Stream},
    style::{self, FAINT, HEADING},
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use indexmap::IndexSet;
use msgcompose::{
    Assignment, Composed, Composition, Report, Validation, catalogue,
    check::check,
    choose::choose,
    profile::{self, Profile},
    quote::quoted,
    report::{Duty, WireKind},
    settings,
};
use std::{
    fmt::{self, Write},
    path::PathBuf,
};
use wildmatch::WildMatch;

/// Put adapters around a guest
///
/// Adapters are taken in order, each onto the result so far: what the first leaves open the next may serve. The
/// composed component is written to OUT, everything else to standard error.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a guest that requests, for a host that has publish/subscribe and a key-value store
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --set reply-topic=my.replies -o app.wasm

  # whatever the guest needs to run on this host
  msgcompose plug guest.wasm --host wasmtime-serve --set base-url=http://broker:8080 -o app.wasm

  # options from a file, the component in a pipe
  msgcompose plug - --adapter reqreply-over-pubsub --config options.toml < guest.wasm > app.wasm

  # MSGCOMPOSE_REPLY_TOPIC, and any other option, from the environment that the component will run in
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --config-from env -o app.wasm

", super::exit_status!()))]
pub struct Plug {
    /// The guest: a component, or a core module with a component type, as binary or text; `-` for standard input
    #[arg(value_name = "GUEST")]
    guest: String,
    /// An adapter: a name (see `msgcompose adapters`), a folder with an `adapter.toml`, or a component
    #[arg(long = "adapter", value_name = "NAME|PATH")]
    adapters: Vec<String>,
    /// The host that the composed component must run on (see `msgcompose check --help`). Without `--adapter`, the
    /// shortest stack of adapters is taken with which it does
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Refuse a composition that imports anything else; `*` in PATTERN stands for any text
    #[arg(long = "no-imports-except", value_name = "PATTERN")]
    allowed_imports: Vec<String>,
    /// An option of an adapter (KEY may be ADAPTER.KEY); the last one counts
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = assignment)]
    assignments: Vec<Assignment>,
    /// A TOML file with options, one table an adapter; `--set` goes over it
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// Where options come from when the composed component runs; those that are not set there are as they were baked
    #[arg(long, value_enum, value_name = "PLACE", default_value_t)]
    config_from: ConfigFrom,
    /// Where the composed component goes; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    output: String,
    /// How much of the result is checked before it is written
    #[arg(long, value_enum, default_value_t)]
    validate: Validate,
    /// Show who would feed whom, on standard output, and write nothing
    #[arg(long, conflicts_with_all = ["output", "json"])]
    plan: bool,
    /// Say nothing but errors
    #[arg(short, long, conflicts_with_all = ["plan", "json"])]
    quiet: bool,
    /// Report as JSON, on standard output unless the component goes there
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Validate {
    /// Types and wiring, which composing makes; code and data are copied as they are
    #[default]
    Structural,
    /// Everything, on all cores
    Full,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ConfigFrom {
    /// From nowhere else: they are as they are set here
    #[default]
    Baked,
    /// The environment: `MSGCOMPOSE_OPTION`, or `MSGCOMPOSE_ADAPTER_OPTION`
    Env,
    /// The host's wasi:config/store: `option`, or `adapter.option`
    Host,
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

impl Plug {
    /// Composes and writes.
    pub fn run(self) -> Result<()> {
        let (guest, output) = (Stream::from(&*self.guest), Stream::from(&*self.output));
        let profile = self.host.as_deref().map(profile::get).transpose()?;
        if self.adapters.is_empty() && profile.is_none() {
            return Err(no_adapter());
        }
        if !self.plan {
            output.check_writable()?;
        }
        let failed = || format!("failed to compose `{}`", guest.name());
        let (bytes, assignments) = (guest.read()?, self.assignments()?);
        let adapters = match &profile {
            Some(profile) if self.adapters.is_empty() => {
                let known: Vec<_> = catalogue::names().map(catalogue::get).collect::<Result<_, _>>()?;
                choose(&guest.name(), &bytes, &known, &assignments, self.config_from.into(), profile)
                    .with_context(failed)?
            }
            _ => self.adapters.iter().map(|adapter| io::adapter(adapter)).collect::<Result<_>>()?,
        };
        let mut composition = Composition::of(guest.name(), bytes).assign(assignments);
        composition = composition.config_from(self.config_from.into()).validation(match self.validate {
            Validate::Structural => Validation::Structural,
            Validate::Full => Validation::Full,
        });
        let mut composed =
            adapters.into_iter().fold(composition, Composition::adapter).compose().with_context(failed)?;
        if let Some(profile) = &profile {
            self.check(&guest, profile, &mut composed)?;
        }
        self.check_imports(&composed.report).with_context(failed)?;
        if self.plan {
            return Ok(style::print(&composed.plan)?);
        }
        output.write(&composed.component)?;
        if self.quiet {
            return Ok(());
        }
        match (self.json, output) {
            (true, Stream::File(_)) => style::print(&io::json("plug", &composed.report)?)?,
            (true, Stream::Standard) => style::eprint(&io::json("plug", &composed.report)?),
            (false, _) => style::eprint(&Text(&composed.report).to_string()),
        }
        Ok(())
    }
}

impl Plug {
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
    fn check(&self, guest: &Stream, profile: &Profile, composed: &mut Composed<'_>) -> Result<()> {
        let outcome = check(&guest.name(), &composed.component.to_bytes(), profile)?;
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
            composed.report.notes.push(format!("{chosen} for `{}` to run on `{}`", guest.name(), profile.name));
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

/// The report for people.
struct Text<'a>(&'a Report);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { guest, adapters, wires, imports, exports, host, notes, size, .. } = self.0;
        let stack = if adapters.is_empty() { "no adapter".to_owned() } else { quoted(adapters, ", ") };
        writeln!(f, "{HEADING}composed `{guest}` with {stack}{HEADING:#}")?;
        let width = wires.iter().map(|wire| wire.interface.len()).max().unwrap_or(0);
        // In a stack an interface is often provided to several.
        let mut lines = IndexSet::new();
        for wire in wires {
            let (verb, by) = match wire.kind {
                WireKind::Provided => ("provided by", &wire.from),
                WireKind::Intercepted => ("intercepted by", &wire.to),
            };
            lines.insert(format!("  {:width$}  {verb} {by}", wire.interface));
        }
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        section(f, "imports from the host", imports)?;
        section(f, "exports to the host", exports)?;
        section(f, "the host must", host.iter().map(|duty| &duty.text))?;
        section(f, "notes", notes)?;
        writeln!(
            f,
            "{HEADING}size{HEADING:#}\n  {} bytes {FAINT}(guest {}, added {}){FAINT:#}",
            size.composed, size.guest, size.added
        )
    }
}

fn section<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    let mut lines = String::new();
    items.into_iter().try_for_each(|item| writeln!(lines, "  {item}"))?;
    if lines.is_empty() { Ok(()) } else { write!(f, "{HEADING}{heading}{HEADING:#}\n{lines}") }
}
