//! Metadata as a list of pairs: a key has one value, and setting it again overwrites.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// Keys and values, in order.
pub type Metadata = Vec<(String, String)>;

/// The value of `key`.
pub fn get<'a>(metadata: &'a Metadata, key: &str) -> Option<&'a str> {
    metadata.iter().find_map(|(name, value)| (name == key).then_some(value.as_str()))
}

/// Sets `key`, over all values that it had. An empty key names nothing and sets nothing.
pub fn set(metadata: &mut Metadata, key: &str, value: String) {
    if !key.is_empty() {
        metadata.retain(|(name, _)| name != key);
        metadata.push((key.to_owned(), value));
    }
}
