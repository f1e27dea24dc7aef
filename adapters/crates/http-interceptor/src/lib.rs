//! Receives HTTP requests from the host, and calls the guest's messaging handler with the messages in them.
//!
//! The provider reads requests and writes responses, but it cannot call the guest, because the guest imports it. This
//! part makes that call. Built as the router, it passes other requests to the guest's own HTTP handler. With the feature
//! `p3` it does all this on WASI 0.3.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings;
#[cfg(not(feature = "p3"))]
mod p2;
#[cfg(feature = "p3")]
mod p3;

#[cfg(not(feature = "p3"))]
struct Interceptor;

#[cfg(not(feature = "p3"))]
bindings::export!(Interceptor with_types_in bindings);
