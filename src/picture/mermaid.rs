//! The picture as a Mermaid flowchart, which many sites draw where they find it in Markdown.

use super::{
    Picture, Role,
    palette::{Colours, class, light},
};
use std::{collections::BTreeSet, fmt::Write};

impl Picture {
    /// The picture in Mermaid's language.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart TD\n".to_owned();
        let mut classes = BTreeSet::new();
        let mut node = |id: &str, heading: &str, rest: &str, role: Option<Role>| {
            classes.insert(role);
            let (heading, class) = (escaped(heading), class(role));
            writeln!(text, "  {id}[\"<b>{heading}</b>{rest}\"]:::{class}").expect("a string grows");
        };
        if self.is_called() {
            let passed = listed("<br/>passes on<br/>", self.left_to_host(None));
            node("host", "host", &passed, None);
        }
        for (place, instance) in self.instances.iter().enumerate() {
            let host = listed("<br/><br/>from the host<br/>", self.left_to_host(Some(place)));
            let rest = format!("<br/><i>{}</i>{host}", instance.role.word());
            node(&format!("n{place}"), &instance.name, &rest, Some(instance.role));
        }
        for (to, from, interfaces) in self.arrows() {
            let to = to.map_or_else(|| "host".to_owned(), |to| format!("n{to}"));
            writeln!(text, "  {to} -->|\"{}\"| n{from}", listed("", interfaces)).expect("a string grows");
        }
        for role in classes {
            // Dark text on a light ground, in whatever theme.
            let (class, Colours { fill, line }) = (class(role), light(role));
            writeln!(text, "  classDef {class} fill:{fill},stroke:{line},color:#1f2328").expect("a string grows");
        }
        text
    }
}

/// Lines under a heading; nothing if there are none.
fn listed(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
    format!("{heading}{}", lines.join("<br/>"))
}

/// Text that is nothing but text within quotes.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '#' | '"' | '<' | '>' | '&' | '`' | '\\' | '*' | '_' | '~' | '$' => format!("#{};", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}
