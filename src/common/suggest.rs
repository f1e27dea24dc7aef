//! "Did you mean": the nearest of the names that there are.

/// The name most like `wanted`, if one is like it at all.
#[must_use]
pub fn closest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(wanted, name);
    let ranked = names.into_iter().map(|name| (likeness(name), name));
    let best = ranked.max_by(|(left, _), (right, _)| left.total_cmp(right))?;
    (best.0 > 0.8).then_some(best.1)
}

/// How many slips of the keyboard a name may have to be known for a misspelt one.
pub const SLIPS: usize = 2;

/// Whether `wanted` is `name` but for a slip or two of the keyboard. Stricter than [`closest`]: names of interfaces have
/// much in common that nobody has misspelt.
#[must_use]
pub fn is_misspelt(wanted: &str, name: &str) -> bool {
    // Most names are told apart by their letters alone, which takes no table of distances.
    wanted != name
        && name.len() > 8
        && wanted.len().abs_diff(name.len()) <= SLIPS
        && letters_apart(wanted, name) <= 2 * SLIPS
        && strsim::damerau_levenshtein(wanted, name) <= SLIPS
}

/// How many bytes one has that the other has not, wherever they stand: a slip changes this by no more than two.
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
    fn slips_are_told_from_other_names() {
        assert!(is_misspelt("wasi:mesaging/producer", "wasi:messaging/producer"));
        assert!(is_misspelt("wasi:messaging/prodcuer", "wasi:messaging/producer"));
        assert!(!is_misspelt("wasi:messaging/producer", "wasi:messaging/producer"));
        assert!(!is_misspelt("wasi:messaging/types", "wasi:messaging/producer"));
        assert!(!is_misspelt("wasi:cli/stdin", "wasi:cli/stdout"));
        assert!(!is_misspelt("a:b/c", "a:b/d"));
        assert_eq!(closest("reqrep", ["reqreply", "other"]), Some("reqreply"));
        assert_eq!(closest("pigeon", ["reqreply", "other"]), None);
    }
}
