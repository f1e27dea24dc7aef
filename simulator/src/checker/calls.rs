//! A history by calls and by requests.

use crate::{
    faults::{Carries, Plan},
    history::{Call, Ended, Event, Fault, History, Job},
    keys::{Key, OPEN},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one call.
pub struct Seen {
    /// What it was for.
    pub job: Job,
    /// The shared instance that it called: the call with which that began.
    pub on: Option<Call>,
    /// When it began.
    pub begun: u64,
    /// When it ended, and how.
    pub ended: Option<(u64, Ended)>,
    /// The correlation ids in the keys that it used, and that of its reply.
    pub ids: BTreeSet<String>,
    /// Whether it ran the release before.
    pub before: bool,
    /// Whether an operation of the store failed or lied.
    pub failed: bool,
    /// The correlation id of the request that it makes.
    pub own: Option<String>,
    /// How many replies it counted as dropped.
    pub counted: u64,
    /// How many slots it looked into.
    pub looked: u64,
}

/// A reply on its way.
pub struct Answer {
    /// The request whose responder sent it.
    pub request: usize,
    /// Its topic.
    pub topic: String,
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

/// A message that was sent.
pub struct Send {
    /// The request, if it is one.
    pub request: Option<usize>,
    /// When.
    pub at: u64,
    /// How many milliseconds that took.
    pub took: u64,
}

/// A history by calls and by requests.
pub struct Calls {
    /// The calls, by number.
    pub of: Vec<Seen>,
    /// The replies, by number.
    pub answers: Vec<Answer>,
    /// What guests said, by request.
    pub told: BTreeMap<usize, Vec<Told>>,
    /// The milliseconds that the `send` of a request took, and whether it failed.
    pub sent: BTreeMap<usize, (u64, bool)>,
    /// The messages that each call sent.
    sends: BTreeMap<Call, Vec<Send>>,
    /// The longest operation of the store.
    pub slowest: u64,
}

impl Calls {
    /// Reads a history.
    pub fn read(plan: &Plan, history: &History) -> Self {
        let (of, answers, told, sent, sends) = Default::default();
        let mut calls = Self { of, answers, told, sent, sends, slowest: 1 };
        for (time, event) in &history.0 {
            calls.add(plan, *time, event);
        }
        calls
    }

    fn add(&mut self, plan: &Plan, time: u64, event: &Event) {
        match event {
            Event::Begun { call, job, host, on } => {
                let mut ids = BTreeSet::new();
                if let Job::Reply(reply, _) = job {
                    self.answers[*reply].calls.push(*call);
                    ids.extend(Some(&self.answers[*reply].id).filter(|id| id.len() == 32).cloned());
                }
                let (job, on, before) = (*job, *on, plan.hosts[*host].before);
                let (ended, failed, own, counted, looked) = Default::default();
                self.of.push(Seen { job, on, begun: time, ended, ids, before, failed, own, counted, looked });
            }
            Event::Did { call, operation, key, value, fault, took } => {
                self.slowest = self.slowest.max(*took);
                let seen = &mut self.of[*call];
                seen.failed |= fault.is_some_and(|fault| fault != Fault::Slow);
                match Key::read(key) {
                    Some(Key::Dropped) => {
                        let by = value.rsplit_once(" by ").and_then(|(_, by)| by.parse::<u64>().ok());
                        seen.counted += by.unwrap_or(0);
                    }
                    Some(key) => {
                        if *operation == "increment" && value.ends_with(&format!(" by {OPEN}")) {
                            seen.own = key.id().map(str::to_owned);
                        }
                        seen.ids.extend(key.id().map(str::to_owned));
                        seen.looked += u64::from(matches!(key, Key::Slot(_)) && *operation == "get");
                    }
                    None => {}
                }
            }
            Event::Sent { call, topic, data, fault, took, .. } => {
                let number = || data.strip_prefix('r').and_then(|number| number.parse().ok());
                let request = if topic.starts_with("replies") { None } else { number() };
                self.sends.entry(*call).or_default().push(Send { request, at: time, took: *took });
                if let Some(request) = request {
                    let failed = matches!(fault, Some(Fault::SendFailedBefore | Fault::SendFailedAfter));
                    self.sent.insert(request, (*took, failed));
                }
            }
            Event::Replied { request, topic, label, id, message_id, carries, .. } => {
                let (request, topic, label, id) = (*request, topic.clone(), label.clone(), id.clone());
                let (message_id, carries, calls) = (message_id.clone(), *carries, Vec::new());
                self.answers.push(Answer { request, topic, label, id, message_id, carries, calls });
            }
            Event::Returned { request, outcome, replies } => {
                let told = Told { at: time, outcome: outcome.clone(), replies: replies.clone() };
                self.told.entry(*request).or_default().push(told);
            }
            Event::Ended { call, ended } => {
                let seen = &mut self.of[*call];
                seen.ended = Some((time, ended.clone()));
            }
            Event::Counted { .. } | Event::Broker { .. } | Event::Left { .. } | Event::Swept => {}
        }
    }
}

impl Calls {
    /// Returns the messages that a shared instance sent.
    pub fn sends_of(&self, instance: Option<Call>) -> impl Iterator<Item = &Send> {
        instance.and_then(|instance| self.sends.get(&instance)).into_iter().flatten()
    }
}

impl Seen {
    /// Returns when the call returned ok.
    pub fn ok(&self) -> Option<u64> {
        self.ended.as_ref().filter(|(_, ended)| *ended == Ended::Ok).map(|(time, _)| *time)
    }

    /// Returns whether the instance was killed, or an operation of the store failed or lied.
    pub fn faulty(&self) -> bool {
        self.failed || self.killed()
    }

    /// Returns whether it makes the request with this correlation id.
    pub fn owns(&self, id: &str) -> bool {
        self.own.as_deref() == Some(id)
    }

    /// Returns whether the call was killed.
    pub fn killed(&self) -> bool {
        matches!(self.ended, Some((_, Ended::Killed)))
    }
}
