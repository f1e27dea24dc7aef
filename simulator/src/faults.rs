//! What a seed draws: the hosts, their clocks, the requests, the replies, and the faults with their bounds.
//!
//! Each kind of fault is on in some worlds and off in others. So a rule is also checked where nothing can excuse it.

use crate::dice::Dice;
use std::{fmt, str::FromStr};

/// The seconds that the wall clocks of two hosts may be apart.
pub const APART: u64 = 300;

/// The seconds of a seat's lease.
pub const LEASE: u64 = 60;

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

/// The build of the composed components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The committed parts.
    Today,
    /// The release before, from `previous`.
    Before,
    /// Both, on different hosts of one bucket. Such worlds draw no fault that the release before does not survive.
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
    /// The builds.
    pub release: Option<Release>,
}

impl Plan {
    /// Draws a world.
    #[must_use]
    pub fn draw(seed: u64, wanted: Wanted) -> Self {
        let dice = &mut Dice::new(seed ^ 0x6d73_6763_6f6d_706f);
        // Drawn even if the caller wants another, so that the rest of the world stays.
        let mailbox = dice.pick(&[Mailbox::Draft, Mailbox::Draft, Mailbox::Draft2, Mailbox::Mixed, Mailbox::Async]);
        let mailbox = wanted.mailbox.unwrap_or(mailbox);
        let class = if dice.chance(150_000) { Class::B } else { Class::A };
        let class = wanted.class.unwrap_or(class);
        let release = if dice.chance(100_000) { Release::Mixed } else { Release::Today };
        let release = wanted.release.unwrap_or(release);
        let release = if mailbox.in_memory() { Release::Today } else { release };
        let gentle = release == Release::Mixed;
        let class = if gentle { Class::A } else { class };

        let latency = if gentle { Latency { usual: 0, slowest: 0, spikes: 0 } } else { draw_latency(dice) };
        let chances = draw_chances(dice, class, gentle);
        // A `send` that is sync blocks the whole instance, so its other requests would be late, too.
        let chances = if mailbox == Mailbox::Mixed { Chances { send_block: 0, ..chances } } else { chances };
        let flood = !gentle && dice.chance(60_000);
        let max_replies = dice.pick(&[2, 3, 8, 64]);
        let max_replies = if flood {
            1024
        } else if gentle {
            64
        } else {
            max_replies
        };
        let number = dice.between(2, 4);
        let apart = if gentle { 0 } else { dice.pick(&[0, 0, 40, APART]) };
        let span = dice.between(10_000, 120_000);
        let hosts = (0..number)
            .map(|index| {
                let before = release == Release::Before || gentle && index % 2 == 0;
                draw_machine(dice, apart, span, before)
            })
            .collect();
        let mut plan = Self {
            seed,
            class,
            mailbox,
            release,
            hosts,
            latency,
            chances,
            spread: dice.pick(&[0, 2, 50, 500]),
            max_replies,
            max_pending: dice.pick(&[16, 32, 64]),
            poll_max: dice.pick(&[10, 50, 200]),
            asks: Vec::new(),
        };
        let long = !gentle && dice.chance(300_000);
        let requests = dice.between(30, 120);
        plan.asks = (0..requests).map(|_| plan.draw_ask(dice, span, long)).collect();
        plan.asks.sort_by_key(|ask| ask.at);
        if flood {
            let flooded = dice.index(plan.asks.len());
            plan.flood(dice, flooded);
        }
        plan
    }

    fn draw_ask(&self, dice: &mut Dice, span: u64, long: bool) -> Ask {
        let timeout = match dice.between(0, 9) {
            0..3 => dice.between(20, 300),
            9 if long => dice.between(20_000, 100_000),
            _ => dice.between(500, 6_000),
        };
        let timeout = if self.release == Release::Mixed { timeout + 1000 } else { timeout };
        let expected = match dice.between(0, 19) {
            0 => 0,
            1..12 => 1,
            _ => dice.between(2, 4).min(self.max_replies),
        };
        let replies = (0..dice.between(0, expected + 1)).map(|_| self.draw_reply(dice, timeout)).collect();
        let (at, host) = (dice.between(0, span), dice.index(self.hosts.len()));
        Ask { at, host, timeout, expected, composed: dice.chance(150_000), replies }
    }

