//! Duties: what the host must do for a composed component.

use serde::Serialize;

/// Something that the host must do for a composed component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Duty {
    /// The kind of the duty, for programs.
    pub kind: String,
    /// What the duty is about, for programs. For example a topic.
    pub value: String,
    /// The duty in words: a sentence without a full stop.
    pub text: String,
}

impl Duty {
    /// Returns a duty.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: value.into(), text: text.into() }
    }
}
