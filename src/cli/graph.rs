//! The picture of a composition that is planned, or of a component that exists.

use super::{
    error::Usage,
    io::{self, Stream},
    load,
    style::{self, FAINT, GUEST, HEADING, HOST},
    verbosity::Verbosity,
};
use crate::{
    common::quote::quoted,
    compose::record::{Composition, Paths},
    picture::{Picture, Piece},
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::path::Path;

/// Draw a component, or what `plug` would make of it
///
/// Without adapters FILE itself is drawn: composed by msgcompose, by another tool, or not at all. With `--adapter` or
/// `--host`, and what else `plug` takes, the composition around it is drawn, and nothing of it is written.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # what is in a composed component, as a tree
  msgcompose graph app.wasm

  # a picture of what would be composed
  msgcompose graph guest.wasm --adapter reqreply-over-pubsub --set reply-topic=my.replies -o plan.svg

  # for Markdown
  msgcompose graph app.wasm --format mermaid

", super::exit_status!()))]
pub struct Graph {
    /// A component, or a core module with a component type, as binary or text; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    #[command(flatten)]
    composition: Composition<Paths>,
    /// Where the picture goes; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    output: String,
    /// What the picture is; without it, the ending of OUT says so, and on standard output it is a tree
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["output", "format"])]
    pub json: bool,
}

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text
    Tree,
    /// A drawing
    Svg,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
}

/// Endings of files, and what is in such a file.
const ENDINGS: [(&str, Format); 6] = [
    ("svg", Format::Svg),
    ("dot", Format::Dot),
    ("gv", Format::Dot),
    ("mmd", Format::Mermaid),
    ("mermaid", Format::Mermaid),
    ("txt", Format::Tree),
];

impl Graph {
    /// Draws and writes.
    pub fn run(self) -> Result<()> {
        let (file, output) = (Stream::from(&*self.file), Stream::from(&*self.output));
        let format = self.format.map_or_else(|| by_ending(&output), Ok)?;
        let name = file.name();
        let picture = if load::is_given(&self.composition) {
            load::compose(&self.composition, &name, &file.load()?, Verbosity::default())?.picture
        } else {
            Picture::of_component(&name, &file.load()?).with_context(|| format!("failed to draw `{name}`"))?
        };
        if self.json {
            return Ok(style::print(&io::json("graph", &picture)?)?);
        }
        let text = match (format, &output) {
            (Format::Tree, Stream::Standard) => return Ok(style::print(&tree(&picture))?),
            (Format::Tree, Stream::File(_)) => picture.to_string(),
            (Format::Svg, _) => picture.svg(),
            (Format::Dot, _) => picture.dot(),
            (Format::Mermaid, _) => picture.mermaid(),
        };
        output.write_bytes(text.as_bytes())
    }
}

fn by_ending(output: &Stream) -> Result<Format> {
    let Stream::File(path) = output else { return Ok(Format::Tree) };
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let known = ENDINGS.iter().find(|(known, _)| ending.as_deref() == Some(*known));
    known.map(|(_, format)| *format).ok_or_else(|| unknown_ending(path, ending.as_deref()))
}

fn unknown_ending(path: &Path, ending: Option<&str>) -> anyhow::Error {
    let known: Vec<_> = ENDINGS.iter().map(|(ending, _)| format!(".{ending}")).collect();
    let what = match ending {
        Some(ending) => format!("a picture is not written as `.{ending}`: `{}`", path.display()),
        None => format!("`{}` has no ending that says what picture it is to be", path.display()),
    };
    Usage { message: what, hint: format!("end it with {}, or pass `--format`", quoted(known, " or ")) }.into()
}

/// The tree, with the host and the guest in colours.
pub fn tree(picture: &Picture) -> String {
    picture.tree(|piece, text| match piece {
        Piece::Trunk | Piece::Note => format!("{FAINT}{text}{FAINT:#}"),
        Piece::Host => format!("{HOST}{text}{HOST:#}"),
        Piece::Guest => format!("{GUEST}{text}{GUEST:#}"),
        Piece::Other => format!("{HEADING}{text}{HEADING:#}"),
        _ => text.to_owned(),
    })
}
