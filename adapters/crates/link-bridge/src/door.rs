//! Calls the application's handler with a message from the host.

use crate::{
    Bridge,
    bindings::{
        exports::msgcompose::link::inside::{Content, Guest},
        msgcompose::link::bus,
        wasi::messaging::{incoming_handler, types::Error},
    },
};
use alloc::{string::String, vec::Vec};

impl Guest for Bridge {
    fn handle(topic: Option<String>, content: Content) -> (Vec<Content>, Result<(), Error>) {
        let message = bus::arrive(topic.as_deref(), &content);
        let outcome = incoming_handler::handle(message);
        (bus::depart(), outcome)
    }
}
