//! Draws a planned composition, or an existing component.

use super::{
    error::{Context, Error, Result, usage},
    file::Readers,
    io::{self, Stream},
    load,
    overwriting::Inputs,
    style::{self, FAINT, GUEST, HEADING, HOST},
    verbosity::Verbosity,
};
use crate::{
    common::quote::quoted,
    compose::record::{Composition, Paths},
    picture::{Picture, TextKind},
};
use clap::{Args, ValueEnum};
use std::path::Path;

/// Draw a component, or the composition that `plug` would make
///
/// Without adapters, the picture shows FILE itself, no matter which tool made it. With `--adapter`, `--host` or other
/// options of `plug`, it shows the composition around FILE; the component is not written.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a composed component, as a tree
  msgcompose graph app.wasm

  # a picture of a planned composition
  msgcompose graph guest.wasm --adapter reqreply-over-pubsub \\
    --set reply-topic=my.replies -o plan.svg

  # for Markdown
  msgcompose graph app.wasm --format mermaid

", super::exit_status!()))]
pub struct Graph {
    /// A component, or a core module with a component type, as binary or text; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    #[command(flatten)]
    composition: Composition<Paths>,
    /// Where to write the picture; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    output: String,
    /// The format of the picture; by default, the file extension of OUT decides, and standard output gets a tree
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["output", "format"])]
    pub json: bool,
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A tree as text
    Tree,
    /// An SVG drawing
    Svg,
    /// The DOT language of Graphviz
    Dot,
    /// A Mermaid diagram, for Markdown
    Mermaid,
}

/// File extensions and their formats.
const ENDINGS: [(&str, Format); 6] = [
    ("svg", Format::Svg),
    ("dot", Format::Dot),
    ("gv", Format::Dot),
    ("mmd", Format::Mermaid),
    ("mermaid", Format::Mermaid),
    ("txt", Format::Tree),
];

impl Graph {
    /// Draws the picture and writes it.
    pub fn run(self) -> Result<()> {
        let (file, output) = (Stream::from(&*self.file), Stream::from(&*self.output));
        output.check_is_file(&file.name_of_output("svg"))?;
        let format = self.format.map_or_else(|| by_ending(&output), Ok)?;
        Inputs::of(&file, &self.composition).spare_stream(&output)?;
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
        output.write_bytes(text.as_bytes(), Readers::Usual)
    }
}

fn by_ending(output: &Stream) -> Result<Format> {
    let Stream::File(path) = output else { return Ok(Format::Tree) };
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let known = ENDINGS.iter().find(|(known, _)| ending.as_deref() == Some(*known));
    known.map(|(_, format)| *format).ok_or_else(|| unknown_ending(path, ending.as_deref()))
}

fn unknown_ending(path: &Path, ending: Option<&str>) -> Error {
    let known: Vec<_> = ENDINGS.iter().map(|(ending, _)| format!(".{ending}")).collect();
    let what = match ending {
        Some(ending) => format!("a picture is not written as `.{ending}`: `{}`", path.display()),
        None => format!("`{}` has no ending that says what picture it is to be", path.display()),
    };
    usage(what, format!("end it with {}, or pass `--format`", quoted(known, " or ")))
}

/// Returns the tree with colours for the host and the guest.
pub fn tree(picture: &Picture) -> String {
    picture.tree(|kind, text| match kind {
        TextKind::Trunk | TextKind::Note => format!("{FAINT}{text}{FAINT:#}"),
        TextKind::Host => format!("{HOST}{text}{HOST:#}"),
        TextKind::Guest => format!("{GUEST}{text}{GUEST:#}"),
        TextKind::Other => format!("{HEADING}{text}{HEADING:#}"),
        _ => text.to_owned(),
    })
}
