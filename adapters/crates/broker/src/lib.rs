//! The seam between a broker's protocol and the driver that does its I/O.
//!
//! A [`Session`] reads bytes and writes bytes. It neither waits nor knows sockets and clocks: the driver hands it what came
//! in, writes what it wants to say, and decides how long to wait. So a protocol is tested without a network, and one
//! driver serves every broker and both versions of WASI.
//!
//! All that one call wants to say is in [`Session::output`] before the driver writes, so that it is one write. WASI has no
//! `TCP_NODELAY`: of two small writes, the second waits until the other side has confirmed the first.
#![no_std]

extern crate alloc;

mod error;
mod limits;
mod server;

pub use error::Error;
pub use limits::Limits;
pub use server::Server;

use alloc::{string::String, vec::Vec};
use message::Content;

/// Names something that was sent, or a message that came, until that is settled. 0 is nothing: brokers that confirm
/// nothing give it.
pub type Ticket = u64;

/// A message that a subscription brought.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The topic that it was sent to.
    pub topic: String,
    /// The message.
    pub content: Content,
    /// Where replies go, if it takes some.
    pub reply_to: Option<String>,
    /// What [`Session::settle`] is told later.
    pub ticket: Ticket,
}

/// A protocol on one connection, and on those that take its place.
///
/// Errors of `receive` end the connection. All others are the guest's.
pub trait Session {
    /// Begins anew on a new connection. What was unfinished is forgotten, but subscriptions are made again once it is
    /// open. `entropy` are random bits that were not used before.
    fn begin(&mut self, entropy: [u64; 2]);

    /// Takes bytes that came. Fails if the connection is of no use any more: the other side does not speak the protocol,
    /// refuses to, or says that it ends.
    fn receive(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Returns whether the other side has taken the connection. Before that, nothing else is called but `receive` and
    /// `output`.
    fn is_open(&self) -> bool;

    /// What is to be written. The driver takes it.
    fn output(&mut self) -> &mut Vec<u8>;

    /// Subscribes to a topic or a pattern; with `group`, each message goes to one member of the group.
    fn subscribe(&mut self, pattern: &str, group: Option<&str>);

    /// Sends a message. It may be called before the connection is open only through `subscribe`.
    fn publish(&mut self, topic: &str, content: &Content) -> Result<Ticket, Error>;

    /// Returns how the broker took what was published: none as long as it has not said so.
    fn confirmed(&mut self, ticket: Ticket) -> Option<Result<(), Error>>;

    /// Sends a request. Its answers are kept until [`Session::forget`].
    fn ask(&mut self, topic: &str, content: &Content) -> Result<Ticket, Error>;

    /// Takes the next answer to a request; none as long as there is none.
    fn answer(&mut self, ticket: Ticket) -> Option<Result<Content, Error>>;

    /// Drops what is kept of a request. Answers that come later are dropped.
    fn forget(&mut self, ticket: Ticket);

    /// Sends a reply to `to`, the `reply_to` of a delivery.
    fn reply(&mut self, to: &str, content: &Content) -> Result<Ticket, Error>;

    /// Takes the next message that came for a subscription, in the order of coming.
    fn delivery(&mut self) -> Option<Delivery>;

    /// Tells the broker how a delivery ended.
    fn settle(&mut self, ticket: Ticket, outcome: Result<(), &Error>);

    /// Tells the broker that the deliveries in hand are still being worked at.
    fn progress(&mut self);

    /// Asks the other side for a sign of life, so that what was written before is confirmed.
    fn ping(&mut self);

    /// Returns whether a sign of life is due that was asked for.
    fn is_pinging(&self) -> bool;

    /// Ends all subscriptions, and asks for a sign of life: when that has come, so has all that was under way.
    fn drain(&mut self);

    /// Returns whether the other side asked to be left in good order.
    fn is_leaving(&self) -> bool;

    /// Takes the addresses that the other side named besides those that are known.
    fn others(&mut self) -> Vec<Server>;

    /// Takes what went wrong with something that nobody waits for, in words for people.
    fn complaint(&mut self) -> Option<String>;

    /// Returns how many messages and replies were dropped because more came than may be kept.
    fn dropped(&self) -> u64;
}
