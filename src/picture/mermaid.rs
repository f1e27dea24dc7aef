//! Writes the picture as a Mermaid flowchart. Many sites draw these within Markdown.

use super::{
    BlockKind, Endpoint, Picture,
    palette::{Colours, class, light},
};
use std::{collections::BTreeSet, fmt::Write};

impl Picture {
    /// Returns the picture in Mermaid's language.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart TD\n".to_owned();
        let mut classes = BTreeSet::new();
        let mut node = |id: &str, heading: &str, rest: &str, kind: Option<BlockKind>| {
            classes.insert(kind);
            let (heading, class) = (escaped(heading), class(kind));
            writeln!(text, "  {id}[\"<b>{heading}</b>{rest}\"]:::{class}").expect("a string grows");
        };
        if self.is_called() {
            let passed = listed("<br/>passes on<br/>", self.left_to_host(Endpoint::Host));
            node("host", "host", &passed, None);
        }
        for (place, block) in self.blocks.iter().enumerate() {
            let host = listed("<br/><br/>from the host<br/>", self.left_to_host(Endpoint::Instance(place)));
            let rest = format!("<br/><i>{}</i>{host}", block.kind.word());
            node(&format!("n{place}"), &block.name, &rest, Some(block.kind));
        }
        for (to, from, interfaces) in self.arrows() {
            let to = to.instance().map_or_else(|| "host".to_owned(), |to| format!("n{to}"));
            writeln!(text, "  {to} -->|\"{}\"| n{from}", listed("", interfaces)).expect("a string grows");
        }
        for kind in classes {
            // Dark text on a light background, in every theme.
            let (class, Colours { fill, line }) = (class(kind), light(kind));
            writeln!(text, "  classDef {class} fill:{fill},stroke:{line},color:#1f2328").expect("a string grows");
        }
        text
    }
}

/// Joins lines under a heading. No lines have no heading.
fn listed(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
    format!("{heading}{}", lines.join("<br/>"))
}

/// Escapes what has a meaning within quotes.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '#' | '"' | '<' | '>' | '&' | '`' | '\\' | '*' | '_' | '~' | '$' => format!("#{};", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
