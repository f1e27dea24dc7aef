use crate::InstanceCell;
use alloc::{string::String, vec::Vec};
use imports::{config::store, messaging::types::Error};
use message::parse_decimal;

/// The options of an adapter, as its configuration gives them: checked against the manifest, defaults filled in.
pub struct Config(Vec<(String, String)>);

static CONFIG: InstanceCell<Config> = InstanceCell::new();

impl Config {
    /// The configuration, read once an instance.
    pub fn get() -> Result<&'static Self, Error> {
        CONFIG.get_or_try_init(|| match store::get_all() {
            Ok(options) => Ok(Self(options)),
            // A config layer says which value is wrong.
            Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => {
                let mut text = String::from("configuration: ");
                text.push_str(&reason);
                Err(Error::Other(text))
            }
        })
    }

    /// The text of option `key`; empty when the configuration has none.
    pub fn text(&self, key: &str) -> &str {
        self.0.iter().find_map(|(name, value)| (name == key).then_some(value.as_str())).unwrap_or("")
    }

    /// The number of option `key`; 0 when it is missing or not a decimal number.
    pub fn number(&self, key: &str) -> u64 {
        parse_decimal(self.text(key)).unwrap_or(0)
    }

    /// The items of list option `key`, in the form that composing gives a list: separated by commas, and nothing around
    /// them.
    pub fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        let mut rest = Some(self.text(key)).filter(|items| !items.is_empty());
        core::iter::from_fn(move || {
            let items = rest?;
            let comma = items.bytes().position(|byte| byte == b',');
            rest = comma.and_then(|comma| items.get(comma + 1..));
            items.get(..comma.unwrap_or(items.len()))
        })
    }

    /// The options whose names begin with `start`: the rest of the name, and the value.
    pub fn family(&self, start: &'static str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.as_str())))
    }
}
