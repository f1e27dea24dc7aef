//! Code that all parts need: state of an instance, and the adapter's options.
//!
//! It is only for parts, which are core modules without threads.
#![no_std]

extern crate alloc;
extern crate runtime;

mod cell;
mod config;
mod error;

pub use cell::InstanceCell;
pub use config::{Config, items};
pub use error::kind;
