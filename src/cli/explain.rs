//! Explains to people why imports are open.

use super::style::{HEADING, line};
use crate::{
    adapters::part_name::PartName,
    adapters::providers::providers,
    common::quote::quoted,
    compose::report::Report,
    plan::{Candidate, Open, Reason},
    types::interface::ExternName,
};
use std::fmt;

/// A heading and the open imports, each with the parts that were tried for it.
pub struct Explained<'a> {
    /// The heading.
    pub heading: &'static str,
    /// The imports.
    pub open: &'a [Open],
}

impl<'a> Explained<'a> {
    /// The imports that a composition leaves to the host, if they are to be explained.
    pub fn left(report: &'a Report, explains: bool) -> Self {
        Self { heading: "left to the host", open: if explains { &report.open } else { &[] } }
    }
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.open.is_empty() {
            return Ok(());
        }
        line!(f, "{HEADING}{}{HEADING:#}", self.heading)?;
        for open in self.open {
            line!(f, "  {}, for {}", open.import, quoted(&open.importers, ", "))?;
            for candidate in &open.candidates {
                let reason = candidate.reason.to_string();
                let mut lines = reason.lines();
                line!(f, "    `{}` {}", candidate.component, lines.next().unwrap_or_default())?;
                lines.try_for_each(|more| line!(f, "    {more}"))?;
            }
            match (&open.candidates[..], &open.without[..]) {
                ([], []) => line!(f, "    no part is to serve it")?,
                ([], _) => line!(f, "    no part exports it")?,
                (_, []) => {}
                (_, without) => line!(f, "    not exported by {}", quoted(without, ", "))?,
            }
            let stack: Vec<_> = open.parts().map(PartName::adapter).collect();
            let mut others = providers(&ExternName::parse(&open.import), false);
            others.retain(|adapter| !stack.contains(&&**adapter));
            // If a candidate's types differ, another adapter's types may differ too, so none is suggested.
            let differ = |candidate: &Candidate| matches!(candidate.reason, Reason::TypesDiffer { .. });
            if !others.is_empty() && !open.candidates.iter().any(differ) {
                line!(f, "    {} would provide it", quoted(others, " or "))?;
            }
        }
        Ok(())
    }
}
