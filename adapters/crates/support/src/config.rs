use crate::InstanceCell;
use alloc::{string::String, vec::Vec};
use imports::{config::store, messaging::types::Error};
use message::parse_decimal;

/// The options of an adapter, checked against its manifest, with defaults filled in.
pub struct Config(Vec<(String, String)>);

static CONFIG: InstanceCell<Config> = InstanceCell::new();

impl Config {
    /// Returns the options, which are read once per instance. Fails if a value that was set at run time is invalid.
    pub fn get() -> Result<&'static Self, Error> {
        CONFIG.get_or_try_init(|| match store::get_all() {
            Ok(options) => Ok(Self(options)),
            // The reason comes from a config layer. It names the option, and shows nothing of its value.
            Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => {
                let mut text = String::from("configuration: ");
                text.push_str(&reason);
                Err(Error::Other(text))
            }
        })
    }

    /// Returns the text of option `key`; empty if it is not set.
    pub fn text(&self, key: &str) -> &str {
        self.0.iter().find_map(|(name, value)| (name == key).then_some(value.as_str())).unwrap_or("")
    }

    /// Returns the number of option `key`; 0 if it is missing or not a decimal number.
    pub fn number(&self, key: &str) -> u64 {
        parse_decimal(self.text(key)).unwrap_or(0)
    }

    /// Returns the items of list option `key`.
    pub fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        items(self.text(key))
    }

    /// Returns the options whose names begin with `start`, as the rest of the name and the value.
    pub fn family(&self, start: &'static str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.as_str())))
    }
}

/// Returns the items of a list. Composing has normalised it: commas between items, and no spaces around them.
pub fn items(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list).filter(|items| !items.is_empty());
    core::iter::from_fn(move || {
        let items = rest?;
        let comma = items.bytes().position(|byte| byte == b',');
        rest = comma.and_then(|comma| items.get(comma + 1..));
        items.get(..comma.unwrap_or(items.len()))
    })
}
