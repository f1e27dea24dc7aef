use alloc::string::String;

/// Why an operation failed: the interface's errors, without any bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// No answer came in time.
    Timeout,
    /// The broker could not be reached, or the connection broke.
    Connection(String),
    /// The broker forbids it.
    PermissionDenied(String),
    /// Anything else.
    Other(String),
}
