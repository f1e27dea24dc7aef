//! What becomes of a composition: its plan is shown, or it is written and told.

use super::{
    error::Result,
    explain::Explained,
    io::{self, Stream},
    report::Text,
    style,
    verbosity::Verbosity,
};
use crate::compose::Composed;

/// How a command delivers.
pub struct Delivery<'a> {
    /// The command, as JSON names it.
    pub command: &'static str,
    /// Where the component goes.
    pub output: &'a Stream,
    /// Whether only the plan is shown.
    pub plan: bool,
    /// Whether all that is known of each open import is told.
    pub explains: bool,
    /// Whether the report is JSON: on standard output unless the component goes there.
    pub json: bool,
    /// How much is said.
    pub verbosity: Verbosity,
}

impl Delivery<'_> {
    /// Delivers. `tree` gives the plan for people.
    pub fn deliver(&self, composed: &Composed<'_>, tree: impl FnOnce() -> String) -> Result<()> {
        let open = if self.explains { &composed.report.open[..] } else { &[] };
        let explained = Explained { heading: "left to the host", open };
        if self.plan {
            return Ok(style::show(&format!("{}{explained}", tree()))?);
        }
        self.verbosity.timed("write the component", || self.output.write(&composed.component))?;
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
