//! The parts between a linked composition and the host's messaging. Messages on the two sides are different resources
//! under one name, which no component can have both of; so they go from one side to the other without the resource.
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
