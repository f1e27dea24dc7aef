//! The names of the messaging interfaces that linking knows.

use crate::types::interface::ExternName;

/// The interface that defines messages and clients.
pub(super) const TYPES: &str = "types";
/// The interface for sending messages.
pub(super) const PRODUCER: &str = "producer";
/// The interface for making requests and replying to them.
pub(super) const REQUEST_REPLY: &str = "request-reply";
/// The interface for handling messages.
pub(super) const INCOMING_HANDLER: &str = "incoming-handler";

/// Returns the full name of an interface of the linked messaging package.
pub(super) fn messaging(interface: &str) -> ExternName {
    ExternName::parse(&format!("wasi:messaging/{interface}@0.2.0-draft"))
}
