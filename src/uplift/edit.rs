//! Edits: what changes in the bytes of a component. Everything between two edits stays as it is.

use std::{borrow::Cow, ops::Range};

/// Bytes that replace others.
pub(super) struct Edit {
    pub place: Range<usize>,
    pub new: Vec<u8>,
}

/// Returns whether no byte behind an edit moves.
pub(super) fn are_in_place(edits: &[Edit]) -> bool {
    edits.iter().all(|edit| edit.new.len() == edit.place.len())
}

/// Changes a component in which nothing moves.
pub(super) fn apply_within(component: &mut [u8], edits: &[Edit]) {
    for Edit { place, new } in edits {
        component[place.clone()].copy_from_slice(new);
    }
}

/// Changes a component: in its place if nothing moves.
pub(super) fn apply(component: Cow<'_, [u8]>, edits: &[Edit]) -> Vec<u8> {
    if are_in_place(edits) {
        let mut changed = component.into_owned();
        apply_within(&mut changed, edits);
        return changed;
    }
    let mut changed = Vec::with_capacity(component.len() + edits.iter().map(|edit| edit.new.len()).sum::<usize>());
    let mut from = 0;
    for Edit { place, new } in edits {
        changed.extend_from_slice(&component[from..place.start]);
        changed.extend_from_slice(new);
        from = place.end;
    }
    changed.extend_from_slice(&component[from..]);
    changed
}
