//! A deterministic simulator of request/reply.
//!
//! It runs composed components under `msgcompose-host` in virtual time. A seed draws a world: hosts with clocks of their
//! own, requests, replies, and the faults of the store and of the broker. The world leaves a history, and a checker says
//! which guarantees of `docs/request-reply.md` the history breaks. The same seed gives the same history, byte for byte.

mod broker;
pub mod checker;
mod clock;
pub mod dice;
pub mod faults;
pub mod history;
pub mod http;
pub mod keys;
pub mod parts;
mod store;
pub mod tally;
pub mod world;

use checker::Violation;
use faults::{FEWEST, Plan, Wanted};
use parts::Parts;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use tally::Tally;
use world::Run;

/// Runs the world of a seed, and checks it.
pub fn check_world(seed: u64, wanted: Wanted) -> anyhow::Result<(Run, Vec<Violation>)> {
    let run = world::run(Parts::get()?, Plan::draw(seed, wanted))?;
    let violations = checker::check(&run);
    Ok((run, violations))
}

/// Runs the worlds of `seed` and the seeds behind it, on two threads, until there were so many requests. If one
/// world has them, it is the only one. Tells each world that broke a rule.
pub fn check_worlds(
    seed: u64,
    requests: u64,
    wanted: Wanted,
    broken: impl Fn(&Run, &[Violation]) + Sync,
) -> anyhow::Result<Tally> {
    let (next, done, stop) = (AtomicU64::new(seed), AtomicU64::new(0), AtomicBool::new(false));
    let (tally, failure) = (Mutex::new(Tally::default()), Mutex::new(None));
    Parts::get()?;
    let work = || {
        let mut own = Tally::default();
        while done.load(Ordering::SeqCst) < requests && !stop.load(Ordering::SeqCst) {
            match check_world(next.fetch_add(1, Ordering::SeqCst), wanted) {
                Ok((run, violations)) => {
                    done.fetch_add(run.plan.asks.len() as u64, Ordering::SeqCst);
                    own.add(&run, &violations);
                    if !violations.is_empty() {
                        broken(&run, &violations);
                    }
                }
                Err(error) => {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    stop.store(true, Ordering::SeqCst);
                }
            }
        }
        tally.lock().unwrap_or_else(PoisonError::into_inner).join(own);
    };
    std::thread::scope(|threads| {
        if requests > FEWEST {
            threads.spawn(work);
        }
        work();
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// Returns the command that runs a world again.
#[must_use]
pub fn command(seed: u64, wanted: Wanted) -> String {
    let mut command = format!("cargo xtask simulate --seed {seed} --requests 1");
    for (flag, value) in [
        ("class", wanted.class.map(|value| value.to_string())),
        ("mailbox", wanted.mailbox.map(|value| value.to_string())),
        ("guest", wanted.guest.map(|value| value.to_string())),
        ("release", wanted.release.map(|value| value.to_string())),
    ] {
        if let Some(value) = value {
            command.extend([" --", flag, " ", &value]);
        }
    }
    command
}
