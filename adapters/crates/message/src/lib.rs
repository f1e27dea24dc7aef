//! What a message is, apart from any host: its content, its metadata, and ids.
//!
//! The rules of the adapters build on this; it builds natively too, where their tests run.
#![no_std]

extern crate alloc;

mod content;
mod decimal;
pub mod id;
pub mod metadata;

pub use content::{Content, Data};
pub use decimal::{decimal, parse_decimal, push_decimal};
