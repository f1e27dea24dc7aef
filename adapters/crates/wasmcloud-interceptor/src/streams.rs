//! `wasmcloud:messaging@0.3.0`: many messages at once, and bodies as streams.

use crate::{
    Interceptor,
    bindings::{
        exports::wasi::messaging::incoming_handler::Guest,
        msgcompose::wasmcloud::in_hand_async as in_hand,
        wasmcloud::messaging::{
            handler::handle_message,
            types::{BrokerMessage, HandleMessageError},
        },
        wit_stream,
    },
};
use alloc::string::String;
use imports::messaging::types::{Error, Message};
use trace::trace;
use wit_bindgen::spawn_local;

impl Guest for Interceptor {
    async fn handle(message: Message) -> Result<(), Error> {
        let subject = message.topic().unwrap_or_default();
        let data = message.data();
        trace!("message for the guest's handler, topic=", subject, " bytes=", data.len());
        let token = in_hand::take(message).await;
        let (mut writer, body) = wit_stream::new();
        // The guest reads the body while it handles the message, or drops it.
        spawn_local(async move {
            writer.write_all(data).await;
        });
        let outcome = handle_message(BrokerMessage { subject, body, reply_to: Some(token.clone()) }).await;
        in_hand::release(token).await;
        trace!("the guest's handler: ", if outcome.is_ok() { "ok" } else { "error" });
        outcome.map_err(|error| {
            Error::Other(match error {
                HandleMessageError::Reject => String::from("reject"),
                HandleMessageError::Retry => String::from("retry"),
                HandleMessageError::Other(why) => why,
            })
        })
    }
}
