//! What the host must do for a composed component.

use serde::Serialize;

/// Something that the host must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Duty {
    /// What kind of thing.
    pub kind: String,
    /// What it is about.
    pub value: String,
    /// All of it in a sentence.
    pub text: String,
}

impl Duty {
    /// A duty of this kind.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: value.into(), text: text.into() }
    }
}
