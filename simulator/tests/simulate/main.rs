//! Worlds of fixed seeds and of a fresh one keep all rules, and the simulator still finds the faults that it was built
//! to find.

mod memory;

use msgcompose_simulator::{
    check_worlds, checker, command,
    faults::{Ask, Asked, Carries, Chances, Class, Guest, Latency, Machine, Mailbox, Plan, Release, Reply, Wanted},
    history::{Event, Job},
    keys::Key,
    parts::Parts,
    world::{self, Run},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs worlds until there were so many requests. Fails if one breaks a rule, and says how to run it again.
fn keep_the_rules(seed: u64, requests: u64, wanted: Wanted) {
    println!("worlds from seed {seed}, {wanted:?}");
    let tally = check_worlds(seed, requests, wanted, |run, violations| {
        let lines = violations.iter().map(|violation| format!("  {}: {}\n", violation.rule, violation.text));
        print!("{}\n{}", command(run.plan.seed, wanted), lines.collect::<String>());
    });
    let tally = tally.unwrap();
    println!("{tally}");
    assert_eq!(tally.violations().collect::<Vec<_>>(), [], "the commands above run these worlds again");
}

#[test]
fn worlds_of_fixed_seeds_keep_the_rules() {
    keep_the_rules(1, 12_000, Wanted::default());
    // The release before, without seats, leaves a reply that comes while its request closes.
    keep_the_rules(1_795_924_025_012, 1, Wanted::default());
    // It counts a reply twice that comes while its request closes. Two worlds of a million requests.
    keep_the_rules(1_000_118, 1, Wanted::default());
    keep_the_rules(1_009_421, 1, Wanted::default());
    // An async guest gives requests up that returned some replies at their deadline, at the same moment.
    for seed in [1_000_795, 1_002_125] {
        keep_the_rules(seed, 1, Wanted { guest: Some(Guest::Async), ..Wanted::default() });
    }
}

#[test]
fn worlds_of_a_fresh_seed_keep_the_rules() {
    let fresh = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    keep_the_rules(fresh * 1_000, 8_000, Wanted::default());
}

#[test]
fn a_store_that_breaks_its_promises_leaves_safety() {
    keep_the_rules(
        1,
        2_000,
        Wanted { class: Some(Class::B), mailbox: Some(Mailbox::Draft), release: Some(Release::Today), guest: None },
    );
}

#[test]
fn the_release_before_shares_a_bucket_with_that_of_today() {
    for mailbox in [Mailbox::Draft, Mailbox::Draft2] {
        let wanted = Wanted { mailbox: Some(mailbox), release: Some(Release::Mixed), ..Wanted::default() };
        keep_the_rules(1, 1_000, wanted);
    }
}

#[test]
fn a_seed_gives_the_same_history_twice() {
    let sync = Mailbox::ALL.map(|mailbox| (mailbox, Guest::Sync));
    let crowds = [Mailbox::Mixed, Mailbox::Async].map(|mailbox| (mailbox, Guest::Async));
    for (mailbox, guest) in sync.into_iter().chain(crowds) {
        for seed in 1..4 {
            let wanted = Wanted { mailbox: Some(mailbox), guest: Some(guest), ..Wanted::default() };
            let history = || msgcompose_simulator::check_world(seed, wanted).unwrap().0.history.to_string();
            assert!(history() == history(), "{}", command(seed, wanted));
        }
    }
}

/// Returns a world without faults, in which one request gets one reply.
fn plain(mailbox: Mailbox) -> Plan {
    let replies = vec![Reply { copies: vec![20], carries: Carries::Right }];
    Plan {
        seed: 1,
        class: Class::A,
        mailbox,
        guest: Guest::Sync,
        instances: 0,
        release: Release::Today,
        hosts: vec![Machine { wall: vec![(0, 0)], monotonic: 0, before: false }],
        latency: Latency { least: 0, usual: 0, slowest: 0, spikes: 0 },
        chances: Chances::default(),
        spread: 0,
        max_replies: 64,
        max_pending: 1024,
        poll_max: 50,
        asks: vec![Ask { at: 0, host: 0, timeout: 1000, expected: 1, asked: Asked::Alone, composed: false, replies }],
    }
}

/// Returns the operations of the calls for such jobs, without the polls that found nothing.
fn operations(run: &Run, of: impl Fn(Job) -> bool) -> Vec<String> {
    let mut calls = Vec::new();
    let mut operations = Vec::new();
    for (_, event) in &run.history.0 {
        match event {
            Event::Begun { call, job, .. } if of(*job) => calls.push(*call),
            Event::Did { call, operation, key, value, .. } if calls.contains(call) => {
                let what = match Key::read(key) {
                    Some(Key::Counter(_)) => " counter",
                    Some(Key::Slot(_)) if value == "none" => continue,
                    Some(Key::Slot(_)) => " slot",
                    Some(Key::Seat) => " seat",
                    Some(Key::Dropped) => " dropped",
                    None => "",
                };
                operations.push(format!("{operation}{what}"));
            }
            Event::Swept => break,
            _ => {}
        }
    }
    operations
}

#[test]
fn a_plain_request_needs_no_more_operations_of_the_store() {
    for mailbox in [Mailbox::Draft, Mailbox::Draft2] {
        let run = world::run(Parts::get().unwrap(), plain(mailbox)).unwrap();
        assert_eq!(checker::check(&run), []);
        let requester = operations(&run, |job| job == Job::Request(0));
        assert_eq!(
            requester,
            [
                "open",
                "get seat",
                "set seat",
                "increment counter",
                "get slot",
                "delete slot",
                "increment counter",
                "delete counter",
                "delete seat",
            ]
        );
        let interceptor = operations(&run, |job| matches!(job, Job::Reply(..)));
        assert_eq!(interceptor, ["open", "get counter", "increment counter", "set slot", "get counter"]);
    }
}

/// Worlds in which the release before breaks a rule: the seed, the rule, and part of what the checker says of it.
type Worlds = &'static [(u64, &'static str, &'static str)];

/// The faults of the release before, by their number in the issue that asked for the simulator.
const FOUND: [(u64, &str, Worlds); 5] = [
    (
        1,
        "replies are lost and keys leak",
        &[(13, "counted-twice", ""), (13, "reply-lost", ""), (13, "key-left", ".1 =")],
    ),
    (4, "timeouts do not hold", &[(23, "late", "r14 "), (30, "late", "r41 ")]),
    (5, "duplicates take the places of replies", &[(17, "missing", "r28.1"), (17, "missing", "r28.1")]),
    (6, "a failed close gives its seat back", &[(5, "key-left", "= 10995"), (9, "key-left", "= 10995")]),
    (7, "a live request is taken for dead", &[(14, "error", "r10 "), (14, "error", "r33 ")]),
];

#[test]
fn the_faults_of_the_release_before_are_found() {
    let page = include_str!("../../../docs/simulator.md");
    for (fault, about, worlds) in FOUND {
        let row = page.lines().find(|line| line.starts_with(&format!("| {fault}: {about} "))).unwrap();
        for (seed, rule, _) in worlds {
            assert!(row.contains(&format!("`{rule}`")) && row.contains(&format!(" {seed}")), "{row}");
        }
        for (mailbox, (seed, rule, part)) in [Mailbox::Draft, Mailbox::Draft2].into_iter().cycle().zip(worlds) {
            let wanted =
                Wanted { class: Some(Class::A), mailbox: Some(mailbox), release: Some(Release::Before), guest: None };
            let (_, violations) = msgcompose_simulator::check_world(*seed, wanted).unwrap();
            let found = violations.iter().any(|violation| violation.rule == *rule && violation.text.contains(part));
            assert!(found, "fault {fault}, {about}: {}", command(*seed, wanted));
        }
    }
}
