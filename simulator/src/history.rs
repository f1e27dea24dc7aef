//! What guests, broker and store saw: one line for each event, the same bytes in each run of a seed.

use crate::faults::Carries;
use std::{collections::BTreeMap, fmt};

/// A call of a composed component.
pub type Call = usize;

/// A fault that was injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A store operation failed before its effect.
    FailedBefore,
    /// A store operation failed after its effect.
    FailedAfter,
    /// A store operation took longer than usual ones.
    Slow,
    /// The store lost a write and said that it was done.
    Lost,
    /// The store returned an older value.
    Stale,
    /// An instance was killed.
    Killed,
    /// A `send` failed before the broker took the message.
    SendFailedBefore,
    /// A `send` failed after the broker took the message.
    SendFailedAfter,
    /// A `send` blocked.
    SendBlocked,
    /// The broker lost a message.
    Dropped,
    /// The broker or the responder sent a message again.
    Duplicated,
    /// A wall clock jumped, or was ahead or behind from the beginning.
    Clock,
    /// A reply carried a malformed or unknown correlation id.
    BadId,
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// The guest makes the request with this number.
    Request(usize),
    /// A reply is delivered: its number, and how often it was tried before.
    Reply(usize, usize),
    /// A reply is delivered to a shared instance that has another inbox.
    Stray(usize),
    /// A composed responder handles the request with this number.
    Respond(usize),
    /// The shared instance with this number lives, which makes many calls.
    Instance(usize),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It returned ok.
    Ok,
    /// It returned an error.
    Failed(String),
    /// It trapped.
    Trapped(String),
    /// It was killed.
    Killed,
    /// It did not return in a day.
    Never,
}

/// An event.
#[derive(Debug, Clone)]
pub enum Event {
    /// A call began.
    Begun {
        /// The call.
        call: Call,
        /// The host.
        host: usize,
        /// What it is for.
        job: Job,
        /// The shared instance that it calls: the call with which that began.
        on: Option<Call>,
    },
    /// An operation of the store had its effect, or failed.
    Did {
        /// The call.
        call: Call,
        /// The operation.
        operation: &'static str,
        /// The key.
        key: String,
        /// What was stored or returned, or the error.
        value: String,
        /// The faults.
        fault: Option<Fault>,
        /// The milliseconds that it takes in all.
        took: u64,
    },
    /// A component sent a message.
    Sent {
        /// The call.
        call: Call,
        /// The topic.
        topic: String,
        /// The data.
        data: String,
        /// The correlation id.
        id: String,
        /// The topic for replies.
        reply_to: Option<String>,
        /// The fault.
        fault: Option<Fault>,
        /// The milliseconds until `send` returns.
        took: u64,
    },
    /// A reply is on its way.
    Replied {
        /// Its number.
        reply: usize,
        /// The request whose responder sent it.
        request: usize,
        /// The topic.
        topic: String,
        /// Its data.
        label: String,
        /// Its correlation id.
        id: String,
        /// Its message id.
        message_id: Option<String>,
        /// What it carries.
        carries: Carries,
    },
    /// A guest told what its request returned.
    Returned {
        /// The request.
        request: usize,
        /// `ok` or the error.
        outcome: String,
        /// The replies.
        replies: Vec<String>,
    },
    /// A call ended.
    Ended {
        /// The call.
        call: Call,
        /// How.
        ended: Ended,
    },
    /// A shared instance said how many replies it had dropped, by reason.
    Counted {
        /// The call with which it began.
        call: Call,
        /// The counts.
        dropped: BTreeMap<String, u64>,
    },
    /// The broker did something to a message.
    Broker {
        /// What.
        fault: Fault,
        /// To which message.
        text: String,
    },
    /// A key is left at the end.
    Left {
        /// The key.
        key: String,
        /// Its value.
        value: String,
    },
    /// The faults end here, and the seats are swept.
    Swept,
}

/// All events with their times, in milliseconds.
#[derive(Debug, Default)]
pub struct History(pub Vec<(u64, Event)>);

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(time, event)| writeln!(f, "{:>6}.{:03} {event}", time / 1000, time % 1000))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flaw = |fault: &Option<Fault>| fault.map_or(String::new(), |fault| format!(" [{fault}]"));
        match self {
            Event::Begun { call, host, job, on } => {
                let on = on.map_or(String::new(), |on| format!(", instance c{on}"));
                write!(f, "c{call} begins on host {host}{on}: {job:?}")
            }
            Event::Did { call, operation, key, value, fault, took } => {
                write!(f, "c{call} {operation} {key} = {value} in {took} ms{}", flaw(fault))
            }
            Event::Sent { call, topic, data, id, reply_to, fault, took } => {
                let reply_to = reply_to.as_deref().unwrap_or("none");
                write!(
                    f,
                    "c{call} sends {data} to {topic}, id {id}, in {took} ms, reply topic {reply_to}{}",
                    flaw(fault)
                )
            }
            Event::Replied { reply, request, topic, label, id, message_id, carries } => {
                let message_id = message_id.as_deref().unwrap_or("none");
                let carries = format!("{carries:?}, id {id}, message id {message_id}");
                write!(f, "reply {reply} to r{request}: {label} to {topic}, {carries}")
            }
            Event::Returned { request, outcome, replies } => {
                write!(f, "r{request} returned {outcome}: {}", replies.join(" "))
            }
            Event::Ended { call, ended } => write!(f, "c{call} ended: {ended:?}"),
            Event::Counted { call, dropped } => write!(f, "c{call} has dropped {dropped:?}"),
            Event::Broker { fault, text } => write!(f, "broker: {fault} {text}"),
            Event::Left { key, value } => write!(f, "left: {key} = {value}"),
            Event::Swept => write!(f, "the faults end, and the seats are swept"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Fault::FailedBefore => "store failed before the effect",
            Fault::FailedAfter => "store failed after the effect",
            Fault::Slow => "store slow",
            Fault::Lost => "write lost",
            Fault::Stale => "stale read",
            Fault::Killed => "instance killed",
            Fault::SendFailedBefore => "send failed before",
            Fault::SendFailedAfter => "send failed after",
            Fault::SendBlocked => "send blocked",
            Fault::Dropped => "message lost",
            Fault::Duplicated => "message duplicated",
            Fault::Clock => "clock ahead, behind or jumped",
            Fault::BadId => "malformed or unknown id",
        })
    }
}
