//! Colours text if the terminal supports it, and wraps lines to its width. This is where text leaves: whatever would not be
//! seen is escaped here, except for line breaks and the colours of this file.

use crate::common::printable::printable_lines;
use anstream::{AutoStream, stream::RawStream};
use anstyle::{AnsiColor, Style};
use std::{
    borrow::Cow,
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    io::Write,
    sync::LazyLock,
};
use terminal_size::{Height, Width, terminal_size_of};
use textwrap::WordSplitter;

/// The narrowest terminal to wrap lines for, in columns; narrower ones wrap by themselves.
const NARROWEST: usize = 40;

pub const ERROR: Paint = Paint(AnsiColor::Red.on_default().bold());
pub const HINT: Paint = Paint(AnsiColor::Cyan.on_default().bold());
pub const HEADING: Paint = Paint(Style::new().bold());
/// The host in a picture.
pub const HOST: Paint = Paint(AnsiColor::Magenta.on_default());
/// The guest in a picture.
pub const GUEST: Paint = Paint(AnsiColor::Blue.on_default().bold());
/// Less important text.
pub const FAINT: Paint = Paint(Style::new().dimmed());

/// A style of text. `{PAINT}` begins it and `{PAINT:#}` ends it.
#[derive(Debug, Clone, Copy)]
pub struct Paint(Style);

/// What stands for the escape character in a style, until it is printed. Text from outside cannot have it in it.
static MARK: LazyLock<String> = LazyLock::new(|| format!("\u{1b}{:016x}", RandomState::new().build_hasher().finish()));

impl fmt::Display for Paint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes = if f.alternate() { format!("{:#}", self.0) } else { self.0.to_string() };
        f.write_str(&codes.replace('\u{1b}', &MARK))
    }
}

/// Writes one line as `writeln!` does. Line breaks in it are escaped.
macro_rules! line {
    ($to:expr, $($text:tt)+) => {
        writeln!($to, "{}", $crate::cli::style::one_line(&format!($($text)+)))
    };
}
pub(super) use line;

/// Returns the text of a line with line breaks in it escaped.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') { text.replace('\n', "\\n").into() } else { text.into() }
}

/// Returns text as it is printed: with escape characters in styles and nowhere else.
fn neutral(text: &str) -> String {
    text.split(&**MARK).map(printable_lines).collect::<Vec<_>>().join("\u{1b}")
}

/// Prints prose to standard error, wrapped.
pub fn tell(text: &str) {
    let _ = write(std::io::stderr(), &fit(&neutral(text), terminal_size_of(std::io::stderr())));
}

/// Prints prose to standard output, wrapped.
pub fn show(text: &str) -> std::io::Result<()> {
    write_out(&fit(&neutral(text), terminal_size_of(std::io::stdout())))
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
    let _ = write(std::io::stderr(), &neutral(text));
}

/// Prints styled text to standard output.
pub fn print(text: &str) -> std::io::Result<()> {
    write_out(&neutral(text))
}

fn write_out(text: &str) -> std::io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_styles_of_this_file_have_an_effect() {
        let hostile = "\u{1b}[1m\u{1b}]0;x\u{7}\u{202e}";
        let text = neutral(&format!("{HEADING}{hostile}{HEADING:#}\n"));
        assert_eq!(text, "\u{1b}[1m\\u{1b}[1m\\u{1b}]0;x\\u{7}\\u{202e}\u{1b}[0m\n");
        assert_eq!(one_line("a\nhint: b"), "a\\nhint: b");
    }
}
