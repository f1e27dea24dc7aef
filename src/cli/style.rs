//! Colours text if the terminal supports it, and wraps lines to its width.

use anstream::{AutoStream, stream::RawStream};
use anstyle::{AnsiColor, Style};
use std::{borrow::Cow, io::Write};
use terminal_size::{Height, Width, terminal_size_of};
use textwrap::WordSplitter;

/// The narrowest terminal to wrap lines for, in columns; narrower ones wrap by themselves.
const NARROWEST: usize = 40;

pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
pub const HEADING: Style = Style::new().bold();
/// The host in a picture.
pub const HOST: Style = AnsiColor::Magenta.on_default();
/// The guest in a picture.
pub const GUEST: Style = AnsiColor::Blue.on_default().bold();
/// Less important text.
pub const FAINT: Style = Style::new().dimmed();

/// Prints prose to standard error, wrapped.
pub fn tell(text: &str) {
    eprint(&fit(text, terminal_size_of(std::io::stderr())));
}

/// Prints prose to standard output, wrapped.
pub fn show(text: &str) -> std::io::Result<()> {
    print(&fit(text, terminal_size_of(std::io::stdout())))
}

/// Wraps long lines between words, and indents the continuation.
fn fit(text: &str, terminal: Option<(Width, Height)>) -> Cow<'_, str> {
    let Some(width) = terminal.map(|(Width(width), _)| usize::from(width)).filter(|width| *width >= NARROWEST) else {
        return text.into();
    };
    let fitted = text.split_inclusive('\n').map(|line| {
        let body = line.trim_end_matches('\n');
        let indent = " ".repeat(body.len() - body.trim_start_matches(' ').len() + 4);
        // Never break within a word, neither in a URL nor at a hyphen.
        let options = textwrap::Options::new(width).word_splitter(WordSplitter::NoHyphenation).break_words(false);
        let options = options.subsequent_indent(&indent);
        textwrap::fill(body, options) + &line[body.len()..]
    });
    fitted.collect::<String>().into()
}

/// Prints styled text to standard error. Errors of the terminal are ignored.
pub fn eprint(text: &str) {
    let _ = write(std::io::stderr(), text);
}

/// Prints styled text to standard output.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    write(&mut stdout, text)?;
    stdout.flush()
}

/// Writes everything in one call, so that no other process's output comes in between.
fn write(mut to: impl RawStream, text: &str) -> std::io::Result<()> {
    let mut styled = AutoStream::new(Vec::new(), AutoStream::choice(&to));
    styled.write_all(text.as_bytes())?;
    to.write_all(&styled.into_inner())
}
