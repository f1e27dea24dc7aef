//! The options, read once an instance.

use crate::bindings::exports::wasi::messaging::types::Error;
use alloc::string::String;
use http_mapping::form::Mode;
use support::Config;

/// The options that both directions read, typed.
pub struct Settings {
    config: &'static Config,
    /// In which form messages go out.
    pub mode: Mode,
    /// The most bytes of a body, or of all replies to one message.
    pub max_body: usize,
}

impl Settings {
    /// The settings, or why there are none.
    pub fn get() -> Result<Self, Error> {
        let config = Config::get().map_err(|error| match error {
            imports::messaging::types::Error::Other(reason) => Error::Other(reason),
            _ => Error::Other(String::new()),
        })?;
        let max_body = usize::try_from(config.number("max-body-bytes")).unwrap_or(usize::MAX);
        Ok(Self { config, mode: Mode::of(config.text("mode")), max_body })
    }

    /// The text of an option.
    pub fn text(&self, option: &str) -> &'static str {
        self.config.text(option)
    }

    /// The items of a list option.
    pub fn list(&self, option: &str) -> impl Iterator<Item = &'static str> {
        self.config.list(option)
    }

    /// The options whose names begin with `start`: the rest of the name, and the value.
    #[cfg(feature = "sender")]
    pub fn family(&self, start: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.config.family(start)
    }

    /// What is written before the names of headers that are metadata.
    pub fn prefix(&self) -> &'static str {
        self.text("header-prefix")
    }

    /// The bound on an exchange that has no other, in milliseconds.
    pub fn timeout_ms(&self) -> Option<u64> {
        Some(self.config.number("default-timeout-ms")).filter(|bound| *bound > 0)
    }
}
