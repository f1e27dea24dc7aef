use super::{
    error::{Context, Result},
    io::{self, Stream},
    style::{self, FAINT, HEADING, line},
};
use crate::{
    adapters::option::SECRET,
    common::{
        printable::printable_json,
        remedy::{Remedied, Remedy},
    },
    provenance::{
        File, HandlerRecord, Provenance,
        inspect::{self, Inspection},
        sbom::sbom,
    },
    wasm::binary::Form,
};
use clap::Args;
use std::fmt;

/// Show a component's imports and exports, its dialect of messaging, and how it was composed
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a guest's imports, exports and dialect
  msgcompose inspect guest.wasm

  # as JSON, from a pipe
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub \\
    --set reply-topic=my.replies -q | msgcompose inspect - --json

", super::exit_status!()))]
pub struct Inspect {
    /// A component, or a core module with a component type; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print a bill of materials of the composed component, as `CycloneDX` 1.5 in JSON
    #[arg(long, conflicts_with = "json")]
    sbom: bool,
}

/// A component has no provenance, so it has no bill of materials.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` was not composed by msgcompose, or says nothing of it")]
struct NotComposed(String);

impl Remedied for NotComposed {
    fn remedy(&self) -> Option<Remedy> {
        Some(format!("`msgcompose plug {} …` composes it", self.0).into())
    }
}

impl Inspect {
    /// Inspects the component and prints the result.
    pub fn run(self) -> Result<()> {
        let file = Stream::from(&*self.file);
        let name = file.name();
        let failed = || format!("failed to inspect `{name}`");
        let bytes = file.load()?;
        let inspection = inspect::inspect(&name, &bytes).with_context(failed)?;
        if self.sbom {
            let by = inspection.composed.ok_or_else(|| NotComposed(name.clone())).with_context(failed)?;
            return Ok(style::print(&printable_json(&sbom(&File::of(&name, &bytes), &by)))?);
        }
        let text = if self.json { io::json("inspect", &inspection)? } else { Text(&inspection).to_string() };
        Ok(style::print(&text)?)
    }
}

/// Returns the lines that describe a component's provenance.
fn lines(by: &Provenance) -> Vec<String> {
    let at = |version: &Option<String>| version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let mut lines = vec![format!("msgcompose {}", by.version)];
    lines.push(format!(
        "  guest `{}`{}  {FAINT}sha256 {}{FAINT:#}",
        by.guest.name,
        at(&by.guest.version),
        by.guest.sha256
    ));
    for HandlerRecord { file, patterns, .. } in &by.handlers {
        let (name, version, hash) = (&file.name, at(&file.version), &file.sha256);
        lines.push(format!("  handler `{name}`{version} of {}  {FAINT}sha256 {hash}{FAINT:#}", patterns.join(", ")));
    }
    for adapter in &by.adapters {
        lines.push(format!("  adapter `{}`{}", adapter.name, at(&adapter.version)));
        lines.extend(
            adapter.parts.iter().map(|(part, hash)| format!("    part `{part}`  {FAINT}sha256 {hash}{FAINT:#}")),
        );
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| SECRET.to_owned());
        lines.extend(adapter.options.iter().map(|(key, set)| format!("    {key} = {}", value(set))));
    }
    lines.extend(by.dialect.iter().map(|dialect| format!("  in the dialect {dialect}")));
    lines.extend(by.config_from.iter().map(|place| format!("  options at run time from {place}")));
    lines.extend(by.duties.iter().map(|duty| format!("  the host must {}", duty.text)));
    lines
}

struct Text<'a>(&'a Inspection);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inspection { file, form, size, imports, exports, dialects, composed, within, .. } = self.0;
        line!(f, "{HEADING}`{file}`{HEADING:#}, {form} of {size} bytes")?;
        if *form == Form::CoreModule {
            line!(f, "`msgcompose plug` makes a component of it")?;
        }
        let mut list = |heading: &str, items: &mut dyn Iterator<Item = String>| {
            line!(f, "{HEADING}{heading}{HEADING:#}")?;
            let mut none = true;
            for item in items {
                none = false;
                line!(f, "  {item}")?;
            }
            if none { line!(f, "  nothing") } else { Ok(()) }
        };
        list("imports", &mut imports.iter().cloned())?;
        list("exports", &mut exports.iter().cloned())?;
        list("messaging", &mut dialects.iter().map(crate::types::dialect::Messaging::describe))?;
        list("composed by", &mut composed.iter().chain(within).flat_map(lines))
    }
}
