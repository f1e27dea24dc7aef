//! Writes the picture as a tree of text, from the host inward. Below each block stand those that it calls. Beside a block
//! stands what it gives to the one above it.

use super::{BlockKind, Endpoint, Picture};
use std::{collections::BTreeSet, fmt};
use unicode_width::UnicodeWidthStr;

/// A kind of text in a line of the tree, for colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextKind {
    /// The lines between blocks.
    Trunk,
    /// The name of the host.
    Host,
    /// The name of a guest.
    Guest,
    /// The name of any other instance.
    Other,
    /// A note about an instance.
    Note,
    /// The name of an interface.
    Interface,
}

struct Row {
    trunk: String,
    kind: TextKind,
    name: String,
    note: &'static str,
    interface: String,
}

impl Row {
    fn width(&self) -> usize {
        self.trunk.width() + self.name.width() + self.note.width()
    }
}

impl Picture {
    /// Returns the tree. `paint` gives each text its colour, by its kind.
    pub fn tree(&self, paint: impl Fn(TextKind, &str) -> String) -> String {
        let mut tree = Tree { picture: self, rows: Vec::new(), shown: BTreeSet::new() };
        tree.root(TextKind::Host, "host", "");
        tree.below(Endpoint::Host, "");
        for block in 0..self.blocks.len() {
            if tree.shown.insert(block) {
                let (kind, name) = tree.named(Endpoint::Instance(block));
                tree.root(kind, &name, " (not called)");
                tree.below(Endpoint::Instance(block), "");
            }
        }
        let rows = tree.rows;
        let width = rows.iter().filter(|row| !row.interface.is_empty()).map(Row::width).max().unwrap_or(0);
        let mut text = String::new();
        for row in &rows {
            let texts = [(TextKind::Trunk, &*row.trunk), (row.kind, &row.name), (TextKind::Note, row.note)].into_iter();
            let painted = texts.filter(|(_, text)| !text.is_empty()).map(|(kind, text)| paint(kind, text));
            text.extend(painted);
            if !row.interface.is_empty() {
                text.push_str(&" ".repeat(width - row.width() + 2));
                text.push_str(&paint(TextKind::Interface, &row.interface));
            }
            text.push('\n');
        }
        text
    }
}

/// The tree as plain text.
impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tree(|_, text| text.to_owned()))
    }
}

struct Tree<'a> {
    picture: &'a Picture,
    rows: Vec<Row>,
    shown: BTreeSet<usize>,
}

impl Tree<'_> {
    fn named(&self, end: Endpoint) -> (TextKind, String) {
        let Endpoint::Instance(place) = end else { return (TextKind::Host, "host".to_owned()) };
        let block = &self.picture.blocks[place];
        (if block.kind == BlockKind::Guest { TextKind::Guest } else { TextKind::Other }, block.name.clone())
    }

    fn root(&mut self, kind: TextKind, name: &str, note: &'static str) {
        self.rows.push(Row { trunk: String::new(), kind, name: name.to_owned(), note, interface: String::new() });
    }

    /// Adds those that `to` calls. What is below one of them is added where it comes for the first time.
    fn below(&mut self, to: Endpoint, indent: &str) {
        let picture = self.picture;
        let edges: Vec<_> = picture.of(to).collect();
        for (number, edge) in edges.iter().enumerate() {
            let is_last = number + 1 == edges.len();
            let from = edge.from.instance();
            let is_first_time = from.is_none_or(|from| self.shown.insert(from));
            // The host is the end of each branch.
            let inside = from.filter(|_| is_first_time).map(Endpoint::Instance);
            let has_more = inside.is_some_and(|inside| picture.of(inside).next().is_some());
            let (kind, name) = self.named(edge.from);
            let note = match from.map(|from| picture.blocks[from].kind) {
                _ if !is_first_time => " (see above)",
                Some(BlockKind::Guest) => " (guest)",
                _ => "",
            };
            let branch = match (is_last, from) {
                (false, Some(_)) => "├─ ",
                (true, Some(_)) => "└─ ",
                (false, None) => "├─○ ",
                (true, None) => "└─○ ",
            };
            let further = format!("{indent}{}", if is_last { "   " } else { "│  " });
            let first = edge.interfaces.first().cloned().unwrap_or_default();
            self.rows.push(Row { trunk: format!("{indent}{branch}"), kind, name, note, interface: first });
            for interface in edge.interfaces.iter().skip(1) {
                let trunk = format!("{further}{}", if has_more { "│" } else { "" });
                let name = String::new();
                self.rows.push(Row { trunk, kind, name, note: "", interface: interface.clone() });
            }
            if let Some(inside) = inside {
                self.below(inside, &further);
            }
        }
    }
}
