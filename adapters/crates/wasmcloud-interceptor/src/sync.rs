//! `wasmcloud:messaging@0.2.0`: one message at a time.

use crate::{
    Interceptor,
    bindings::{
        exports::wasi::messaging::incoming_handler::Guest,
        msgcompose::wasmcloud::in_hand,
        wasmcloud::messaging::{handler::handle_message, types::BrokerMessage},
    },
};
use imports::messaging::types::{Error, Message};
use trace::trace;

impl Guest for Interceptor {
    fn handle(message: Message) -> Result<(), Error> {
        let subject = message.topic().unwrap_or_default();
        let body = message.data();
        trace!("message for the guest's handler, topic=", subject, " bytes=", body.len());
        let token = in_hand::take(message);
        let outcome = handle_message(&BrokerMessage { subject, body, reply_to: Some(token.clone()) });
        in_hand::release(&token);
        trace!("the guest's handler: ", if outcome.is_ok() { "ok" } else { "error" });
        outcome.map_err(Error::Other)
    }
}
