//! Writes the picture for Graphviz.

use super::{
    BlockKind, Endpoint, Picture,
    palette::{Colours, light},
};
use std::fmt::Write;

impl Picture {
    /// Returns the picture in Graphviz's language.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut dot = format!(
            "digraph {} {{\n  graph [rankdir=TB bgcolor=white fontname=monospace]\n  \
             node [shape=box style=\"rounded,filled\" fontname=monospace fontsize=11 fontcolor=\"#1f2328\"]\n  \
             edge [fontname=monospace fontsize=10 fontcolor=\"#57606a\" color=\"#57606a\"]\n",
            quoted(&self.title)
        );
        let mut node = |id: &str, lines: String, kind: Option<BlockKind>| {
            let Colours { fill, line } = light(kind);
            writeln!(dot, "  {id} [label=\"{lines}\" fillcolor=\"{fill}\" color=\"{line}\"]").expect("a string grows");
        };
        if self.is_called() {
            node("host", format!("host{}", listed("\\npasses on\\n", self.left_to_host(Endpoint::Host))), None);
        }
        for (place, block) in self.blocks.iter().enumerate() {
            let host = listed("\\n\\nfrom the host\\l", self.left_to_host(Endpoint::Instance(place)));
            let name = escaped(&block.name);
            node(&format!("n{place}"), format!("{name}\\n{}{host}", block.kind.word()), Some(block.kind));
        }
        for (to, from, interfaces) in self.arrows() {
            let to = to.instance().map_or_else(|| "host".to_owned(), |to| format!("n{to}"));
            writeln!(dot, "  {to} -> n{from} [label=\"{}\"]", listed("", interfaces)).expect("a string grows");
        }
        dot + "}\n"
    }
}

/// Joins lines, aligned left, under a heading. No lines have no heading.
fn listed(heading: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| escaped(line) + "\\l").collect();
    if lines.is_empty() { lines } else { format!("{heading}{lines}") }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}
