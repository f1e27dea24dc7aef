//! Converts messages to HTTP requests or responses and back: URLs, headers, CloudEvents. Needs no host.
//!
//! The crate also builds natively, for its tests. It avoids `core::fmt`, which would add some kilobytes to a part.
#![no_std]

extern crate alloc;

pub mod event;
pub mod form;
pub mod header;
pub mod media;
pub mod percent;
pub mod problem;
pub mod reading;
pub mod topic;
pub mod url;

/// An HTTP field: name and value. The value is bytes and need not be text.
pub type Field = (alloc::string::String, alloc::vec::Vec<u8>);
