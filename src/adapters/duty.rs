//! Duties: what the host must do for a composed component.

use serde::{Deserialize, Serialize};

/// The kind of the duty to deliver a topic with replies to the component.
pub(crate) const DELIVER_TOPIC: &str = "deliver-topic";

/// The kind of the duty to keep an instance that waits, and to call it meanwhile.
pub(crate) const SHARE_INSTANCE: &str = "share-instance";

/// Something that the host must do for a composed component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
