//! "Did you mean": the nearest of the names that there are.

/// The name most like `wanted`, if one is like it at all.
#[must_use]
pub fn closest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(wanted, name);
    let ranked = names.into_iter().map(|name| (likeness(name), name));
    let best = ranked.max_by(|(left, _), (right, _)| left.total_cmp(right))?;
    (best.0 > 0.8).then_some(best.1)
}
