//! The rules of request/reply over publish/subscribe that need no host: correlation ids, the mailbox's keys and counts,
//! the form of a stored reply, and which topics a reply may go to.
//!
//! Both parts of the adapter use this crate, so they cannot disagree; it builds natively too, where its property tests
//! run.
#![no_std]

extern crate alloc;

pub mod envelope;
pub mod mailbox;
pub mod topic;

pub use message::{decimal, id, metadata};
