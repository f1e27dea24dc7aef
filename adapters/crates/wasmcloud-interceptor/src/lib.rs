//! Takes messages from the host, and calls the guest's `wasmcloud:messaging` handler with them.
//!
//! The provider keeps each message while the guest handles it, so that the guest can reply to it.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings;
#[cfg(feature = "streams")]
mod streams;
#[cfg(not(feature = "streams"))]
mod sync;

struct Interceptor;

bindings::export!(Interceptor with_types_in bindings);
