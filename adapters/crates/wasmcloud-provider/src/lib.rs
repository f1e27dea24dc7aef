//! The provider of `wasmcloud:messaging/consumer`: implements `publish` and `request` with the host's `wasi:messaging`.
//!
//! It also keeps the messages that the guest has in hand. The interceptor puts them there, and a `publish` to the token
//! of one of them is a reply to it. Built without the feature `requester`, it is the publisher, which serves only
//! `publish`. Built with the feature `streams`, it serves `wasmcloud:messaging@0.3.0`.
#![no_std]

extern crate alloc;

mod bindings;
mod connection;
mod in_hand;
mod outgoing;
#[cfg(feature = "streams")]
mod streams;
#[cfg(not(feature = "streams"))]
mod sync;

struct Provider;

bindings::export!(Provider with_types_in bindings);
