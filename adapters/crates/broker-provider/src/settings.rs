//! The adapter's options, read once per instance.

use broker::{Error, Limits};
use support::Config;

/// The options.
#[derive(Clone, Copy)]
pub struct Settings {
    config: &'static Config,
    /// The client whose own options go over the common ones; empty for none.
    client: &'static str,
}

impl Settings {
    /// Reads the options. Fails if a value that was set at run time is invalid.
    pub fn get() -> Result<Self, Error> {
        let config = Config::get().map_err(|error| match error {
            imports::messaging::types::Error::Other(reason) => Error::Other(reason),
            _ => Error::Other(Default::default()),
        })?;
        Ok(Self { config, client: "" })
    }

    /// Returns the options for a client that has some of its own; none if it has not.
    pub fn of_client(self, name: &str) -> Option<Self> {
        let (option, _) = self.config.family("client.").find(|(option, _)| own(option, name).is_some())?;
        Some(Self { client: option.get(..name.len())?, ..self })
    }

    /// Returns the text of an option; empty if it is not set.
    pub fn text(&self, option: &str) -> &'static str {
        let mut of_client = self.config.family("client.").filter(|_| !self.client.is_empty());
        let own = of_client.find_map(|(name, value)| (own(name, self.client) == Some(option)).then_some(value));
        own.unwrap_or_else(|| self.config.text(option))
    }

    /// Returns the items of a list option.
    pub fn list(&self, option: &str) -> impl Iterator<Item = &'static str> {
        support::items(self.text(option))
    }

    /// Returns a number.
    pub fn number(&self, option: &str) -> u64 {
        self.config.number(option)
    }

    /// Returns a number for which 0 means that there is no limit.
    pub fn limit(&self, option: &str) -> Option<u64> {
        Some(self.number(option)).filter(|number| *number > 0)
    }

    /// Returns how much is kept of what comes.
    pub fn limits(&self) -> Limits {
        let number = |option| usize::try_from(self.number(option)).unwrap_or(usize::MAX);
        Limits {
            messages: number("max-pending"),
            bytes: number("max-pending-bytes"),
            message: number("max-message-bytes"),
            answers: number("max-replies"),
        }
    }
}

/// Returns the name of a client's own option: `servers` for `NAME.servers`.
fn own<'a>(option: &'a str, name: &str) -> Option<&'a str> {
    option.strip_prefix(name)?.strip_prefix('.')
}
