//! What a config layer does, without any host: values that are set at run time go over the baked ones, and are checked
//! as composing checks them.
//!
//! What there is to know of an option is baked beside its value, as text, so a new type of option needs no new layer.
//! It builds natively too, where its tests compare it with what composing does.
#![no_std]

extern crate alloc;

mod merge;
mod rule;
mod text;

pub use merge::{Options, Place, merge};
pub use rule::check;
