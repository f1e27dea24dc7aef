use imports::messaging::types::Error;

/// What kind of error it is, without what it says, which may be somebody else's.
pub fn kind(error: &Error) -> &'static str {
    match error {
        Error::Timeout => "timeout",
        Error::Connection(_) => "connection",
        Error::PermissionDenied(_) => "permission-denied",
        Error::Other(_) => "other",
    }
}
