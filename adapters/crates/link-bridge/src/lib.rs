//! The bridge: passes messages between a linked component and the host's messaging.
//!
//! On the two sides, `message` is a different resource with the same name, and no component can import both. So a part
//! on each side converts messages to plain records, and the two parts exchange these.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings;
#[cfg(any(feature = "inbound", feature = "outside"))]
mod contents;
#[cfg(all(feature = "door", not(feature = "tasks")))]
mod door;
#[cfg(all(feature = "inbound", not(feature = "tasks")))]
mod inbound;
#[cfg(all(feature = "outside", not(feature = "tasks")))]
mod outside;
#[cfg(feature = "tasks")]
mod tasks;

struct Bridge;

bindings::export!(Bridge with_types_in bindings);
