//! A provider of `wasi:logging`: writes each line that the guest logs to standard error.

use exports::wasi::{logging::logging, logging0_1_0_draft::logging as draft};
use wasi::{cli::stderr::get_stderr, config::store};

// Generates bindings to the world in `wit/provider.wit`: imports in modules such as `wasi::config`,
// exports in the module `exports`.
wit_bindgen::generate!({ path: "wit", generate_all });

struct Provider;

export!(Provider);

impl logging::Guest for Provider {
    fn log(level: logging::Level, context: String, message: String) {
        or_write(log(level as usize, &context, &message));
    }
}

impl draft::Guest for Provider {
    fn log(level: draft::Level, context: String, message: String) {
        or_write(log(level as usize, &context, &message));
    }
}

/// The levels, as the option `level` names them.
const LEVELS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "critical"];

/// Writes a line, unless its level is below that of the option `level`.
fn log(level: usize, context: &str, message: &str) -> Result<(), String> {
    let (app, lowest) = (option("app")?, option("level")?);
    if LEVELS[..=level].contains(&lowest.as_str()) {
        write(&[&app, " ", LEVELS[level], " ", context, ": ", message, "\n"].concat());
    }
    Ok(())
}

/// Writes why the configuration cannot be read. `log` returns nothing, so the guest cannot be told.
fn or_write(result: Result<(), String>) {
    if let Err(reason) = result {
        write(&["configuration: ", &reason, "\n"].concat());
    }
}

fn write(text: &str) {
    for piece in text.as_bytes().chunks(4096) {
        // If standard error is closed, nobody is there to read this.
        let _ = get_stderr().blocking_write_and_flush(piece);
    }
}

/// Returns the value of an option of `adapter.toml`. msgcompose has checked it while composing. Only a
/// value that is set at run time can be invalid; then the store returns the reason.
fn option(name: &str) -> Result<String, String> {
    match store::get(name) {
        Ok(value) => Ok(value.unwrap_or_default()),
        Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => Err(reason),
    }
}
