//! A history by calls and by requests.

use crate::{
    faults::Carries,
    history::{Call, Ended, Event, Fault, History, Job},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one call.
pub struct Seen {
    /// What it was for.
    pub job: Job,
    /// When it began.
    pub begun: u64,
    /// When it ended, and how.
    pub ended: Option<(u64, Ended)>,
    /// The correlation ids in the keys that it used, and that of its reply.
    pub ids: BTreeSet<String>,
    /// Whether a store operation failed or lied, or the instance was killed.
    pub faulty: bool,
    /// How many replies it counted as dropped.
    pub counted: u64,
}

/// A reply on its way.
pub struct Answer {
    /// The request whose responder sent it.
    pub request: usize,
    /// Its data.
    pub label: String,
    /// Its correlation id.
    pub id: String,
    /// Its message id.
    pub message_id: Option<String>,
    /// What it carries.
    pub carries: Carries,
    /// The calls that delivered it.
    pub calls: Vec<Call>,
}

/// What a guest said of its request.
pub struct Told {
    /// When.
    pub at: u64,
    /// `ok` or the error.
    pub outcome: String,
    /// The replies.
    pub replies: Vec<String>,
}

/// A history by calls and by requests.
pub struct Calls {
    /// The calls, by number.
    pub of: Vec<Seen>,
    /// The replies, by number.
    pub answers: Vec<Answer>,
    /// What guests said, by request.
    pub told: BTreeMap<usize, Vec<Told>>,
    /// When the `send` of a request returned, and whether it failed.
    pub sent: BTreeMap<usize, (u64, bool)>,
    /// The longest operation of the store.
    pub slowest: u64,
}

impl Calls {
    /// Reads a history.
    pub fn read(history: &History) -> Self {
        let mut calls =
            Self { of: Vec::new(), answers: Vec::new(), told: BTreeMap::new(), sent: BTreeMap::new(), slowest: 1 };
        for (time, event) in &history.0 {
            calls.add(*time, event);
        }
        calls
    }

    fn add(&mut self, time: u64, event: &Event) {
        match event {
            Event::Begun { call, job, .. } => {
                let mut ids = BTreeSet::new();
                if let Job::Reply(reply, _) = job {
                    self.answers[*reply].calls.push(*call);
                    ids.extend(id(&self.answers[*reply].id));
                }
                let (job, begun, ended) = (*job, time, None);
                let (faulty, counted) = Default::default();
                self.of.push(Seen { job, begun, ended, ids, faulty, counted });
            }
            Event::Did { call, operation, key, value, fault, took } => {
                self.slowest = self.slowest.max(*took);
                let seen = &mut self.of[*call];
                seen.ids.extend(id(key));
                seen.faulty |= fault.is_some_and(|fault| fault != Fault::Slow);
                if *operation == "increment" && key.contains("dropped.") && value != "error" {
                    seen.counted += 1;
                }
            }
            Event::Sent { topic, data, fault, took, .. } => {
                if !topic.starts_with("replies")
                    && let Some(request) = data.strip_prefix('r').and_then(|number| number.parse().ok())
                {
                    let failed = matches!(fault, Some(Fault::SendFailedBefore | Fault::SendFailedAfter));
                    self.sent.insert(request, (time + took, failed));
                }
            }
            Event::Replied { request, label, id, message_id, carries, .. } => {
                let (request, label, id, carries) = (*request, label.clone(), id.clone(), *carries);
                let (message_id, calls) = (message_id.clone(), Vec::new());
                self.answers.push(Answer { request, label, id, message_id, carries, calls });
            }
            Event::Returned { request, outcome, replies } => {
                let told = Told { at: time, outcome: outcome.clone(), replies: replies.clone() };
                self.told.entry(*request).or_default().push(told);
            }
            Event::Ended { call, ended } => {
                let seen = &mut self.of[*call];
                seen.faulty |= *ended == Ended::Killed;
                seen.ended = Some((time, ended.clone()));
            }
            Event::Broker { .. } | Event::Left { .. } | Event::Swept => {}
        }
    }
}

impl Seen {
    /// Returns when the call returned ok.
    pub fn ok(&self) -> Option<u64> {
        self.ended.as_ref().filter(|(_, ended)| *ended == Ended::Ok).map(|(time, _)| *time)
    }

    /// Returns whether the call was killed.
    pub fn killed(&self) -> bool {
        matches!(self.ended, Some((_, Ended::Killed)))
    }
}

/// Finds a correlation id, 32 hexadecimal digits, in a key.
fn id(key: &str) -> Option<String> {
    let parts = key.split(|c: char| !c.is_ascii_hexdigit());
    parts.filter(|part| part.len() == 32).map(str::to_owned).next()
}
