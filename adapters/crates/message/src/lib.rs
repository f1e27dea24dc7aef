//! What a message is, apart from any host: its content, its metadata, ids, and how long a request waits.
//!
//! The rules of the adapters build on this; it builds natively too, where their tests run.
#![no_std]

extern crate alloc;

mod content;
mod decimal;
pub mod id;
mod limits;
pub mod metadata;

pub use content::{Content, Data};
pub use decimal::{decimal, parse_decimal, push_decimal};
pub use limits::{Limits, RequestOptions};
