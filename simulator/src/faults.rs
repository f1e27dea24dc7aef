//! What a seed draws: the hosts, their clocks, the requests, the replies, and the faults with their bounds.
//!
//! Each kind of fault is on in some worlds and off in others. So a rule is also checked where nothing can excuse it.

mod crowd;
mod draw;
mod names;

use std::ops::Range;

/// The seconds that the wall clocks of two hosts may be apart.
pub const APART: u64 = 300;

/// The seconds of a seat's lease.
pub const LEASE: u64 = 600;

/// The fewest requests of a world.
pub const FEWEST: u64 = 30;

/// The longest time that a `send` blocks, in milliseconds.
pub const BLOCKED: u64 = 240_000;

/// How a world breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Latency, failures before or after the effect, kills, duplicates, reordering, clocks apart. All guarantees hold.
    A,
    /// Also a store that loses increments and reads stale values. Only safety holds.
    B,
}

/// Where replies meet requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// In a bucket of `wasi:keyvalue@0.2.0-draft`.
    Draft,
    /// In a bucket of `wasi:keyvalue@0.2.0-draft2`.
    Draft2,
    /// In memory, where the handler is async.
    Mixed,
    /// In memory, where all functions that wait are async.
    Async,
}

impl Mailbox {
    /// All mailboxes.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Draft2, Self::Mixed, Self::Async];

    /// Returns whether the mailbox is in the memory of instances.
    #[must_use]
    pub fn in_memory(self) -> bool {
        matches!(self, Self::Mixed | Self::Async)
    }
}

/// The guest that makes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guest {
    /// A sync guest. In memory it is lifted, and each instance makes one request at once.
    Sync,
    /// An async guest. Many requests wait at once in one shared instance. Only in memory.
    Async,
}

/// The build of the composed components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The committed parts.
    Today,
    /// The release before, from `previous`.
    Before,
    /// Both, on different hosts of one bucket. Such worlds draw no fault but a slow store, which the release before does
    /// not survive either.
    Mixed,
}

/// A host of the world.
#[derive(Debug, Clone)]
pub struct Machine {
    /// By how much its wall clock is ahead of the world's time, from a time on: milliseconds of the world and of the
    /// clock. The first is for the beginning.
    pub wall: Vec<(u64, i64)>,
    /// What its monotonic clock shows at the beginning, in milliseconds.
    pub monotonic: u64,
    /// Whether it runs the release before.
    pub before: bool,
}

/// How long an operation of the store takes.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// The shortest time, in milliseconds.
    pub least: u64,
    /// The longest time of a usual operation, in milliseconds.
    pub usual: u64,
    /// The longest time of all, in milliseconds.
    pub slowest: u64,
    /// How often an operation may take the longest time of all, in a million.
    pub spikes: u64,
}

/// Chances of faults, each in a million.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chances {
    /// An operation of the store fails before its effect.
    pub fail_before: u64,
    /// An operation of the store fails after its effect.
    pub fail_after: u64,
    /// An increment or a `set` is lost, though the store says it was done. Class B.
    pub lose: u64,
    /// A read returns an older value. Class B.
    pub stale: u64,
    /// An instance is killed.
    pub kill: u64,
    /// A `send` fails, before or after the broker took the message.
    pub send_fail: u64,
    /// A `send` blocks for a time.
    pub send_block: u64,
    /// The broker loses a message.
    pub drop: u64,
    /// The broker delivers a message twice.
    pub duplicate: u64,
}

/// The id that a reply carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// The correlation id of its request, and a message id.
    Right,
    /// The correlation id of its request, and no message id.
    NoMessageId,
    /// A correlation id that no adapter makes.
    Malformed,
    /// A correlation id of no request.
    Unknown,
}

/// A reply that the simulated responder sends.
#[derive(Debug, Clone)]
pub struct Reply {
    /// When each copy is delivered, in milliseconds after the request was sent. Copies have one message id.
    pub copies: Vec<u64>,
    /// What it carries.
    pub carries: Carries,
}

/// How the guest is told to make a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// By a message of its own.
    Alone,
    /// By the message of the request before it, at the same time.
    Along,
    /// By the message of the request before it, too. When one request of the message has ended, the guest gives up the
    /// others.
    Racing,
}

/// A request of the world.
#[derive(Debug, Clone)]
pub struct Ask {
    /// When it begins, in milliseconds.
    pub at: u64,
    /// The host.
    pub host: usize,
    /// Its timeout in milliseconds.
    pub timeout: u64,
    /// The number of replies that it expects.
    pub expected: u64,
    /// How the guest is told.
    pub asked: Asked,
    /// Whether a composed responder answers. Otherwise the simulator does.
    pub composed: bool,
    /// The replies of the simulator.
    pub replies: Vec<Reply>,
}

/// A world as the seed draws it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// How it breaks.
    pub class: Class,
    /// Where replies meet requests.
    pub mailbox: Mailbox,
    /// The guest.
    pub guest: Guest,
    /// The number of shared instances on each host, if the mailbox is in memory.
    pub instances: usize,
    /// The builds that run.
    pub release: Release,
    /// The hosts.
    pub hosts: Vec<Machine>,
    /// How long operations of the store take.
    pub latency: Latency,
    /// How often faults happen.
    pub chances: Chances,
    /// The longest time that the broker holds a message, in milliseconds.
    pub spread: u64,
    /// The option `max-replies`.
    pub max_replies: u64,
    /// The option `max-pending`.
    pub max_pending: u64,
    /// The option `poll-max-ms`.
    pub poll_max: u64,
    /// The requests, by time.
    pub asks: Vec<Ask>,
}

/// What the caller wants instead of what the seed draws.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// The class.
    pub class: Option<Class>,
    /// The mailbox.
    pub mailbox: Option<Mailbox>,
    /// The guest. If it is async, the mailbox is in memory.
    pub guest: Option<Guest>,
    /// The builds.
    pub release: Option<Release>,
}

impl Plan {
    /// Returns the requests by the messages that the guest makes them for.
    pub fn messages(&self) -> impl Iterator<Item = Range<usize>> {
        let mut first = 0;
        self.asks.chunk_by(|_, next| next.asked != Asked::Alone).map(move |asks| {
            let requests = first..first + asks.len();
            first = requests.end;
            requests
        })
    }

    /// Returns whether replies may be lost and counted wrongly, though the class is A: the release before does that if
    /// the store is slow, also with replies to requests of today.
    #[must_use]
    pub fn may_lose_replies(&self) -> bool {
        self.release == Release::Mixed && self.latency.slowest > 0
    }

    /// Returns the options that components find in their environment.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let options =
            [("MAX_REPLIES", self.max_replies), ("MAX_PENDING", self.max_pending), ("POLL_MAX_MS", self.poll_max)];
        options.map(|(name, value)| (format!("MSGCOMPOSE_{name}"), value.to_string())).into()
    }
}
