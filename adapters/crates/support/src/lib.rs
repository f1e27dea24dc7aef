//! What every part needs: per-instance state, and the options that were baked while composing.
//!
//! A part is a single-threaded core module; nothing here is meant for any other target.
#![no_std]

extern crate alloc;
extern crate runtime;

mod cell;
mod config;
mod error;

pub use cell::InstanceCell;
pub use config::Config;
pub use error::kind;
