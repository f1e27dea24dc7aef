//! The names of what is linked.

use crate::types::interface::ExternName;

/// Messages and clients.
pub(super) const TYPES: &str = "types";
/// Sending.
pub(super) const PRODUCER: &str = "producer";
/// Requesting and replying.
pub(super) const REQUEST_REPLY: &str = "request-reply";
/// Handling.
pub(super) const INCOMING_HANDLER: &str = "incoming-handler";

/// An interface of the messaging that is linked.
pub(super) fn messaging(interface: &str) -> ExternName {
    ExternName::parse(&format!("wasi:messaging/{interface}@0.2.0-draft"))
}
