use super::{
    io::{self, Stream},
    style::{self, HEADING},
};
use anyhow::{Context, Result};
use clap::Args;
use msgcompose::{Inspection, inspect};
use std::fmt;

/// Show what a component imports and exports, which messaging it speaks, and by what it was composed
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # what a guest imports, and which messaging it speaks
  msgcompose inspect guest.wasm

  # for a program, from a pipe
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub -q | msgcompose inspect - --json

", super::exit_status!()))]
pub struct Inspect {
    /// A component, or a core module with a component type; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl Inspect {
    /// Inspects and prints.
    pub fn run(self) -> Result<()> {
        let file = Stream::from(&*self.file);
        let name = file.name();
        let inspection = inspect(&name, &file.read()?).with_context(|| format!("failed to inspect `{name}`"))?;
        let text = if self.json { io::json("inspect", &inspection)? } else { Text(&inspection).to_string() };
        Ok(style::print(&text)?)
    }
}

struct Text<'a>(&'a Inspection);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inspection { file, size, imports, exports, dialects, composed, .. } = self.0;
        writeln!(f, "{HEADING}`{file}`{HEADING:#}, a component of {size} bytes")?;
        let mut list = |heading: &str, items: &mut dyn Iterator<Item = String>| {
            writeln!(f, "{HEADING}{heading}{HEADING:#}")?;
            let mut none = true;
            for item in items {
                none = false;
                writeln!(f, "  {item}")?;
            }
            if none { writeln!(f, "  nothing") } else { Ok(()) }
        };
        list("imports", &mut imports.iter().cloned())?;
        list("exports", &mut exports.iter().cloned())?;
        list("messaging", &mut dialects.iter().map(msgcompose::dialect::Dialect::describe))?;
        let composed = composed.iter().map(|by| format!("msgcompose {} with {}", by.version, by.adapters.join(", ")));
        list("composed by", &mut composed.into_iter())
    }
}
