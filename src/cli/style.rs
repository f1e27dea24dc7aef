//! Colours where the terminal wants them, and lines no longer than it is wide.

use anstream::{AutoStream, stream::RawStream};
use anstyle::{AnsiColor, Style};
use std::{borrow::Cow, io::Write};
use terminal_size::{Height, Width, terminal_size_of};
use textwrap::WordSplitter;

/// A terminal that is narrower breaks lines by itself.
const NARROWEST: usize = 40;

/// The word `error`.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The word `hint`.
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// Headings.
pub const HEADING: Style = Style::new().bold();
/// The host, in a picture.
pub const HOST: Style = AnsiColor::Magenta.on_default();
/// The guest, in a picture.
pub const GUEST: Style = AnsiColor::Blue.on_default().bold();
/// What is less important.
pub const FAINT: Style = Style::new().dimmed();

/// Prints prose to standard error.
pub fn tell(text: &str) {
    eprint(&fit(text, terminal_size_of(std::io::stderr())));
}

/// Prints prose to standard output.
pub fn show(text: &str) -> std::io::Result<()> {
    print(&fit(text, terminal_size_of(std::io::stdout())))
}

/// Breaks lines that are too long for a terminal between words, and sets in further what goes on.
fn fit(text: &str, terminal: Option<(Width, Height)>) -> Cow<'_, str> {
    let Some(width) = terminal.map(|(Width(width), _)| usize::from(width)).filter(|width| *width >= NARROWEST) else {
        return text.into();
    };
    let fitted = text.split_inclusive('\n').map(|line| {
        let body = line.trim_end_matches('\n');
        let indent = " ".repeat(body.len() - body.trim_start_matches(' ').len() + 4);
        // A word is broken nowhere: not in a URL, and not at a hyphen of a name.
        let options = textwrap::Options::new(width).word_splitter(WordSplitter::NoHyphenation).break_words(false);
        let options = options.subsequent_indent(&indent);
        textwrap::fill(body, options) + &line[body.len()..]
    });
    fitted.collect::<String>().into()
}

/// Prints styled text to standard error; a terminal that is gone is nobody's error.
pub fn eprint(text: &str) {
    let _ = write(std::io::stderr(), text);
}

/// Prints styled text to standard output.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    write(&mut stdout, text)?;
    stdout.flush()
}

/// All at once, so that nothing of a process beside this one comes between.
fn write(mut to: impl RawStream, text: &str) -> std::io::Result<()> {
    let mut styled = AutoStream::new(Vec::new(), AutoStream::choice(&to));
    styled.write_all(text.as_bytes())?;
    to.write_all(&styled.into_inner())
}
