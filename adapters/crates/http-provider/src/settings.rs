//! The adapter's options, read once per instance.

use crate::bindings::exports::wasi::messaging::types::Error;
use alloc::string::String;
use http_mapping::form::Mode;
use support::Config;

/// The options, some of them with their types.
pub struct Settings {
    config: &'static Config,
    /// The option `mode`: how messages are written.
    pub mode: Mode,
    /// The option `max-body-bytes`: the limit in bytes for a body, and for all replies to one message.
    pub max_body: usize,
}

impl Settings {
    /// Reads the options. Fails if a value that was set at run time is invalid.
    pub fn get() -> Result<Self, Error> {
        let config = Config::get().map_err(|error| match error {
            imports::messaging::types::Error::Other(reason) => Error::Other(reason),
            _ => Error::Other(String::new()),
        })?;
        let max_body = usize::try_from(config.number("max-body-bytes")).unwrap_or(usize::MAX);
        Ok(Self { config, mode: Mode::of(config.text("mode")), max_body })
    }

    /// Returns the text of an option; empty if it is not set.
    pub fn text(&self, option: &str) -> &'static str {
        self.config.text(option)
    }

    /// Returns the items of a list option.
    pub fn list(&self, option: &str) -> impl Iterator<Item = &'static str> {
        self.config.list(option)
    }

    /// Returns the options whose names begin with `start`, as the rest of the name and the value.
    #[cfg(feature = "sender")]
    pub fn family(&self, start: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.config.family(start)
    }

    /// Returns the option `header-prefix`: the prefix of headers that hold metadata.
    pub fn prefix(&self) -> &'static str {
        self.text("header-prefix")
    }

    /// Returns the option `default-timeout-ms`, in milliseconds; `None` for no timeout.
    pub fn timeout_ms(&self) -> Option<u64> {
        Some(self.config.number("default-timeout-ms")).filter(|bound| *bound > 0)
    }
}
