//! A provider of `wasi:messaging/producer`: adds an entry of metadata to each message that the guest
//! sends.

use exports::wasi::messaging::producer::Guest;
use wasi::{
    config::store,
    messaging::{
        producer,
        types::{Client, Error, Message},
    },
};

// Generates bindings to the world in `wit/provider.wit`: imports in modules such as `wasi::messaging`,
// exports in the module `exports`.
wit_bindgen::generate!({ path: "wit", generate_all });

struct Provider;

export!(Provider);

impl Guest for Provider {
    fn send(client: &Client, topic: String, message: Message) -> Result<(), Error> {
        message.add_metadata(&option("key")?, &option("value")?);
        producer::send(client, &topic, message)
    }
}

/// Returns the value of an option of `adapter.toml`. msgcompose has checked it while composing. Only a
/// value that is set at run time can be invalid; then the store returns the error for the caller.
fn option(name: &str) -> Result<String, Error> {
    match store::get(name) {
        Ok(value) => Ok(value.unwrap_or_default()),
        Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => {
            Err(Error::Other(format!("configuration: {reason}")))
        }
    }
}
