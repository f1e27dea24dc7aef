//! Reads a history and says which rules it breaks.

mod accounts;
mod calls;
mod left;
mod memory;
mod requests;

use crate::{
    faults::Class,
    history::{Ended, Job},
    world::Run,
};
use calls::Calls;

/// A rule that a history breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's name.
    pub rule: &'static str,
    /// What broke it.
    pub text: String,
}

/// Checks all rules. The list is empty if the world kept its promises.
#[must_use]
pub fn check(run: &Run) -> Vec<Violation> {
    let calls = Calls::read(&run.plan, &run.history);
    let mut found = Vec::new();
    let mut violation = |rule, text| found.push(Violation { rule, text });
    if run.panicked {
        violation("simulator", "the simulator panicked".to_owned());
    }
    for (number, call) in calls.of.iter().enumerate() {
        match &call.ended {
            Some((_, Ended::Trapped(trap))) => violation("trapped", format!("c{number}: {trap}")),
            Some((_, Ended::Never)) => violation("never", format!("c{number} did not end in a day")),
            None if !matches!(call.job, Job::Instance(_)) => violation("never", format!("c{number} did not end")),
            Some((_, Ended::Failed(error))) if matches!(call.job, Job::Reply(..) | Job::Stray(_)) => {
                if error.contains("probe-topic") {
                    violation("handler", format!("c{number}: the guest's handler got a reply"));
                } else if !call.faulty() {
                    violation("refused", format!("c{number}: a reply was refused: {error}"));
                }
            }
            _ => {}
        }
    }
    requests::check(run, &calls, &mut violation);
    if run.plan.mailbox.in_memory() {
        memory::check(run, &calls, &mut violation);
    } else if run.plan.class == Class::A {
        if !run.plan.may_lose_replies() {
            accounts::check(run, &calls, &mut violation);
        }
        left::check(run, &calls, &mut violation);
    }
    found
}
