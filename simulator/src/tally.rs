//! The table of a run: worlds, requests, replies, faults and violations.

use crate::{
    checker::Violation,
    history::{Event, Fault, Job},
    world::Run,
};
use std::{collections::BTreeMap, fmt};

/// What was seen in several worlds.
#[derive(Debug, Default)]
pub struct Tally {
    worlds: u64,
    /// The number of requests, without those that sweep.
    pub requests: u64,
    deliveries: u64,
    operations: u64,
    faults: BTreeMap<Fault, u64>,
    /// The number of violations and their first seeds, by rule.
    violations: BTreeMap<&'static str, (u64, Vec<u64>)>,
}

/// The number of seeds that the table shows for each rule.
const SEEDS: usize = 5;

impl Tally {
    /// Adds a world.
    pub fn add(&mut self, run: &Run, violations: &[Violation]) {
        self.worlds += 1;
        self.requests += run.plan.asks.len() as u64;
        for (_, event) in &run.history.0 {
            let fault = match event {
                Event::Begun { job: Job::Reply(..), .. } => {
                    self.deliveries += 1;
                    None
                }
                Event::Did { fault, .. } => {
                    self.operations += 1;
                    *fault
                }
                Event::Sent { fault, .. } => *fault,
                Event::Broker { fault, .. } => Some(*fault),
                Event::Ended { ended: crate::history::Ended::Killed, .. } => Some(Fault::Killed),
                _ => None,
            };
            if let Some(fault) = fault {
                *self.faults.entry(fault).or_default() += 1;
            }
        }
        for violation in violations {
            let (times, seeds) = self.violations.entry(violation.rule).or_default();
            *times += 1;
            if seeds.len() < SEEDS && seeds.last() != Some(&run.plan.seed) {
                seeds.push(run.plan.seed);
            }
        }
    }

    /// Adds all that another tally counted.
    pub fn join(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.requests += other.requests;
        self.deliveries += other.deliveries;
        self.operations += other.operations;
        for (fault, times) in other.faults {
            *self.faults.entry(fault).or_default() += times;
        }
        for (rule, (times, seeds)) in other.violations {
            let all = self.violations.entry(rule).or_default();
            all.0 += times;
            all.1.extend(seeds);
            all.1.sort_unstable();
            all.1.truncate(SEEDS);
        }
    }

    /// Returns the rules that were broken, and how often.
    pub fn violations(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.violations.iter().map(|(rule, (times, _))| (*rule, *times))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &dyn fmt::Display, number: u64| writeln!(f, "| {name:<34} | {number:>10} |");
        row(&"worlds", self.worlds)?;
        row(&"requests", self.requests)?;
        row(&"deliveries of replies", self.deliveries)?;
        row(&"operations of the store", self.operations)?;
        for (fault, times) in &self.faults {
            row(fault, *times)?;
        }
        row(&"violations", self.violations.values().map(|(times, _)| times).sum())?;
        for (rule, (times, seeds)) in &self.violations {
            let seeds: Vec<String> = seeds.iter().map(ToString::to_string).collect();
            writeln!(f, "| {:<34} | {times:>10} | seeds {}", format!("- {rule}"), seeds.join(", "))?;
        }
        Ok(())
    }
}
