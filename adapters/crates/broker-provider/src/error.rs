use crate::bindings::exports::wasi::messaging::types::Error;

impl From<broker::Error> for Error {
    fn from(error: broker::Error) -> Self {
        match error {
            broker::Error::Timeout => Self::Timeout,
            broker::Error::Connection(text) => Self::Connection(text),
            broker::Error::PermissionDenied(text) => Self::PermissionDenied(text),
            broker::Error::Other(text) => Self::Other(text),
        }
    }
}

impl From<Error> for broker::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Timeout => Self::Timeout,
            Error::Connection(text) => Self::Connection(text),
            Error::PermissionDenied(text) => Self::PermissionDenied(text),
            Error::Other(text) => Self::Other(text),
        }
    }
}

/// Returns an error in words, for standard error.
pub fn described(error: &broker::Error) -> [&str; 2] {
    match error {
        broker::Error::Timeout => ["", "timeout"],
        broker::Error::Connection(text) => ["", text],
        broker::Error::PermissionDenied(text) => ["permission denied: ", text],
        broker::Error::Other(text) => ["", text],
    }
}
