//! How a message becomes an HTTP request or response and back, without any host: URLs, headers, CloudEvents.
//!
//! It builds natively too, where its tests run. There is no `core::fmt` here: it would cost a part some kilobytes.
#![no_std]

extern crate alloc;

pub mod base64;
pub mod event;
pub mod form;
pub mod header;
pub mod json;
pub mod media;
pub mod percent;
pub mod problem;
pub mod reading;
pub mod topic;
pub mod url;

/// A field: its name, and a value that need not be text.
pub type Field = (alloc::string::String, alloc::vec::Vec<u8>);
