//! The mailbox in a bucket of `wasi:keyvalue`, where replies meet requests.
//!
//! The requester [opens](PendingRequest::open) a pending request, [takes](PendingRequest::take) its replies and
//! [closes](PendingRequest::close) it. The instance that a reply reaches [delivers](deliver) it. [`reqreply::mailbox`]
//! describes keys and counts.
#![no_std]

extern crate alloc;

mod bucket;
mod deliver;
mod pending;

pub use bucket::Mailbox;
pub use deliver::deliver;
pub use pending::PendingRequest;
