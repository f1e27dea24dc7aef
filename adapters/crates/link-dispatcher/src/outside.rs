//! Messages that no handler takes: passes them to the host, with the feature `host`.

use crate::bindings::{
    msgcompose::link::bus::Leaving,
    wasi::messaging::types::{Error, Message},
};
use alloc::vec::Vec;
use message::Limits;

#[cfg(feature = "host")]
mod host {
    use super::{Error, Leaving, Limits, Message, Vec};
    use crate::bindings::msgcompose::link::{bus, outside};

    pub fn send(topic: &str, leaving: Leaving) -> Result<(), Error> {
        outside::send(&leaving.client, topic, &leaving.content)
    }

    pub fn request(topic: &str, leaving: Leaving, limits: Limits) -> Result<Vec<Message>, Error> {
        let Leaving { client, content } = leaving;
        let replies = outside::request(&client, topic, &content, limits.timeout_ms, limits.expected_replies)?;
        Ok(bus::adopt(&replies))
    }
}

#[cfg(feature = "host")]
pub use host::{request, send};

// Without the feature `host`, the bus lets no message leave, and these are never called.
#[cfg(not(feature = "host"))]
pub fn send(_: &str, _: Leaving) -> Result<(), Error> {
    Ok(())
}

#[cfg(not(feature = "host"))]
pub fn request(_: &str, _: Leaving, _: Limits) -> Result<Vec<Message>, Error> {
    Err(Error::Timeout)
}
