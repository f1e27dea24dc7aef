//! Compositions that several sections measure.

use super::setting::Setting;
use anyhow::Result;
use std::path::PathBuf;

const HTTP: [&str; 4] = ["--adapter", "messaging-over-http", "--set", "base-url=http://127.0.0.1:9"];

/// A name, the guest, and the arguments that compose it; none for the guest itself.
pub type Composed = (&'static str, &'static str, &'static [&'static str]);

/// A guest that echoes over HTTP.
pub const HTTP_ECHO: &[Composed] = &[
    ("bare `wasi:http`, Rust", "bare-echo", &[]),
    ("`messaging-over-http`, Rust", "echo", &HTTP),
    ("`messaging-over-http`, C", "courier-c", &HTTP),
];

/// Returns the path of a component, which is composed here if it is not a guest.
pub fn made(setting: &Setting, (_, guest, arguments): Composed) -> Result<PathBuf> {
    if arguments.is_empty() {
        return Ok(setting.fixture(guest));
    }
    // The arguments tell results of one guest apart.
    let name = format!("starting-{guest}-{}-{}", arguments.len(), arguments.concat().len());
    setting.compose(&name, "plug", &setting.fixture(guest), arguments)
}
