//! Delivers a composition: shows its plan, or writes the component and prints the report.

use super::{
    error::Result,
    explain::Explained,
    file::Readers,
    graph,
    io::{self, Stream},
    overwriting::Inputs,
    report::Text,
    style,
    verbosity::Verbosity,
};
use crate::compose::Composed;
use clap::Args;
use serde::Serialize;

/// Where a result goes, and what is printed.
#[derive(Debug, Args)]
pub struct Delivery {
    /// Where to write the composed component; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub output: String,
    /// Show which component serves which, on standard output, and write nothing
    #[arg(long, conflicts_with_all = ["output", "json", "quiet"])]
    pub plan: bool,
    /// For each open import, show which parts were tried and why none of them serves it
    #[arg(long, conflicts_with = "quiet")]
    explain: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    /// Print the report as JSON: on standard output, unless the component goes there
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

impl Delivery {
    /// Returns whether the user wants open imports explained.
    pub fn explains(&self) -> bool {
        self.explain || self.verbosity.verbose
    }

    /// Returns where the component is written, if it can be. `guest` is the file that gives it its name, and `inputs` must
    /// not be overwritten.
    pub fn stream(&self, guest: &Stream, inputs: &Inputs) -> Result<Stream> {
        let output = Stream::from(&*self.output);
        if !self.plan {
            output.check_writable(&guest.name_of_output("wasm"))?;
            inputs.spare_stream(&output)?;
        }
        Ok(output)
    }

    /// Shows or writes what `command` composed. `readers` may read the component, if its file is new.
    pub fn deliver(&self, command: &str, output: &Stream, readers: Readers, composed: &Composed<'_>) -> Result<()> {
        let Composed { component, report, picture, .. } = composed;
        let explained = Explained::left(report, self.explains());
        if self.plan {
            return Ok(style::show(&format!("{}{explained}", graph::tree(picture)))?);
        }
        self.verbosity.timed("write the component", || output.write(component, readers))?;
        if self.verbosity.quiet {
            return Ok(());
        }
        tell(command, report, &format!("{}{explained}", Text(report)), output, self.json)
    }
}

/// Prints a report for people, or as JSON. JSON goes to standard output, unless the component goes there.
pub fn tell(command: &str, report: &impl Serialize, text: &str, output: &Stream, json: bool) -> Result<()> {
    match (json, output) {
        (true, Stream::File(_)) => style::print(&io::json(command, report)?)?,
        (true, Stream::Standard) => style::eprint(&io::json(command, report)?),
        (false, _) => style::tell(text),
    }
    Ok(())
}
