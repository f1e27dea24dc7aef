//! No key is left after each seat has expired and requests have tried all seats.
//!
//! `docs/request-reply.md` names the cases in which one may stay.

use super::calls::Calls;
use crate::{
    faults::Release,
    history::{Call, Event, Job},
    keys::{Key, given, is_closed},
    world::Run,
};
use std::collections::BTreeMap;

/// Checks which keys are left.
pub fn check(run: &Run, calls: &Calls, violation: &mut impl FnMut(&'static str, String)) {
    for (_, event) in &run.history.0 {
        let Event::Left { key, value } = event else { continue };
        let may_stay = match Key::read(key) {
            Some(Key::Dropped) => true,
            Some(Key::Slot(id)) => {
                request_may_stay(run, calls, id) || run.plan.max_pending == 0 && came_while_closing(run, id, key)
            }
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
    if run.plan.release == Release::Mixed && users.clone().any(|call| call.before) {
        return true;
    }
    if run.plan.max_pending == 0 {
        return users.any(|call| call.failed || call.killed());
    }
    lost_its_seat(run, calls, id)
}

/// Returns whether another request took the seat of this one at the same moment: it wrote or removed the seat when the
/// seat named this request, without having read that.
fn lost_its_seat(run: &Run, calls: &Calls, id: &str) -> bool {
    let mut now: BTreeMap<&str, &str> = BTreeMap::new();
    let mut read: BTreeMap<(Call, &str), &str> = BTreeMap::new();
    for (_, event) in &run.history.0 {
        let Event::Did { call, operation, key, value, .. } = event else { continue };
        if Key::read(key) != Some(Key::Seat) || value == "error" || !matches!(calls.of[*call].job, Job::Request(_)) {
            continue;
        }
        let names = |value: Option<&&str>| value.is_some_and(|value| value.starts_with(id));
        let own = *operation == "set" && value.starts_with(id) || calls.of[*call].owns(id);
        match *operation {
            "get" => _ = read.insert((*call, key), value),
            _ if !own && names(now.get(key.as_str())) && !names(read.get(&(*call, key))) => return true,
            "set" => _ = now.insert(key, value),
            _ => _ = now.remove(key.as_str()),
        }
    }
    false
}

/// Returns whether the reply in a slot was stored after its request had been closed.
fn came_while_closing(run: &Run, id: &str, slot: &str) -> bool {
    let closed = run.history.0.iter().position(|(_, event)| {
        matches!(event, Event::Did { operation: "increment", key, value, .. }
            if Key::read(key) == Some(Key::Counter(id)) && is_closed(value))
    });
    let stored = run.history.0.iter().rposition(
        |(_, event)| matches!(event, Event::Did { operation: "set", key, value, .. } if key == slot && value != "error"),
    );
    closed.is_some() && closed < stored
}

/// Returns whether the instance was killed whose increment made the counter.
fn maker_was_killed(run: &Run, calls: &Calls, counter: &str) -> bool {
    let mut increments = run.history.0.iter().rev().filter_map(|(_, event)| match event {
        Event::Did { call, operation: "increment", key, value, .. } if key == counter && value != "error" => Some(call),
        _ => None,
    });
    increments.next().is_some_and(|call| calls.of[*call].killed())
}
