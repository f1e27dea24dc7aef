//! With the mailbox in memory: the account of each shared instance agrees, and its death ends all that it had in hand.
//!
//! The account is exact, because nothing but the instance takes or counts its replies. Each reading of its counts is
//! compared with what was delivered to its inbox until then. What it may hold in memory at that moment is known to be
//! between nothing and what its requests in hand expect. What it holds when it is killed is gone with it.

use super::calls::Calls;
use crate::{
    faults::{Ask, Asked, Carries},
    history::{Call, Ended, Event, Fault, Job},
    world::Run,
};
use std::collections::BTreeMap;

type Violations<'a> = &'a mut dyn FnMut(&'static str, String);

/// A shared instance, up to some event of the history.
#[derive(Default)]
struct Life<'a> {
    /// Its topic for replies, from its first request on.
    inbox: Option<&'a str>,
    /// Deliveries to its inbox that have begun, and those that returned ok.
    begun: u64,
    delivered: u64,
    /// Those of them without a correlation id that an adapter may have made.
    malformed: [u64; 2],
    /// The replies that its requests have returned.
    taken: u64,
    /// Its requests in hand.
    open: BTreeMap<usize, Open>,
    /// Replies that went to requests which the guest had given up by then.
    given_up: u64,
    killed: Option<u64>,
}

/// A request that has not returned.
struct Open {
    deadline: u64,
    expected: u64,
    /// Its replies whose delivery has begun.
    came: u64,
    /// Whether it was sent. If that failed, or if the guest may give it up, nobody knows whether it waits.
    sent: bool,
    doubtful: bool,
}

/// Checks all shared instances.
pub fn check(run: &Run, calls: &Calls, violation: Violations) {
    let mut lives: BTreeMap<Call, Life> = BTreeMap::new();
    for (time, event) in &run.history.0 {
        match event {
            Event::Begun { job, on: Some(on), .. } => lives.entry(*on).or_default().begin(run, calls, *time, *job),
            Event::Sent { call, data, reply_to: Some(inbox), fault, .. } => {
                let Some(life) = lives.get_mut(call) else { continue };
                life.inbox = Some(inbox);
                if life.killed.is_some() {
                    violation("outlived", format!("c{call} was killed, and sends {data}"));
                }
                let waiting = life.open.values().filter(|open| open.waits(*time)).count() as u64;
                let most = run.plan.max_pending;
                if most > 0 && waiting >= most {
                    violation("crowded", format!("c{call} sends {data}, and {waiting} of {most} requests wait"));
                }
                let number = data.strip_prefix('r').and_then(|number| number.parse().ok());
                if let Some(open) = number.and_then(|number: usize| life.open.get_mut(&number)) {
                    open.sent = true;
                    open.doubtful |= matches!(fault, Some(Fault::SendFailedBefore | Fault::SendFailedAfter));
                }
            }
            Event::Returned { request, outcome, replies } => {
                let Some((call, life)) = lives.iter_mut().find(|(_, life)| life.open.contains_key(request)) else {
                    continue;
                };
                if life.killed.is_some() {
                    violation("outlived", format!("c{call} was killed, and r{request} returns"));
                }
                life.taken += replies.len() as u64;
                let open = life.open.remove(request);
                life.given_up += open.filter(|_| outcome == "given up").map_or(0, |open| open.handed_over(*time));
            }
            Event::Ended { call, ended } => {
                let seen = &calls.of[*call];
                if let Some(life) = lives.get_mut(call) {
                    life.killed = Some(*time);
                    life.account(*call, &BTreeMap::new(), violation);
                } else if let Some((on, life)) = seen.on.and_then(|on| Some((on, lives.get_mut(&on)?))) {
                    life.end(calls, seen.job, ended);
                    if life.killed.is_some_and(|killed| killed < *time) {
                        violation("outlived", format!("c{on} was killed, and c{call} ends later: {ended:?}"));
                    }
                }
            }
            Event::Counted { call, dropped } => {
                if let Some(life) = lives.get(call) {
                    life.account(*call, dropped, violation);
                }
            }
            _ => {}
        }
    }
    given_up(run, calls, violation);
}

