//! Where replies meet requests: a bucket of `wasi:keyvalue`, used from both sides.
//!
//! The requester [opens](PendingRequest::open) a pending request, [takes](PendingRequest::take) the replies to it and
//! closes it; whichever instance a reply reaches [delivers](deliver) it. The keys and counts are in
//! [`reqreply::mailbox`].
#![no_std]

extern crate alloc;

mod bucket;
mod deliver;
mod pending;

pub use bucket::Mailbox;
pub use deliver::deliver;
pub use pending::PendingRequest;
