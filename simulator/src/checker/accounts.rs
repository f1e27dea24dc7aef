//! With the mailbox in a bucket: each reply that was delivered was taken once, or counted once as dropped.
//!
//! Calls that used keys of the same request belong together, and so do calls that meet in several requests: whoever
//! takes an expired seat cleans up for another. In each such group the numbers must agree. If an instance was killed,
//! some are not counted, and a reply that comes again is counted again; but no delivery counts twice. A group in which
//! the store failed is left out: counting may fail, and may be done twice.

use super::calls::Calls;
use crate::{faults::Release, history::Job, world::Run};
use std::collections::BTreeMap;

#[derive(Default)]
struct Account {
    delivered: u64,
    /// Deliveries that were tried.
    tried: u64,
    taken: u64,
    counted: u64,
    failed: bool,
    killed: bool,
    /// Whether the release before took part. It counts a reply twice if it comes while the request closes.
    before: bool,
    requests: Vec<usize>,
}

/// Checks the accounts.
pub fn check(run: &Run, calls: &Calls, violation: &mut impl FnMut(&'static str, String)) {
    let mut groups = Groups::default();
    for call in &calls.of {
        let mut ids = call.ids.iter();
        if let Some(first) = ids.next() {
            ids.for_each(|id| groups.join(first, id));
        }
    }
    let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
    for (number, call) in calls.of.iter().enumerate() {
        let group = match call.ids.first() {
            Some(id) => groups.root(id),
            None => format!("c{number}"),
        };
        let account = accounts.entry(group).or_default();
        account.failed |= call.failed;
        account.killed |= call.killed();
        account.before |= call.before;
        account.counted += call.counted;
        match call.job {
            Job::Reply(..) => {
                account.tried += 1;
                account.delivered += u64::from(call.ok().is_some());
            }
            Job::Request(request) => {
                account.requests.push(request);
                let told = calls.told.get(&request).into_iter().flatten();
                account.taken += told.map(|told| told.replies.len() as u64).sum::<u64>();
            }
            Job::Respond(_) | Job::Stray(_) | Job::Instance(_) => {}
        }
    }
    for (group, Account { delivered, tried, taken, counted, failed, killed, before, requests }) in accounts {
        let found = taken + counted;
        let rule = match () {
            () if failed => continue,
            () if before && found > delivered && run.plan.release == Release::Mixed => continue,
            () if killed && found > tried => "counted-twice",
            () if killed => continue,
            () if found > delivered => "counted-twice",
            () if found < delivered => "reply-lost",
            () => continue,
        };
        let (found, delivered) =
            (format!("{taken} taken, {counted} counted as dropped"), format!("{delivered} delivered"));
        violation(rule, format!("{group} {requests:?}: {delivered} of {tried} tried, {found}"));
    }
}

/// Sets of ids that belong together.
#[derive(Default)]
struct Groups(BTreeMap<String, String>);

impl Groups {
    fn root(&self, id: &str) -> String {
        let mut id = id;
        while let Some(parent) = self.0.get(id) {
            id = parent;
        }
        id.to_owned()
    }

    fn join(&mut self, one: &str, other: &str) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.0.insert(other, one);
        }
    }
}
