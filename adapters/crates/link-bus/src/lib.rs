//! The bus of a linked component. It defines messages and clients, knows all routes, and gathers replies.
//!
//! The bus calls no handlers. The dispatchers, which import the bus, do that.
#![no_std]

extern crate alloc;
extern crate runtime;

mod abi;
mod answer;
mod ask;
mod bindings;
mod frame;
mod handles;
mod host;
mod local;
mod publish;
mod routes;
mod table;
#[cfg(feature = "async")]
mod tasks;

use bindings::exports::wasi::messaging::{
    request_reply,
    types::{Error, Message, MessageBorrow},
};
#[cfg(not(feature = "async"))]
use {
    alloc::{string::String, vec::Vec},
    bindings::{
        bus::{Asking, Closed, Delivery, Failure, Guest, Publishing},
        exports::{
            msgcompose::link::{chain, contents::Content as Plain},
            wasi::messaging::types::ClientBorrow,
        },
    },
    frame::Call,
};

struct Bus;

// Exports all interfaces except `types`, whose exports are in `abi`.
#[cfg(not(feature = "async"))]
bindings::exports::msgcompose::link::bus::__export_msgcompose_link_bus_0_1_0_cabi!(
    Bus with_types_in bindings::exports::msgcompose::link::bus
);
#[cfg(not(feature = "async"))]
bindings::exports::msgcompose::link::chain::__export_msgcompose_link_chain_0_1_0_cabi!(
    Bus with_types_in bindings::exports::msgcompose::link::chain
);
bindings::exports::wasi::messaging::request_reply::__export_wasi_messaging_request_reply_0_2_0_draft_cabi!(
    Bus with_types_in bindings::exports::wasi::messaging::request_reply
);

#[cfg(not(feature = "async"))]
impl Guest for Bus {
    fn open(
        client: ClientBorrow<'_>,
        topic: String,
        message: Option<MessageBorrow<'_>>,
        number: u32,
        reach: u32,
        expected: Option<u32>,
    ) -> Result<Asking, Error> {
        let number = message.map_or(number, handles::number);
        ask::open(handles::client(client), topic, number, reach, expected)
    }

    fn done() -> bool {
        ask::done(Call)
    }

    fn close(outcome: Result<(), Error>) -> Result<Closed, Error> {
        ask::close(Call, outcome)
    }

    fn publish(client: ClientBorrow<'_>, topic: String, message: Message, reach: u32) -> Result<Publishing, Error> {
        publish::publish(handles::client(client), topic, handles::take(message), reach)
    }

    fn settle(failures: Vec<Failure>) -> Result<Vec<Delivery>, Error> {
        publish::settle(Call, failures)
    }

    fn answer(reply_to: Option<MessageBorrow<'_>>, number: u32, message: Message) -> Result<(), Error> {
        answer::answer(reply_to.map_or(number, handles::number), handles::take(message))
    }

    fn adopt(contents: Vec<Plain>) -> Vec<Message> {
        contents.into_iter().map(|content| handles::give(host::content(content).into())).collect()
    }

    fn arrive(topic: Option<String>, content: Plain) -> Message {
        host::arrive(topic, content).1
    }

    fn depart() -> Vec<Plain> {
        host::depart(Call)
    }
}

/// Serves `reply` to handlers that neither send nor request.
impl request_reply::Guest for Bus {
    fn reply(reply_to: MessageBorrow<'_>, message: Message) -> Result<(), Error> {
        answer::answer(handles::number(reply_to), handles::take(message))
    }
}

#[cfg(not(feature = "async"))]
/// Ends the chain of handlers: the last dispatcher imports it, and there is no handler after that one.
impl chain::Guest for Bus {
    fn reach() -> u32 {
        0
    }

    fn deliver(_: u32, _: Message) -> Result<(), Error> {
        Err(Error::Other("there is no such handler".into()))
    }
}
