//! The picture as a tree of text: from the host inward, below each those that it calls, and beside each what it gives to
//! the one above it.

use super::{Picture, Role};
use std::{collections::BTreeSet, fmt};
use unicode_width::UnicodeWidthStr;

/// A piece of a line, for whoever wants it in a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// The lines between one and another.
    Trunk,
    /// The host.
    Host,
    /// The guest.
    Guest,
    /// Any other instance.
    Other,
    /// What is said about it.
    Note,
    /// An interface.
    Interface,
}

struct Row {
    trunk: String,
    piece: Piece,
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
    /// The tree, with `paint` put around its pieces.
    pub fn tree(&self, paint: impl Fn(Piece, &str) -> String) -> String {
        let mut tree = Tree { picture: self, rows: Vec::new(), shown: BTreeSet::new() };
        tree.root(Piece::Host, "host", "");
        tree.below(None, "");
        for instance in 0..self.instances.len() {
            if !tree.shown.contains(&instance) {
                tree.shown.insert(instance);
                let (piece, name) = tree.named(Some(instance));
                tree.root(piece, &name, " (not called)");
                tree.below(Some(instance), "");
            }
        }
        let rows = tree.rows;
        let width = rows.iter().filter(|row| !row.interface.is_empty()).map(Row::width).max().unwrap_or(0);
        let mut text = String::new();
        for row in &rows {
            let pieces = [(Piece::Trunk, &*row.trunk), (row.piece, &row.name), (Piece::Note, row.note)].into_iter();
            let painted = pieces.filter(|(_, piece)| !piece.is_empty()).map(|(piece, text)| paint(piece, text));
            text.extend(painted);
            if !row.interface.is_empty() {
                text.push_str(&" ".repeat(width - row.width() + 2));
                text.push_str(&paint(Piece::Interface, &row.interface));
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
    fn named(&self, instance: Option<usize>) -> (Piece, String) {
        let Some(instance) = instance else { return (Piece::Host, "host".to_owned()) };
        let instance = &self.picture.instances[instance];
        (if instance.role == Role::Guest { Piece::Guest } else { Piece::Other }, instance.name.clone())
    }

    fn root(&mut self, piece: Piece, name: &str, note: &'static str) {
        self.rows.push(Row { trunk: String::new(), piece, name: name.to_owned(), note, interface: String::new() });
    }

    /// Those that `to` calls, each with what is below it when it comes for the first time.
    fn below(&mut self, to: Option<usize>, indent: &str) {
        let picture = self.picture;
        let wires: Vec<_> = picture.of(to).collect();
        for (number, wire) in wires.iter().enumerate() {
            let is_last = number + 1 == wires.len();
            let is_first_time = wire.from.is_none_or(|from| self.shown.insert(from));
            // The host is the end of each branch.
            let inside = wire.from.filter(|_| is_first_time);
            let has_more = inside.is_some_and(|inside| picture.of(Some(inside)).next().is_some());
            let (piece, name) = self.named(wire.from);
            let note = match wire.from.map(|from| picture.instances[from].role) {
                _ if !is_first_time => " (see above)",
                Some(Role::Guest) => " (guest)",
                _ => "",
            };
            let branch = match (is_last, wire.from) {
                (false, Some(_)) => "├─ ",
                (true, Some(_)) => "└─ ",
                (false, None) => "├─○ ",
                (true, None) => "└─○ ",
            };
            let further = format!("{indent}{}", if is_last { "   " } else { "│  " });
            let first = wire.interfaces.first().cloned().unwrap_or_default();
            self.rows.push(Row { trunk: format!("{indent}{branch}"), piece, name, note, interface: first });
            for interface in wire.interfaces.iter().skip(1) {
                let trunk = format!("{further}{}", if has_more { "│" } else { "" });
                let name = String::new();
                self.rows.push(Row { trunk, piece, name, note: "", interface: interface.clone() });
            }
            if let Some(inside) = inside {
                self.below(Some(inside), &further);
            }
        }
    }
}
