//! The interfaces of the async bus: each call has a number.

use crate::{
    Bus, answer, ask,
    bindings::{
        bus::{Arrived, Asking, Closed, Delivery, Failure, Guest, Publishing},
        exports::{
            msgcompose::link::{chain_async, contents::Content as Plain},
            wasi::messaging::types::{ClientBorrow, Error, Message, MessageBorrow},
        },
    },
    frame::Call,
    handles, host, publish,
};
use alloc::{string::String, vec::Vec};

crate::bindings::exports::msgcompose::link::bus_async::__export_msgcompose_link_bus_async_0_1_0_cabi!(
    Bus with_types_in crate::bindings::exports::msgcompose::link::bus_async
);
crate::bindings::exports::msgcompose::link::chain_async::__export_msgcompose_link_chain_async_0_1_0_cabi!(
    Bus with_types_in crate::bindings::exports::msgcompose::link::chain_async
);

impl Guest for Bus {
    fn open(
        client: ClientBorrow<'_>,
        topic: String,
        message: MessageBorrow<'_>,
        reach: u32,
        expected: Option<u32>,
    ) -> Result<Asking, Error> {
        ask::open(handles::client(client), topic, handles::number(message), reach, expected)
    }

    fn done(call: u32) -> bool {
        ask::done(Call(call))
    }

    fn close(call: u32, outcome: Result<(), Error>) -> Result<Closed, Error> {
        ask::close(Call(call), outcome)
    }

    fn publish(client: ClientBorrow<'_>, topic: String, message: Message, reach: u32) -> Result<Publishing, Error> {
        publish::publish(handles::client(client), topic, handles::take(message), reach)
    }

    fn settle(call: u32, failures: Vec<Failure>) -> Result<Vec<Delivery>, Error> {
        publish::settle(Call(call), failures)
    }

    fn answer(reply_to: MessageBorrow<'_>, message: Message) -> Result<(), Error> {
        answer::answer(handles::number(reply_to), handles::take(message))
    }

    fn adopt(contents: Vec<Plain>) -> Vec<Message> {
        contents.into_iter().map(|content| handles::give(host::content(content).into())).collect()
    }

    fn arrive(topic: Option<String>, content: Plain) -> Arrived {
        let (call, message) = host::arrive(topic, content);
        Arrived { call: call.0, message }
    }

    fn depart(call: u32) -> Vec<Plain> {
        host::depart(Call(call))
    }

    fn abandon(call: u32) {
        Call(call).end();
    }
}

/// Ends the chain of handlers: the last dispatcher imports it, and there is no handler after that one.
impl chain_async::Guest for Bus {
    fn reach() -> u32 {
        0
    }

    fn deliver(_: u32, _: Message) -> Result<(), Error> {
        Err(Error::Other("there is no such handler".into()))
    }
}
