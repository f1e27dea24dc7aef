//! The table of a run: worlds, requests, replies, faults and violations.

use crate::{
    checker::Violation,
    history::{Call, Ended, Event, Fault, Job},
    world::Run,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What was seen in several worlds.
#[derive(Debug, Default)]
pub struct Tally {
    worlds: u64,
    /// The number of requests, without those that sweep.
    pub requests: u64,
    deliveries: u64,
    operations: u64,
    faults: BTreeMap<Fault, u64>,
    crowds: Crowds,
    /// The number of violations and their first seeds, by rule.
    violations: BTreeMap<&'static str, (u64, Vec<u64>)>,
}

/// What was seen of shared instances.
#[derive(Debug, Default)]
struct Crowds {
    /// The most requests that one instance had in hand at once.
    most: u64,
    /// Requests that ended because their instance was killed.
    killed: u64,
    /// Requests that were refused, because as many as allowed waited.
    refused: u64,
    /// Requests that the guest gave up.
    given_up: u64,
}

/// The number of seeds that the table shows for each rule.
const SEEDS: usize = 5;

impl Tally {
    /// Adds a world.
    pub fn add(&mut self, run: &Run, violations: &[Violation]) {
        self.worlds += 1;
        self.requests += run.plan.asks.len() as u64;
        let shared = self.crowds.add(run);
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
                Event::Ended { call, ended: Ended::Killed } if !shared.contains(call) => Some(Fault::Killed),
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
        self.crowds.join(&other.crowds);
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

impl Crowds {
    /// Adds a world. Returns its calls of shared instances.
    fn add(&mut self, run: &Run) -> BTreeSet<Call> {
        let mut shared = BTreeSet::new();
        let mut in_hand: BTreeMap<Call, BTreeSet<usize>> = BTreeMap::new();
        let mut requests: BTreeMap<Call, (Call, usize)> = BTreeMap::new();
        for (_, event) in &run.history.0 {
            match event {
                Event::Begun { call, job, on: Some(on), .. } => {
                    shared.insert(*call);
                    if let Job::Request(number) = job {
                        requests.insert(*call, (*on, *number));
                        let in_hand = in_hand.entry(*on).or_default();
                        in_hand.insert(*number);
                        self.most = self.most.max(in_hand.len() as u64);
                    }
                }
                Event::Returned { request, outcome, .. } => {
                    for in_hand in in_hand.values_mut() {
                        in_hand.remove(request);
                    }
                    self.given_up += u64::from(outcome == "given up");
                    self.refused += u64::from(outcome.contains("max-pending"));
                }
                Event::Ended { call, ended: Ended::Killed } => {
                    let cut_off = requests.get(call).is_some_and(|(on, number)| in_hand[on].contains(number));
                    self.killed += u64::from(cut_off);
                }
                _ => {}
            }
        }
        shared
    }

    fn join(&mut self, other: &Self) {
        self.most = self.most.max(other.most);
        self.killed += other.killed;
        self.refused += other.refused;
        self.given_up += other.given_up;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &dyn fmt::Display, number: u64| writeln!(f, "| {name:<35} | {number:>10} |");
        row(&"worlds", self.worlds)?;
        row(&"requests", self.requests)?;
        row(&"deliveries of replies", self.deliveries)?;
        row(&"operations of the store", self.operations)?;
        for (fault, times) in &self.faults {
            row(fault, *times)?;
        }
        let Crowds { most, killed, refused, given_up } = self.crowds;
        row(&"most requests at once, one instance", most)?;
        row(&"requests killed with an instance", killed)?;
        row(&"requests refused by max-pending", refused)?;
        row(&"requests that the guest gave up", given_up)?;
        row(&"violations", self.violations.values().map(|(times, _)| times).sum())?;
        for (rule, (times, seeds)) in &self.violations {
            let seeds: Vec<String> = seeds.iter().map(ToString::to_string).collect();
            writeln!(f, "| {:<35} | {times:>10} | seeds {}", format!("- {rule}"), seeds.join(", "))?;
        }
        Ok(())
    }
}
