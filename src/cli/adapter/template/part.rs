//! A provider between a guest and `wasi:messaging/producer`: each message that is sent gets one more
//! entry of metadata.

use exports::wasi::messaging::producer::Guest;
use wasi::{
    config::store,
    messaging::{
        producer,
        types::{Client, Error, Message},
    },
};

// The world in `wit/provider.wit`. What it imports is in modules as `wasi::messaging`, what it exports
// in `exports`.
wit_bindgen::generate!({ path: "wit", generate_all });

struct Provider;

export!(Provider);

impl Guest for Provider {
    fn send(client: &Client, topic: String, message: Message) -> Result<(), Error> {
        message.add_metadata(&option("key")?, &option("value")?);
        producer::send(client, &topic, message)
    }
}

/// The value of an option of `adapter.toml`. It was checked while composing; where it is set when the
/// component runs, it can be wrong, and what the store says then is for whoever called.
fn option(name: &str) -> Result<String, Error> {
    match store::get(name) {
        Ok(value) => Ok(value.unwrap_or_default()),
        Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => {
            Err(Error::Other(format!("configuration: {reason}")))
        }
    }
}
