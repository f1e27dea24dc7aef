//! The provider of `wasi:messaging` over a broker, which it reaches by a socket. It defines the resources `message` and
//! `client`.
//!
//! What is said to the broker is the work of a crate for its protocol, a `broker::Session`. What waits, for connections,
//! answers and messages, is in `p2`.
#![no_std]

extern crate alloc;

mod bindings;
mod client;
mod error;
mod message;
mod options;
mod p2;
mod protocol;
mod settings;
mod stderr;

struct Provider;

bindings::export!(Provider with_types_in bindings);

impl bindings::exports::wasi::messaging::types::Guest for Provider {
    type Client = client::Client;
    type Message = message::Message;
}
