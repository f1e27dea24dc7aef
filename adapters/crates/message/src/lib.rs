//! Messages as plain data, which needs no host: content, metadata, ids, and the limits of a request.
//!
//! The crates with the adapters' rules use this one. It also builds natively, for their tests.
#![no_std]

extern crate alloc;

mod content;
mod decimal;
mod guest;
pub mod id;
mod limits;
pub mod metadata;

pub use content::{Content, Data};
pub use decimal::{decimal, parse_decimal, push_decimal};
pub use limits::{Limits, RequestOptions};
