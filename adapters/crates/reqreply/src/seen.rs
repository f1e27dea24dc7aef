//! The message ids of the replies to one request.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// The message ids that were seen.
#[derive(Debug, Default)]
pub struct Seen(Vec<String>);

impl Seen {
    /// Adds a message id. Returns whether it was not seen before. A message without an id is always new.
    pub fn is_new(&mut self, id: Option<&str>) -> bool {
        let Some(id) = id.filter(|id| !id.is_empty()) else { return true };
        match self.0.binary_search_by(|seen| seen.as_str().cmp(id)) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, id.to_owned());
                true
            }
        }
    }

    /// Returns whether a message id was seen before.
    pub fn has(&self, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.0.binary_search_by(|seen| seen.as_str().cmp(id)).is_ok())
    }
}
