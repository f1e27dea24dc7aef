//! Exchanges with hostile HTTP peers keep all rules, for fixed seeds and for a fresh one.

use msgcompose_simulator::http::{Version, run};
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs so many exchanges on both versions. Fails if one breaks a rule; `MSGCOMPOSE_SEED` runs a seed again.
fn keep_the_rules(seed: u64, exchanges: usize) {
    for version in Version::ALL {
        println!("exchanges of seed {seed}, {version:?}");
        let report = run(version, seed, exchanges).unwrap();
        let violations = report.violations.join("\n");
        assert!(violations.is_empty(), "MSGCOMPOSE_SEED={seed}, {version:?}:\n{violations}");
    }
}

#[test]
fn exchanges_of_fixed_seeds_keep_the_rules() {
    for seed in 1..=4 {
        keep_the_rules(seed, 1_000);
    }
}

#[test]
fn exchanges_of_a_fresh_seed_keep_the_rules() {
    let fresh = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let again = std::env::var("MSGCOMPOSE_SEED").ok().map(|seed| seed.parse().unwrap());
    keep_the_rules(again.unwrap_or_else(fresh), 2_000);
}

#[test]
fn a_seed_gives_the_same_exchanges_twice() {
    for (seed, version) in [(1, Version::Sync), (5, Version::Sync), (1, Version::Async), (5, Version::Async)] {
        let once = || run(version, seed, 300).unwrap();
        assert_eq!(once(), once(), "seed {seed}, {version:?}");
    }
}
