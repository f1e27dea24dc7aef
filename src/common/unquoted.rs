//! Errors of the TOML parser without the line that they are about: that line may hold the value of a secret.

use crate::common::DynError;

/// What the parser says, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
struct Unquoted {
    line: usize,
    column: usize,
    message: String,
}

/// Returns the parser's error about `text` without quoting the text.
pub(crate) fn unquoted(text: &str, error: &toml::de::Error) -> DynError {
    let start = error.span().map_or(text.len(), |span| span.start.min(text.len()));
    let before = String::from_utf8_lossy(&text.as_bytes()[..start]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Unquoted { line, column, message: error.message().replace('\n', " ") }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_named_and_the_text_is_not() {
        let text = "a = 1\nä = 'secret";
        let error = text.parse::<toml::Table>().unwrap_err();
        let told = unquoted(text, &error).to_string();
        assert!(told.starts_with("line 2, column 1") && !told.contains("secret"), "{told}");
        let error = "".parse::<toml::Value>().unwrap_err();
        assert!(unquoted("", &error).to_string().starts_with("line 1, column 1: "));
    }
}
