//! Finds the name that the user may have meant, for "did you mean" hints.

use std::collections::BTreeSet;

/// Returns the name that is most similar to `wanted`, or else the one that has its words. Returns none if all are too
/// different.
#[must_use]
pub fn closest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let names: Vec<_> = names.into_iter().collect();
    let likeness = |name: &str| strsim::jaro_winkler(wanted, name);
    let ranked = names.iter().map(|name| (likeness(name), *name));
    let (best, name) = ranked.max_by(|(left, _), (right, _)| left.total_cmp(right))?;
    if best > 0.8 { Some(name) } else { with_words(wanted, &names) }
}

/// Returns the only name that has all words of `wanted`: `http` is a word of `messaging-over-http`.
fn with_words<'a>(wanted: &str, names: &[&'a str]) -> Option<&'a str> {
    let words = |name: &'_ str| {
        let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<BTreeSet<_>>()
    };
    let wanted = words(wanted);
    let having: BTreeSet<_> = names.iter().filter(|name| words(name).is_superset(&wanted)).collect();
    having.first().filter(|_| having.len() == 1 && !wanted.is_empty()).map(|name| **name)
}

/// The most typing errors that a misspelt name may have.
pub const SLIPS: usize = 2;

/// Returns whether `wanted` is `name` with one or two typing errors. A name that equals `name` is not misspelt.
///
/// This is stricter than [`closest`], because different interfaces often have similar names.
#[must_use]
pub fn is_misspelt(wanted: &str, name: &str) -> bool {
    // Counting letters is cheap and rules out most names, so the edit distance is rarely computed.
    wanted != name
        && name.len() > 8
        && wanted.len().abs_diff(name.len()) <= SLIPS
        && letters_apart(wanted, name) <= 2 * SLIPS
        && strsim::damerau_levenshtein(wanted, name) <= SLIPS
}

/// Counts the bytes that only one of the two names has, at any position. One typing error changes this count by at most
/// two.
fn letters_apart(one: &str, other: &str) -> usize {
    let mut counts = [0i32; 256];
    one.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    other.bytes().for_each(|byte| counts[usize::from(byte)] -= 1);
    counts.iter().map(|count| count.unsigned_abs() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_typing_errors_are_misspelt() {
        assert!(is_misspelt("wasi:mesaging/producer", "wasi:messaging/producer"));
        assert!(is_misspelt("wasi:messaging/prodcuer", "wasi:messaging/producer"));
        assert!(!is_misspelt("wasi:messaging/producer", "wasi:messaging/producer"));
        assert!(!is_misspelt("wasi:messaging/types", "wasi:messaging/producer"));
        assert!(!is_misspelt("wasi:cli/stdin", "wasi:cli/stdout"));
        assert!(!is_misspelt("a:b/c", "a:b/d"));
        assert_eq!(closest("reqrep", ["reqreply", "other"]), Some("reqreply"));
        assert_eq!(closest("pigeon", ["reqreply", "other"]), None);
    }

    #[test]
    fn a_name_is_found_by_its_words_if_no_other_has_them() {
        let adapters = ["messaging-over-http", "reqreply-over-pubsub"];
        assert_eq!(closest("http", adapters), Some("messaging-over-http"));
        assert_eq!(closest("pubsub/reqreply", adapters), Some("reqreply-over-pubsub"));
        assert_eq!(closest("over", adapters), None);
        assert_eq!(closest("http", [adapters[0], adapters[0]]), Some("messaging-over-http"));
        assert_eq!(closest("", adapters), None);
        assert_eq!(closest("-", adapters), None);
    }
}
