//! Takes messages from the host, and calls the guest's `wasmcloud:messaging` handler with them.
//!
//! The provider keeps each message while the guest handles it, so that the guest can reply to it.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/messaging", "../../../wit/wasmcloud-in-hand", "../../../wit/wasmcloud-messaging"],
        inline: "
            package msgcompose:wasmcloud-interceptor;
            world interceptor {
                import msgcompose:wasmcloud/in-hand@0.1.0;
                import wasmcloud:messaging/handler@0.2.0;
                export wasi:messaging/incoming-handler@0.2.0-draft;
            }
        ",
        world: "msgcompose:wasmcloud-interceptor/interceptor",
        with: {
            "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
            "msgcompose:wasmcloud/in-hand@0.1.0": generate,
            "wasmcloud:messaging/handler@0.2.0": generate,
            "wasmcloud:messaging/types@0.2.0": generate,
        },
    });
}

use bindings::{
    exports::wasi::messaging::incoming_handler::Guest,
    msgcompose::wasmcloud::in_hand,
    wasmcloud::messaging::{handler::handle_message, types::BrokerMessage},
};
use imports::messaging::types::{Error, Message};
use trace::trace;

struct Interceptor;

bindings::export!(Interceptor with_types_in bindings);

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
