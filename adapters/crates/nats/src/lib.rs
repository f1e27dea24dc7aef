//! NATS's client protocol, without I/O: a [`Session`](broker::Session) for core NATS.
//!
//! The server speaks first (INFO). The client answers with CONNECT, PING and its subscriptions, in one write; it has been
//! let in when the PONG comes. All requests of a connection share one inbox, a subscription to `PREFIX.RANDOM.*`, and the
//! last token of the reply topic is the ticket of the request.
//!
//! - Nothing here panics, whatever comes, and what is kept is bounded by [`Limits`]. A message of more bytes than the limit,
//!   or one with malformed headers, is skipped and counted; it does not end the connection, because other clients send it.
//! - Core NATS confirms nothing: tickets of messages are 0, and `settle` and `progress` do nothing.
//! - A write with nothing but a message ends with PING, whose PONG confirms the write to the TCP stack (see [`broker`]).
#![no_std]

extern crate alloc;

mod auth;
mod frame;
mod headers;
mod incoming;
mod info;
mod lines;
mod outgoing;
mod queue;
mod session;
mod text;
mod waiting;

use alloc::{string::String, vec::Vec};
use broker::{Error, Limits, Server};

/// The port where NATS servers listen.
pub const DEFAULT_PORT: u16 = 4222;

/// The number of the inbox's subscription.
const INBOX: u64 = 1;

/// The number of the first other subscription. The others follow in order.
const FIRST: u64 = 2;

/// How many complaints are kept until somebody asks.
const COMPLAINTS: usize = 32;

/// What a session needs to know. Empty texts count as none.
#[derive(Clone)]
pub struct Options {
    /// The name of the connection, which the server shows in its logs.
    pub name: String,
    /// The user's name.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<String>,
    /// A token in place of user and password.
    pub token: Option<String>,
    /// The seed of a user's key: `SU…`.
    pub nkey_seed: Option<String>,
    /// The text of a `.creds` file: a JWT and the seed of its user.
    pub credentials: Option<String>,
    /// What topics of inboxes begin with. Servers that check permissions let a client subscribe to its own prefix only.
    pub inbox_prefix: String,
    /// How much is kept at most.
    pub limits: Limits,
}

/// How far the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The server has not said anything.
    Silent,
    /// The client has sent its credentials.
    Asking,
    /// The server has let the client in.
    Open,
}

/// Whether replies can come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Inbox {
    /// No request needed it yet.
    Unused,
    /// It is subscribed.
    Subscribed,
    /// The server does not allow it.
    Refused(Error),
}

/// A topic or a pattern, and the group that shares its messages; empty if there is none.
type Subscription = (String, String);

/// A client of core NATS.
pub struct Nats {
    auth: auth::Auth,
    limits: Limits,
    inbox_prefix: String,

    subscriptions: Vec<Subscription>,
    /// A subscription that cannot be made. `receive` returns it.
    fault: Option<Error>,
    waiting: waiting::Waiting,
    queue: queue::Queue,
    complaints: Vec<String>,
    servers: Vec<Server>,
    /// How many of the servers were handed out.
    servers_taken: usize,
    dropped: u64,

    // What follows is of one connection.
    state: State,
    /// The line under way.
    line: Vec<u8>,
    /// The message under way.
    frame: Option<frame::Frame>,
    info: info::Info,
    inbox_topic: String,
    inbox: Inbox,
    next_subscription: u64,
    pings: usize,
    output: Vec<u8>,
}

impl Nats {
    /// Returns a session that has no connection. Fails if the options do not go together. No error quotes a secret.
    pub fn new(options: Options) -> Result<Self, Error> {
        if let Some(fault) = text::fault(&options.inbox_prefix, false) {
            return Err(Error::Other(text::about("`inbox-prefix`: `", &options.inbox_prefix, fault)));
        }
        let auth = auth::Auth::new(&options)?;
        let Options { inbox_prefix, mut limits, .. } = options;
        // So that sums of two lengths fit.
        limits.message = limits.message.min(1 << 30);
        Ok(Self {
            auth,
            limits,
            inbox_prefix,
            subscriptions: Vec::new(),
            fault: None,
            waiting: waiting::Waiting::default(),
            queue: queue::Queue::default(),
            complaints: Vec::new(),
            servers: Vec::new(),
            servers_taken: 0,
            dropped: 0,
            state: State::Silent,
            line: Vec::new(),
            frame: None,
            info: info::Info::default(),
            inbox_topic: String::new(),
            inbox: Inbox::Unused,
            next_subscription: FIRST,
            pings: 0,
            output: Vec::new(),
        })
    }

    fn complain(&mut self, text: String) {
        if self.complaints.len() < COMPLAINTS {
            self.complaints.push(text);
        }
    }
}
