//! Checks the content of a prebuilt component. Allowed are the imports and exports of its recipe, the names of a debug
//! build and the mark of its options but no other custom sections, and memories of one page.

use crate::{recipe::Part, shape::OPTIONS};
use anyhow::{Result, ensure};
use std::collections::BTreeSet;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// The custom sections that hold names, in core modules and components.
pub const NAMES: [&str; 2] = ["name", "component-name"];

/// Refuses a component that holds anything unexpected.
pub fn verify(part: &Part, bytes: &[u8]) -> Result<()> {
    Validator::new_with_features(WasmFeatures::default()).validate_all(bytes)?;
    let (mut imports, mut exports) = (BTreeSet::new(), BTreeSet::new());
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.insert(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.insert(export?.name.name.to_owned());
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let pages = memory?.initial;
                    ensure!(pages <= 1, "`{}` has a memory of {pages} pages; one is the limit", part.file);
                }
            }
            Payload::CustomSection(section) if section.name() == OPTIONS => {}
            Payload::CustomSection(section) if !(part.debug && NAMES.contains(&section.name())) => {
                ensure!(false, "`{}` has a custom section `{}`", part.file, section.name());
            }
            _ => {}
        }
    }
    ensure!(imports == part.imports, "{}", difference(part, "imports", &part.imports, &imports));
    ensure!(exports == part.exports, "{}", difference(part, "exports", &part.exports, &exports));
    Ok(())
}

fn difference(part: &Part, what: &str, expected: &BTreeSet<String>, found: &BTreeSet<String>) -> String {
    let list = |set: BTreeSet<_>| set.into_iter().cloned().collect::<Vec<String>>().join("`, `");
    format!(
        "`{}` {what} something else than its recipe says; unexpected: `{}`; missing: `{}`",
        part.file,
        list(found.difference(expected).collect()),
        list(expected.difference(found).collect()),
    )
}
