//! Metadata as a list of pairs. A key has one value; setting it again overwrites the value.

use alloc::{borrow::ToOwned, collections::BinaryHeap, string::String, vec::Vec};

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

/// What becomes of the values of a key that a list has several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The first one counts.
    First,
    /// The last one counts.
    Last,
    /// They become a list, joined with `, ` (RFC 9110, section 5.3).
    Joined,
}

/// Gives each key one value. A key stays at its first place.
pub fn unite(metadata: &mut Metadata, repeated: Repeated) {
    let firsts = firsts(metadata.iter().map(|(key, _)| key.as_str()));
    for (at, first) in firsts.iter().copied().enumerate().filter(|(at, first)| at != first) {
        let value = metadata.get_mut(at).map(|(_, value)| core::mem::take(value)).unwrap_or_default();
        let Some((_, kept)) = metadata.get_mut(first) else { continue };
        match repeated {
            Repeated::First => {}
            Repeated::Last => *kept = value,
            Repeated::Joined => {
                kept.push_str(", ");
                kept.push_str(&value);
            }
        }
    }
    let mut places = firsts.into_iter().enumerate();
    metadata.retain(|_| places.next().is_none_or(|(at, first)| at == first));
}

/// Returns for each key the place of the first key that equals it; its own place if it is the first.
///
/// Peers choose the keys and their number, so this sorts: it needs O(n log n) comparisons for any keys.
pub fn firsts<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    firsts_of(keys.enumerate().map(|(at, key)| (key, at)).collect())
}

/// Not generic over iterators, so that a part has it once.
#[inline(never)]
fn firsts_of<K: Ord>(places: Vec<(K, usize)>) -> Vec<usize> {
    let mut firsts = Vec::new();
    firsts.resize(places.len(), 0);
    let mut first: Option<(K, usize)> = None;
    for (key, at) in BinaryHeap::from(places).into_sorted_vec() {
        let same = first.filter(|first| first.0 == key).unwrap_or((key, at));
        if let Some(place) = firsts.get_mut(at) {
            *place = same.1;
        }
        first = Some(same);
    }
    firsts
}
