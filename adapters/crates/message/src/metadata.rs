//! Metadata as a list of pairs. A key has one value; setting it again overwrites the value.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// Keys and values, in order.
pub type Metadata = Vec<(String, String)>;

/// Returns the first value of `key`; `None` for an empty key.
pub fn get<'a>(metadata: &'a Metadata, key: &str) -> Option<&'a str> {
    metadata.iter().filter(|_| !key.is_empty()).find_map(|(name, value)| (name == key).then_some(value.as_str()))
}

/// Sets `key`, and removes its earlier values. Does nothing for an empty key, which comes from an empty option.
pub fn set(metadata: &mut Metadata, key: &str, value: String) {
    if !key.is_empty() {
        remove(metadata, key);
        metadata.push((key.to_owned(), value));
    }
}

/// Removes all values of `key`. Does nothing for an empty key.
pub fn remove(metadata: &mut Metadata, key: &str) {
    metadata.retain(|(name, _)| key.is_empty() || name != key);
}