impl Life<'_> {
    fn begin(&mut self, run: &Run, calls: &Calls, now: u64, job: Job) {
        match job {
            Job::Request(number) => {
                let ask = &run.plan.asks[number];
                let (deadline, expected) = (now + ask.timeout, ask.expected);
                let doubtful = races(run, number);
                self.open.insert(number, Open { deadline, expected, came: 0, sent: false, doubtful });
            }
            Job::Reply(reply, _) if self.inbox == Some(&calls.answers[reply].topic) => {
                let answer = &calls.answers[reply];
                self.begun += 1;
                self.malformed[0] += u64::from(answer.carries == Carries::Malformed);
                if let Some(open) = self.open.get_mut(&answer.request) {
                    open.came += u64::from(matches!(answer.carries, Carries::Right | Carries::NoMessageId));
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, calls: &Calls, job: Job, ended: &Ended) {
        if let Job::Reply(reply, _) = job
            && *ended == Ended::Ok
            && self.inbox == Some(&calls.answers[reply].topic)
        {
            self.delivered += 1;
            self.malformed[1] += u64::from(calls.answers[reply].carries == Carries::Malformed);
        }
    }

    /// Compares what was taken and counted with what was delivered.
    fn account(&self, call: Call, dropped: &BTreeMap<String, u64>, violation: Violations) {
        let Self { begun, delivered, taken, given_up, .. } = self;
        let counted: u64 = dropped.values().sum();
        let held = given_up + self.open.values().map(Open::holds).sum::<u64>();
        let found = taken + counted;
        let text =
            format!("c{call}: {delivered} of {begun} delivered, {taken} taken, {held} held at most, {dropped:?}");
        if found > *begun {
            violation("counted-twice", text);
        } else if self.killed.is_none() && found + held < *delivered {
            violation("reply-lost", text);
        } else if self.killed.is_none() {
            let malformed = dropped.get("malformed").copied().unwrap_or(0);
            if malformed > self.malformed[0] || malformed < self.malformed[1] {
                violation("reason", text);
            }
        }
    }
}

impl Open {
    /// Returns whether it surely waits for replies.
    fn waits(&self, now: u64) -> bool {
        self.sent && !self.doubtful && now < self.deadline && self.came < self.expected
    }

    /// Returns the most replies that it may hold.
    fn holds(&self) -> u64 {
        self.came.min(self.expected)
    }

    /// Returns the most replies that it may have returned to the guest just when the guest gave it up.
    fn handed_over(&self, now: u64) -> u64 {
        if self.came >= self.expected || now >= self.deadline { self.holds() } else { 0 }
    }
}

/// Returns whether the guest may give up a request.
fn races(run: &Run, number: usize) -> bool {
    let mut asks = run.plan.asks[number..].iter().take(2);
    let (this, next) = (asks.next(), asks.next());
    let races = |ask: Option<&Ask>| ask.is_some_and(|ask| ask.asked == Asked::Racing);
    races(this) || this.is_some_and(|this| this.asked == Asked::Alone) && races(next)
}

/// The guest gives up requests of a race, all but one, once that one has ended.
fn given_up(run: &Run, calls: &Calls, violation: Violations) {
    for numbers in run.plan.messages() {
        let told = || numbers.clone().filter_map(|number| calls.told.get(&number)).flatten();
        let given_up = told().filter(|told| told.outcome == "given up").count();
        let ended = told().count() - given_up;
        if given_up > 0 && (!races(run, numbers.start) || ended != 1) {
            violation("given-up", format!("r{}: {given_up} were given up, and {ended} ended", numbers.start));
        }
    }
}
