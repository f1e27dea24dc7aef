//! Calls the application's handler with a message from the host.

use crate::{
    Bridge,
    bindings::{
        exports::msgcompose::link::inside_async::{Content, Guest},
        msgcompose::link::bus_async::{self as bus, Arrived},
        wasi::messaging::{incoming_handler, types::Error},
    },
};
use alloc::{string::String, vec::Vec};
use core::mem::forget;

/// A message that has arrived. If its task is dropped because the host has given up, the bus forgets it.
struct Call(u32);

impl Drop for Call {
    fn drop(&mut self) {
        bus::abandon(self.0);
    }
}

impl Guest for Bridge {
    async fn handle(topic: Option<String>, content: Content) -> (Vec<Content>, Result<(), Error>) {
        let Arrived { call, message } = bus::arrive(topic.as_deref(), &content);
        let given_up = Call(call);
        let outcome = incoming_handler::handle(message).await;
        forget(given_up);
        (bus::depart(call), outcome)
    }
}