    fn draw_reply(&self, dice: &mut Dice, timeout: u64) -> Reply {
        let gentle = self.release == Release::Mixed;
        let first = match dice.between(0, 9) {
            0..2 if !gentle => (timeout + dice.between(0, 40)).saturating_sub(20),
            2 if !gentle => timeout + dice.between(0, 3_000),
            _ if gentle => dice.between(0, timeout / 2),
            _ => dice.between(0, timeout),
        };
        let mut copies = vec![first];
        while copies.len() < 4 && dice.chance(150_000) {
            copies.push(first + dice.between(0, 200));
        }
        let carries = match dice.between(0, 19) {
            0 => Carries::NoMessageId,
            1 => Carries::Malformed,
            2 => Carries::Unknown,
            _ => Carries::Right,
        };
        Reply { copies, carries }
    }

    /// Lets one reply to a request come hundreds of times.
    fn flood(&mut self, dice: &mut Dice, number: usize) {
        let ask = &mut self.asks[number];
        ask.timeout = dice.between(500, 2_000);
        (ask.expected, ask.composed) = (2, false);
        let copies = dice.between(100, 400);
        let copies = (0..copies).map(|_| dice.between(0, ask.timeout)).collect();
        ask.replies = vec![Reply { copies, carries: Carries::Right }];
    }

    /// Returns the options that components find in their environment.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let options =
            [("MAX_REPLIES", self.max_replies), ("MAX_PENDING", self.max_pending), ("POLL_MAX_MS", self.poll_max)];
        options.map(|(name, value)| (format!("MSGCOMPOSE_{name}"), value.to_string())).into()
    }
}

fn draw_latency(dice: &mut Dice) -> Latency {
    match dice.between(0, 5) {
        0 => Latency { usual: 0, slowest: 0, spikes: 0 },
        1 | 2 => Latency { usual: 2, slowest: 2, spikes: 0 },
        3 => Latency { usual: 20, slowest: 20, spikes: 0 },
        4 => Latency { usual: 200, slowest: 200, spikes: 0 },
        _ => Latency { usual: 3, slowest: 3_000, spikes: 20_000 },
    }
}

fn draw_chances(dice: &mut Dice, class: Class, gentle: bool) -> Chances {
    let mut drawn = |values: &[u64]| {
        let value = dice.pick(values);
        if gentle { 0 } else { value }
    };
    let fail = drawn(&[0, 0, 2_000, 20_000]);
    let mut chances = Chances {
        fail_before: fail,
        fail_after: fail,
        kill: drawn(&[0, 0, 10_000, 60_000]),
        send_fail: drawn(&[0, 0, 10_000]),
        send_block: drawn(&[0, 0, 0, 10_000]),
        ..Chances::default()
    };
    let bad = [drawn(&[0, 5_000, 50_000]), drawn(&[0, 5_000, 50_000])];
    if class == Class::B {
        [chances.lose, chances.stale] = bad;
    }
    chances.drop = dice.pick(&[0, 10_000, 50_000]);
    chances.duplicate = dice.pick(&[0, 20_000, 100_000]);
    chances
}

fn draw_machine(dice: &mut Dice, apart: u64, span: u64, before: bool) -> Machine {
    let half = apart * 1000 / 2;
    let mut ahead = || i64::try_from(dice.between(0, 2 * half)).unwrap_or(0) - i64::try_from(half).unwrap_or(0);
    let mut wall = vec![(0, ahead())];
    for quarter in 1..4 {
        let to = ahead();
        if to % 3 == 0 {
            wall.push((span * quarter / 4, to));
        }
    }
    Machine { wall, monotonic: dice.between(0, 1 << 40), before }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::A { "a" } else { "b" })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Draft2 => "draft2",
            Self::Mixed => "mixed",
            Self::Async => "async",
        })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Today => "today",
            Self::Before => "before",
            Self::Mixed => "mixed",
        })
    }
}

/// Finds the value whose text this is.
fn named<T: Copy + fmt::Display>(text: &str, values: &[T]) -> Result<T, String> {
    let found = values.iter().find(|value| value.to_string() == text);
    found.copied().ok_or_else(|| {
        let names: Vec<String> = values.iter().map(ToString::to_string).collect();
        format!("it is one of {}", names.join(", "))
    })
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &[Self::A, Self::B])
    }
}

impl FromStr for Mailbox {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &Self::ALL)
    }
}

impl FromStr for Release {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &[Self::Today, Self::Before, Self::Mixed])
    }
}
