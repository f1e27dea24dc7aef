//! The rules of request/reply over publish/subscribe that need no host: correlation ids, the mailbox's keys and counts,
//! the format of a stored reply, and the topics that a reply may go to.
//!
//! All parts of the adapter share this crate, so they cannot disagree. It also builds natively, for its property tests.
#![no_std]

extern crate alloc;

pub mod envelope;
pub mod mailbox;
pub mod seen;
pub mod topic;

pub use message::{decimal, id, metadata};
