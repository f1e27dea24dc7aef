//! Prints the report for people.

use super::style::{FAINT, HEADING, line};
use crate::{
    common::quote::quoted,
    compose::report::{Report, WireKind},
};
use indexmap::IndexSet;
use std::fmt::{self, Write};

/// The report as text of several lines.
pub struct Text<'a>(pub &'a Report);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { guest, adapters, routes, wires, imports, exports, size, .. } = self.0;
        line!(f, "{HEADING}{}{HEADING:#}", summary(guest, adapters, !routes.is_empty()))?;
        if !routes.is_empty() {
            let patterns: Vec<_> = routes.iter().map(|route| route.patterns.join(", ")).collect();
            let width = patterns.iter().map(String::len).max().unwrap_or(0);
            for (patterns, route) in patterns.iter().zip(routes) {
                line!(f, "  {patterns:width$}  {}", route.handler)?;
            }
            line!(f, "{HEADING}wires{HEADING:#}")?;
        }
        let width = wires.iter().map(|wire| wire.interface.len()).max().unwrap_or(0);
        // Several instances can have the same wire, which is printed once.
        let mut lines = IndexSet::new();
        for wire in wires {
            let (verb, by) = match wire.kind {
                WireKind::Provided => ("provided by", &wire.from),
                WireKind::Intercepted => ("intercepted by", &wire.to),
            };
            lines.insert(format!("  {:width$}  {verb} {by}", wire.interface));
        }
        lines.iter().try_for_each(|line| line!(f, "{line}"))?;
        section(f, "imports from the host", imports)?;
        section(f, "exports to the host", exports)?;
        let how = if self.0.lifted.iter().any(|function| function.types > 0) { "lifted to" } else { "in" };
        section(f, &format!("{how} the dialect `{}`", self.0.dialect), &self.0.lifted)?;
        write!(f, "{}", Duties(self.0))?;
        line!(f, "{HEADING}size{HEADING:#}")?;
        line!(
            f,
            "  {} bytes {FAINT}({} {}, added {}){FAINT:#}",
            size.composed,
            if routes.is_empty() { "guest" } else { "guests" },
            size.guest,
            size.added
        )
    }
}

/// The report as one line.
pub struct Line<'a> {
    /// The report.
    pub report: &'a Report,
    /// The output file.
    pub output: &'a str,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { guest, adapters, routes, size, .. } = self.report;
        let summary = summary(guest, adapters, !routes.is_empty());
        line!(f, "{summary} into `{}`, {} bytes", self.output, size.composed)
    }
}

/// Returns a phrase that says what was composed.
fn summary(guest: &str, adapters: &[String], is_linked: bool) -> String {
    match (is_linked, quoted(adapters, ", ")) {
        (false, _) if adapters.is_empty() => format!("composed `{guest}` with no adapter"),
        (false, adapters) => format!("composed `{guest}` with {adapters}"),
        (true, _) if adapters.is_empty() => format!("linked `{guest}`"),
        (true, adapters) => format!("linked `{guest}`, and {adapters} around it"),
    }
}

/// The host's duties, the warnings and the notes.
pub struct Duties<'a>(pub &'a Report);

impl fmt::Display for Duties<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        section(f, "the host must", self.0.host.iter().map(|duty| &duty.text))?;
        write!(f, "{}", Warnings(self.0))?;
        section(f, "notes", &self.0.notes)
    }
}

/// The warnings.
pub struct Warnings<'a>(pub &'a Report);

impl fmt::Display for Warnings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        section(f, "warnings", &self.0.warnings)
    }
}

fn section<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    let mut lines = String::new();
    items.into_iter().try_for_each(|item| line!(lines, "  {item}"))?;
    if lines.is_empty() { Ok(()) } else { write!(f, "{HEADING}{heading}{HEADING:#}\n{lines}") }
}
