//! The bridge: passes messages between a linked component and the host's messaging.
//!
//! On the two sides, `message` is a different resource with the same name, and no component can import both. So a part
//! on each side converts messages to plain records, and the two parts exchange these.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings;
#[cfg(feature = "door")]
mod door;
#[cfg(feature = "inbound")]
mod inbound;
#[cfg(feature = "outside")]
mod outside;

struct Bridge;

bindings::export!(Bridge with_types_in bindings);
