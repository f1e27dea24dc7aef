//! The picture for Graphviz.

use super::{
    Picture, Role,
    palette::{Colours, light},
};
use std::fmt::Write;

impl Picture {
    /// The picture in Graphviz's language.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut dot = format!(
            "digraph {} {{\n  graph [rankdir=TB bgcolor=white fontname=monospace]\n  \
             node [shape=box style=\"rounded,filled\" fontname=monospace fontsize=11 fontcolor=\"#1f2328\"]\n  \
             edge [fontname=monospace fontsize=10 fontcolor=\"#57606a\" color=\"#57606a\"]\n",
            quoted(&self.title)
        );
        let mut node = |id: &str, lines: String, role: Option<Role>| {
            let Colours { fill, line } = light(role);
            writeln!(dot, "  {id} [label=\"{lines}\" fillcolor=\"{fill}\" color=\"{line}\"]").expect("a string grows");
        };
        if self.is_called() {
            node("host", format!("host{}", listed("\\npasses on\\n", self.left_to_host(None))), None);
        }
        for (place, instance) in self.instances.iter().enumerate() {
            let host = listed("\\n\\nfrom the host\\l", self.left_to_host(Some(place)));
            let name = escaped(&instance.name);
            node(&format!("n{place}"), format!("{name}\\n{}{host}", instance.role.word()), Some(instance.role));
        }
        for (to, from, interfaces) in self.arrows() {
            let to = to.map_or_else(|| "host".to_owned(), |to| format!("n{to}"));
            writeln!(dot, "  {to} -> n{from} [label=\"{}\"]", listed("", interfaces)).expect("a string grows");
        }
        dot + "}\n"
    }
}

/// Lines that begin on the left, under a heading; nothing if there are none.
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
