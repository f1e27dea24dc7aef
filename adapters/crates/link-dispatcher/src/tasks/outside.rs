//! Messages that no handler takes: passes them to the host, with the feature `host`.

use crate::bindings::{
    msgcompose::link::bus_async::Leaving,
    wasi::messaging::types::{Error, Message},
};
use alloc::{string::String, vec::Vec};
use message::Limits;

#[cfg(feature = "host")]
mod host {
    use super::{Error, Leaving, Limits, Message, String, Vec};
    use crate::bindings::msgcompose::link::{bus_async as bus, outside_async as outside};

    pub async fn send(topic: String, leaving: Leaving) -> Result<(), Error> {
        outside::send(leaving.client, topic, leaving.content).await
    }

    pub async fn request(topic: String, leaving: Leaving, limits: Limits) -> Result<Vec<Message>, Error> {
        let Leaving { client, content } = leaving;
        let replies = outside::request(client, topic, content, limits.timeout_ms, limits.expected_replies).await?;
        Ok(bus::adopt(&replies))
    }
}

#[cfg(feature = "host")]
pub use host::{request, send};

// Without the feature `host`, the bus lets no message leave, and these are never called.
#[cfg(not(feature = "host"))]
pub async fn send(_: String, _: Leaving) -> Result<(), Error> {
    Ok(())
}

#[cfg(not(feature = "host"))]
pub async fn request(_: String, _: Leaving, _: Limits) -> Result<Vec<Message>, Error> {
    Err(Error::Timeout)
}
