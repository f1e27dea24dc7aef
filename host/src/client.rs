//! The resource `client` of `wasi:messaging/types`.

/// A connection, with the name that the component gave it. All connections use the same broker.
#[derive(Debug)]
pub struct Client(pub String);
