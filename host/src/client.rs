//! A component's `client`.

/// A connection that a component asked for, by the name that it used. All lead to the one broker that there is.
#[derive(Debug)]
pub struct Client(pub String);
