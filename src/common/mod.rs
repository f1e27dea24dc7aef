//! What every wing may use: the wording of messages, kinds of errors, and remedies.

pub mod printable;
pub mod quote;
pub mod remedy;
pub mod suggest;
pub(crate) mod unquoted;

use serde::Serialize;

/// An error of a dependency.
pub type DynError = Box<dyn std::error::Error + Send + Sync>;

/// Who must act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The inputs do not go together.
    Refused,
    /// The user set an option that no adapter has, or gave it a bad value.
    Usage,
    /// A bug of msgcompose.
    Internal,
}

/// Returns the message of a caught panic.
pub fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panicked".to_owned())
}
