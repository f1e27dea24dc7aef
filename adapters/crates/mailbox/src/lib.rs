//! The mailbox in a bucket of `wasi:keyvalue`, where replies meet requests.
//!
//! The requester [opens](PendingRequest::open) a pending request, [takes](PendingRequest::take) its replies,
//! [closes](PendingRequest::close) it and [finishes](Closing::finish). The instance that a reply reaches
//! [delivers](deliver) it. [`reqreply::mailbox`]
//! describes keys and counts.
#![no_std]

extern crate alloc;

mod bucket;
mod deliver;
mod pending;
mod seat;

pub use bucket::Mailbox;
pub use deliver::deliver;
pub use pending::{Closing, PendingRequest, Stored};
