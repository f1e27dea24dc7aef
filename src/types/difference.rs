//! Differences between an export and an import of the same name, with both sides in WIT.

use serde::Serialize;
use std::{error::Error, fmt};

/// Why the type of an export does not fit an import of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The function or type that differs, without WIT annotations: `send`, `client.connect`.
    pub item: String,
    /// How the export differs, as a sentence.
    pub what: String,
    /// The component that imports.
    pub importer: String,
    /// The import in WIT. If a type definition differs, that definition follows.
    pub imports: Vec<String>,
    /// The component that exports.
    pub exporter: String,
    /// The export in WIT, in the same way. Empty if the export is missing.
    pub exports: Vec<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, importer, imports, exporter, exports, .. } = self;
        f.write_str(what)?;
        let sides = [(format!("`{importer}` imports"), imports), (format!("`{exporter}` exports"), exports)];
        // Align the two signatures.
        let width = sides.iter().map(|(lead, _)| lead.chars().count()).max().unwrap_or(0);
        for (lead, lines) in &sides {
            for (number, line) in lines.iter().enumerate() {
                let lead = if number == 0 { lead } else { "" };
                write!(f, "\n  {lead:width$} `{line}`")?;
            }
        }
        Ok(())
    }
}

impl Error for Difference {}

/// A difference, before the importing and exporting components are known.
pub(crate) struct Found {
    pub item: String,
    pub what: String,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

impl Found {
    /// Takes the words of wac's checker, if nothing better can be shown.
    pub(crate) fn in_words(item: String, what: String) -> Self {
        Self { item, what, imports: Vec::new(), exports: Vec::new() }
    }

    pub(crate) fn between(self, importer: &str, exporter: &str) -> Difference {
        let Self { item, what, imports, exports } = self;
        Difference { item, what, importer: importer.to_owned(), imports, exporter: exporter.to_owned(), exports }
    }
}
