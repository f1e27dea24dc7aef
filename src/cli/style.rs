//! Colours, where the terminal wants them.

use anstyle::{AnsiColor, Style};

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

/// Prints styled text to standard error; a terminal that is gone is nobody's error.
pub fn eprint(text: &str) {
    use std::io::Write;
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Prints styled text to standard output.
pub fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    anstream::stdout().lock().write_all(text.as_bytes())
}
