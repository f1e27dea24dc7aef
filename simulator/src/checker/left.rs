//! No key is left after each seat has expired and requests have tried all seats.
//!
//! `docs/request-reply.md` names the cases in which one may stay.

use super::calls::Calls;
use crate::{
    faults::{APART, LEASE, Release},
    history::{Call, Event, Job},
    keys::{Key, given},
    world::Run,
};

/// Checks which keys are left.
pub fn check(run: &Run, calls: &Calls, violation: &mut impl FnMut(&'static str, String)) {
    for (_, event) in &run.history.0 {
        let Event::Left { key, value } = event else { continue };
        let may_stay = match Key::read(key) {
            Some(Key::Dropped) => true,
            Some(Key::Slot(id)) => request_may_stay(run, calls, id),
            Some(Key::Counter(id)) => {
                request_may_stay(run, calls, id) || given(value).is_none() && maker_was_killed(run, calls, key)
            }
            Some(Key::Seat) | None => false,
        };
        if !may_stay {
            violation("key-left", format!("{key} = {value}"));
        }
    }
}

/// Returns whether a request may leave keys for ever.
fn request_may_stay(run: &Run, calls: &Calls, id: &str) -> bool {
    let mut users = calls.of.iter().filter(|call| call.ids.contains(id));
    if run.plan.max_pending == 0 {
        return users.any(|call| call.failed || call.killed());
    }
    if run.plan.release == Release::Mixed && users.any(|call| call.before) {
        return true;
    }
    lost_its_seat(run, calls, id)
}

/// Returns whether a request was killed after another request took its seat at the same moment.
fn lost_its_seat(run: &Run, calls: &Calls, id: &str) -> bool {
    let mut claim: Option<(u64, Call, &str)> = None;
    for (time, event) in &run.history.0 {
        let Event::Did { call, operation: operation @ ("set" | "delete"), key, value, .. } = event else { continue };
        if Key::read(key) != Some(Key::Seat) || !matches!(calls.of[*call].job, Job::Request(_)) {
            continue;
        }
        match claim {
            None if *operation == "set" && value.starts_with(id) => claim = Some((*time, *call, key)),
            Some((since, owner, seat)) if seat == key && owner != *call => {
                return calls.of[owner].killed() && time - since < 1000 * (LEASE - APART);
            }
            _ => {}
        }
    }
    false
}

/// Returns whether the instance was killed whose increment made the counter.
fn maker_was_killed(run: &Run, calls: &Calls, counter: &str) -> bool {
    let mut increments = run.history.0.iter().rev().filter_map(|(_, event)| match event {
        Event::Did { call, operation: "increment", key, value, .. } if key == counter && value != "error" => Some(call),
        _ => None,
    });
    increments.next().is_some_and(|call| calls.of[*call].killed())
}
