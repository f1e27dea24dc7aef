//! A provider between a guest and `wasi:messaging/producer`. It adds one entry of metadata to each
//! message that is sent.

use exports::wasi::messaging::producer::Guest;
use wasi::{
    config::store,
    messaging::{
        producer,
        types::{Client, Error, Message},
    },
};

// Generates bindings for the world in `wit/provider.wit`: imports in modules like `wasi::messaging`,
// exports in `exports`.
wit_bindgen::generate!({ path: "wit", generate_all });

struct Provider;

export!(Provider);

impl Guest for Provider {
    fn send(client: &Client, topic: String, message: Message) -> Result<(), Error> {
        message.add_metadata(&option("key")?, &option("value")?);
        producer::send(client, &topic, message)
    }
}

/// Returns the value of an option of `adapter.toml`. Baked values were checked while composing. A value
/// that is set at run time can be wrong; then the store's error goes to the caller.
fn option(name: &str) -> Result<String, Error> {
    match store::get(name) {
        Ok(value) => Ok(value.unwrap_or_default()),
        Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => {
            Err(Error::Other(format!("configuration: {reason}")))
        }
    }
}
