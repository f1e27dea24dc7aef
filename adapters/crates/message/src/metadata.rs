//! Metadata as a list of pairs: a key has one value, and setting it again overwrites.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// Keys and values, in order.
pub type Metadata = Vec<(String, String)>;

/// The first value of `key`. An empty key is none.
pub fn get<'a>(metadata: &'a Metadata, key: &str) -> Option<&'a str> {
    metadata.iter().filter(|_| !key.is_empty()).find_map(|(name, value)| (name == key).then_some(value.as_str()))
}

/// Sets `key`, over all values that it had. An empty key is none: an option that is left empty.
pub fn set(metadata: &mut Metadata, key: &str, value: String) {
    if !key.is_empty() {
        remove(metadata, key);
        metadata.push((key.to_owned(), value));
    }
}

/// Removes all values of `key`. An empty key is none.
pub fn remove(metadata: &mut Metadata, key: &str) {
    metadata.retain(|(name, _)| key.is_empty() || name != key);
}
