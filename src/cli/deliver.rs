//! Delivers a composition: shows its plan, or writes the component and prints the report.

use super::{
    error::Result,
    explain::Explained,
    file::Readers,
    io::{self, Stream},
    report::Text,
    style,
    verbosity::Verbosity,
};
use crate::compose::Composed;

/// How a command delivers its result.
pub struct Delivery<'a> {
    /// The command's name in JSON.
    pub command: &'static str,
    /// Where the component is written.
    pub output: &'a Stream,
    /// Who may read the component, if its file is new.
    pub readers: Readers,
    /// Whether to show the plan only.
    pub plan: bool,
    /// Whether to explain each open import.
    pub explains: bool,
    /// Whether the report is JSON. It goes to standard output, unless the component goes there.
    pub json: bool,
    /// How much to print.
    pub verbosity: Verbosity,
}

impl Delivery<'_> {
    /// Shows or writes the composed component. `tree` draws the plan for people.
    pub fn deliver(&self, composed: &Composed<'_>, tree: impl FnOnce() -> String) -> Result<()> {
        let open = if self.explains { &composed.report.open[..] } else { &[] };
        let explained = Explained { heading: "left to the host", open };
        if self.plan {
            return Ok(style::show(&format!("{}{explained}", tree()))?);
        }
        self.verbosity.timed("write the component", || self.output.write(&composed.component, self.readers))?;
        if self.verbosity.quiet {
            return Ok(());
        }
        match (self.json, self.output) {
            (true, Stream::File(_)) => style::print(&io::json(self.command, &composed.report)?)?,
            (true, Stream::Standard) => style::eprint(&io::json(self.command, &composed.report)?),
            (false, _) => style::tell(&format!("{}{explained}", Text(&composed.report))),
        }
        Ok(())
    }
}
