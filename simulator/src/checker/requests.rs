//! Each request ended once, in time, with its own replies in their order, and with none missing.

use super::calls::{Answer, Calls, Seen, Told};
use crate::{
    faults::{APART, Carries, Class, LEASE, Mailbox},
    history::Job,
    world::{REMOVALS, Run, SWEEP},
};
use std::collections::{BTreeMap, BTreeSet};

/// The operations of the store that a request may need after its deadline.
const LATE: u64 = 20;

/// The pauses of a request that may be over after its deadline, in milliseconds.
const PAUSE: u64 = 2;

/// Part of the error for a request that finds no room.
const FULL: &str = "too many requests are waiting";

/// One request of a world.
struct Request<'a> {
    run: &'a Run,
    calls: &'a Calls,
    number: usize,
    call: &'a Seen,
    told: &'a Told,
    deadline: u64,
    expected: u64,
}

/// Checks all requests.
pub fn check(run: &Run, calls: &Calls, violation: &mut impl FnMut(&'static str, String)) {
    for call in &calls.of {
        let Job::Request(number) = call.job else { continue };
        let told = calls.told.get(&number).map_or(&[][..], Vec::as_slice);
        let told = match told {
            [told] => told,
            [] if call.killed() => continue,
            [] => {
                violation("no-end", format!("r{number} was not killed, and told no outcome"));
                continue;
            }
            _ => {
                violation("ended-twice", format!("r{number} ended {} times", told.len()));
                continue;
            }
        };
        let (timeout, expected) = run.plan.asks.get(number).map_or((SWEEP, 1), |ask| (ask.timeout, ask.expected));
        let request = Request { run, calls, number, call, told, deadline: call.begun + timeout, expected };
        let mut violation = |rule, text: String| {
            let Request { number, told, deadline, call, .. } = &request;
            let (begun, ended) = (call.begun, told.at);
            violation(rule, format!("r{number} (from {begun} to {ended}, deadline {deadline}): {text}"));
        };
        request.in_time(&mut violation);
        request.own_replies(&mut violation);
        request.error(&mut violation);
        if run.plan.mailbox.in_memory() {
            request.at_once(&mut violation);
        }
        if run.plan.class == Class::A {
            request.order(&mut violation);
            if !run.plan.may_lose_replies() {
                request.complete(&mut violation);
            }
        }
    }
}

type Violations<'a> = &'a mut dyn FnMut(&'static str, String);

impl Request<'_> {
    /// Without seats, nobody would remove what a request leaves, so it removes all its slots, however long that takes.
    fn in_time(&self, violation: Violations) {
        let Self { run: Run { plan, .. }, calls: Calls { slowest, .. }, call, .. } = self;
        let latest = match plan.mailbox {
            // A `send` that is sync holds up all requests of the instance, also before they begin.
            Mailbox::Mixed => self.deadline + self.sends(),
            Mailbox::Async => self.deadline,
            _ if plan.max_pending == 0 || call.before && plan.may_lose_replies() => return,
            _ => self.deadline + self.sent().0 + LATE * slowest,
        };
        if self.told.at > latest + PAUSE {
            violation("late", format!("it ended after {latest}; the slowest operation took {slowest} ms"));
        }
    }

    /// In memory, a request that has been sent and has all its replies ends at once.
    fn at_once(&self, violation: Violations) {
        let Some(sent) = self.calls.sends_of(self.call.on).find(|send| send.request == Some(self.number)) else {
            return;
        };
        let own = self.calls.answers.iter().filter(|answer| answer.request == self.number);
        let mut came: Vec<u64> = Vec::new();
        for answer in own {
            let mut arrived = answer.calls.iter().filter_map(|call| self.calls.of[*call].ok());
            match answer.carries {
                Carries::Right => came.extend(arrived.min()),
                Carries::NoMessageId => came.extend(arrived.by_ref()),
                Carries::Malformed | Carries::Unknown => {}
            }
        }
        came.sort_unstable();
        let last = self.expected.checked_sub(1).map(|last| usize::try_from(last).unwrap_or(usize::MAX));
        let Some(complete) = last.map_or(Some(0), |last| came.get(last).copied()) else { return };
        let complete = complete.max(sent.at + sent.took);
        let held_up = if self.run.plan.mailbox == Mailbox::Mixed { self.sends() } else { 0 };
        if self.told.at > complete + held_up + PAUSE {
            violation("idle", format!("it was complete at {complete}"));
        }
    }

    /// Returns the milliseconds that its instance sent messages while the request was in hand.
    fn sends(&self) -> u64 {
        let sends = self.calls.sends_of(self.call.on);
        sends
            .filter(|send| send.at + send.took >= self.call.begun && send.at <= self.told.at)
            .map(|send| send.took)
            .sum()
    }

    /// Returns the milliseconds that its `send` took, and whether it failed.
    fn sent(&self) -> (u64, bool) {
        self.calls.sent.get(&self.number).copied().unwrap_or_default()
    }

    /// Returns the labels of the replies.
    fn labels(&self) -> impl Iterator<Item = &str> {
        self.told.replies.iter().map(|line| line.rsplit('|').next().unwrap_or_default())
    }

    /// Returns the replies with this label.
    fn answers(&self, label: &str) -> impl Iterator<Item = &Answer> {
        self.calls.answers.iter().filter(move |answer| answer.label == label)
    }

    fn own_replies(&self, violation: Violations) {
        let mut times: BTreeMap<&str, u64> = BTreeMap::new();
        for (line, label) in self.told.replies.iter().zip(self.labels()) {
            *times.entry(label).or_default() += 1;
            let own = format!("r{}", self.number);
            let simulated = label.strip_prefix(&own).is_some_and(|rest| rest.starts_with('.'));
            if !simulated && label != own {
                violation("foreign", format!("it got {line}"));
            } else if *line != format!("|{}|{label}", if simulated { "n=1" } else { "" }) {
                violation("changed", format!("it got {line}"));
            }
        }
        for (label, times) in times {
            let distinct = self.answers(label).map(|answer| match answer.carries {
                Carries::Right => 1,
                Carries::NoMessageId => answer.calls.len() as u64,
                Carries::Malformed | Carries::Unknown => 0,
            });
            let distinct: u64 = distinct.sum();
            if times > distinct {
                violation("twice", format!("it got {label} {times} times, and {distinct} were sent"));
            }
        }
        if self.told.replies.len() as u64 > self.expected {
            violation("too-many", format!("it got {} replies of {}", self.told.replies.len(), self.expected));
        }
    }

    fn error(&self, violation: Violations) {
        let outcome = self.told.outcome.as_str();
        let class_a = self.run.plan.class == Class::A;
        let fine = match outcome {
            // The checker of memory looks whether another request of the race has ended.
            "ok" | "given up" => true,
            "Error::Timeout" => self.told.at >= self.deadline,
            r#"Error::Connection("simulated")"# => self.sent().1,
            _ if outcome.contains(FULL) => !class_a || self.is_full(),
            _ if class_a => outcome == r#"Error::Connection("mailbox: simulated")"# && self.call.failed,
            _ => outcome.contains("(\"mailbox: "),
        };
        if !fine {
            violation("error", outcome.to_owned());
        }
    }

    /// Returns whether all seats may have been taken, or hold more slots than one request removes.
    fn is_full(&self) -> bool {
        if self.run.plan.mailbox.in_memory() {
            return self.is_crowded();
        }
        if self.call.failed || self.call.looked >= REMOVALS {
            return true;
        }
        let others = self.calls.of.iter().filter(|other| {
            let Job::Request(_) = other.job else { return false };
            let until = match &other.ended {
                Some((ended, _)) if other.faulty() => ended + 1000 * (LEASE + APART + 1),
                Some((ended, _)) => *ended,
                None => u64::MAX,
            };
            other.begun <= self.told.at && until >= self.call.begun
        });
        others.count() as u64 > self.run.plan.max_pending
    }

    /// Returns whether as many requests as may wait in its instance were in hand at a time when this one was. Those that
    /// were refused themselves do not wait.
    fn is_crowded(&self) -> bool {
        let others = self.calls.of.iter().filter(|other| {
            let Job::Request(number) = other.job else { return false };
            let told = self.calls.told.get(&number).and_then(|told| told.first());
            let until = told.map(|told| told.at).or(other.ended.as_ref().map(|(ended, _)| *ended));
            number != self.number
                && other.on == self.call.on
                && !told.is_some_and(|told| told.outcome.contains(FULL))
                && other.begun <= self.told.at
                && until.is_none_or(|until| until >= self.call.begun)
        });
        let most = self.run.plan.max_pending;
        most > 0 && others.count() as u64 >= most
    }

    /// A reply that was delivered before another one began to arrive stands before it. Replies without a message id are
    /// left out: nobody knows which copy was taken.
    fn order(&self, violation: Violations) {
        let labels: Vec<&str> = self.labels().collect();
        for pair in labels.windows(2) {
            let [first, second] = pair else { continue };
            let (mut before, mut after) = (self.answers(first), self.answers(second));
            let (Some(one), None, Some(other), None) = (before.next(), before.next(), after.next(), after.next())
            else {
                continue;
            };
            let began = one.calls.iter().map(|call| self.calls.of[*call].begun).min();
            let arrived = other.calls.iter().filter_map(|call| self.calls.of[*call].ok()).min();
            if [one, other].iter().all(|answer| answer.carries == Carries::Right)
                && let (Some(began), Some(arrived)) = (began, arrived)
                && arrived < began
            {
                violation("order", format!("{first} came at {began}, {second} was delivered at {arrived}"));
            }
        }
    }

    /// If the request got fewer replies than it expected, no reply that came early enough is missing.
    fn complete(&self, violation: Violations) {
        if !matches!(self.told.outcome.as_str(), "ok" | "Error::Timeout") || self.call.faulty() {
            return;
        }
        if self.told.replies.len() as u64 >= self.expected {
            return;
        }
        let own = |answer: &&Answer| {
            answer.request == self.number && matches!(answer.carries, Carries::Right | Carries::NoMessageId)
        };
        let answers: Vec<&Answer> = self.calls.answers.iter().filter(own).collect();
        let deliveries: usize = answers.iter().map(|answer| answer.calls.len()).sum();
        // A `send` that blocks or a slow opening does not count as time to take replies.
        let (plan, memory) = (&self.run.plan, self.run.plan.mailbox.in_memory());
        let margin = if memory { 0 } else { (4 + 4 * deliveries as u64) * self.calls.slowest + plan.poll_max + 1 };
        let distinct: BTreeSet<_> = answers.iter().map(|answer| &answer.message_id).collect();
        let most = plan.max_replies;
        let without_id = answers.iter().any(|answer| answer.message_id.is_none());
        // A mailbox in memory keeps nothing but what its request expects.
        let overflows = distinct.len() as u64 > most || deliveries.saturating_sub(distinct.len()) as u64 > most;
        if !memory && (without_id || overflows) {
            return;
        }
        let mut got: BTreeMap<&str, usize> = BTreeMap::new();
        self.labels().for_each(|label| *got.entry(label).or_default() += 1);
        for answer in answers {
            let faulty = answer.calls.iter().any(|call| self.calls.of[*call].faulty());
            let arrived = answer.calls.iter().filter_map(|call| self.calls.of[*call].ok()).min();
            let early =
                arrived.is_some_and(|arrived| arrived + margin < self.told.at && arrived + margin < self.deadline);
            if early && !faulty && !got.contains_key(answer.label.as_str()) {
                let (label, arrived) = (&answer.label, arrived.unwrap_or_default());
                violation("missing", format!("{label} was delivered at {arrived}, and is not in the result"));
            }
        }
    }
}
