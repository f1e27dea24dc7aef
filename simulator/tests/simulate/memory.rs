//! Worlds with the mailbox in memory: an async guest, and what the checker finds in a history that was forged.

use msgcompose_simulator::{
    checker,
    faults::{Ask, Asked, Carries, Chances, Guest, Mailbox, Plan, Reply, Wanted},
    history::{Ended, Event, Job},
    parts::Parts,
    world::{self, Run},
};

/// Returns a world with one instance and without faults, in which the guest makes requests for one message.
fn crowd(mailbox: Mailbox, asks: Vec<Ask>) -> Plan {
    let wanted = Wanted { mailbox: Some(mailbox), guest: Some(Guest::Async), ..Wanted::default() };
    let mut plan = Plan::draw(1, wanted);
    plan.hosts.truncate(1);
    (plan.instances, plan.max_pending, plan.spread) = (1, 0, 0);
    Plan { chances: Chances::default(), asks, ..plan }
}

/// Returns a request that gets one reply after so many milliseconds.
fn ask(asked: Asked, expected: u64, after: u64, carries: Carries) -> Ask {
    let replies = vec![Reply { copies: vec![after], carries }];
    Ask { at: 0, host: 0, timeout: 500, expected, asked, composed: false, replies }
}

fn run(plan: Plan) -> Run {
    world::run(Parts::get().unwrap(), plan).unwrap()
}

/// Returns the rules that a run breaks.
fn broken(run: &Run) -> Vec<&'static str> {
    checker::check(run).iter().map(|violation| violation.rule).collect()
}

#[test]
fn a_reply_may_come_while_the_guest_gives_its_request_up() {
    for mailbox in [Mailbox::Mixed, Mailbox::Async] {
        for seed in 0..64 {
            let mut asks = vec![ask(Asked::Alone, 1, 0, Carries::Right)];
            asks.extend((0..12).map(|number| ask(Asked::Racing, 1, number % 4, Carries::Right)));
            // It ends as soon as it is sent.
            asks.push(ask(Asked::Racing, 0, 0, Carries::Right));
            let run = run(Plan { seed, ..crowd(mailbox, asks) });
            assert_eq!(checker::check(&run), [], "{mailbox} {seed}\n{}", run.history);
        }
    }
}

/// A run in which four requests wait at once: one gets its reply, one gets another's malformed one and none of its own,
/// and two get theirs late.
fn four() -> Run {
    let run = run(crowd(
        Mailbox::Mixed,
        vec![
            ask(Asked::Alone, 1, 50, Carries::Right),
            ask(Asked::Along, 1, 60, Carries::Malformed),
            ask(Asked::Along, 1, 600, Carries::Right),
            ask(Asked::Along, 1, 700, Carries::Right),
        ],
    ));
    assert_eq!(checker::check(&run), [], "{}", run.history);
    run
}

/// Changes the counts that the instance told at the end.
fn recount(run: &mut Run, change: impl FnOnce(&mut std::collections::BTreeMap<String, u64>)) {
    let counted = run.history.0.iter_mut().find_map(|(_, event)| match event {
        Event::Counted { dropped, .. } => Some(dropped),
        _ => None,
    });
    change(counted.unwrap());
}

#[test]
fn an_account_in_memory_is_exact() {
    let mut lost = four();
    recount(&mut lost, |dropped| *dropped.get_mut("unknown").unwrap() -= 1);
    assert_eq!(broken(&lost), ["reply-lost"]);
    let mut twice = four();
    recount(&mut twice, |dropped| *dropped.get_mut("unknown").unwrap() += 1);
    assert_eq!(broken(&twice), ["counted-twice"]);
    let mut reason = four();
    recount(&mut reason, |dropped| *dropped = [("unknown".to_owned(), 3)].into());
    assert_eq!(broken(&reason), ["reason"]);
}

#[test]
fn what_an_instance_counted_before_it_was_killed_is_exact() {
    // One request gets its reply, one a malformed reply, and one waits.
    let mut asks = vec![
        ask(Asked::Alone, 1, 10, Carries::Right),
        ask(Asked::Along, 1, 20, Carries::Malformed),
        ask(Asked::Along, 1, 6_000, Carries::Right),
    ];
    asks[2].timeout = 5_000;
    let killed = |seed| {
        let mut plan = Plan { seed, ..crowd(Mailbox::Async, asks.clone()) };
        plan.chances.kill = 1_000_000;
        let run = run(plan);
        assert_eq!(checker::check(&run), [], "{}", run.history);
        run
    };
    // Half of the instances are asked before they are killed. A fresh instance counts nothing.
    let asked = |seed: &u64| killed(*seed).history.to_string().contains(r#"has dropped {"malformed": 1"#);
    let seed = (0..32).find(asked).unwrap();
    let (mut lost, mut twice) = (killed(seed), killed(seed));
    recount(&mut lost, |dropped| *dropped = [].into());
    assert_eq!(broken(&lost), ["reply-lost"]);
    recount(&mut twice, |dropped| *dropped.entry("unknown".into()).or_default() += 1);
    assert_eq!(broken(&twice), ["counted-twice"]);
}

#[test]
fn no_more_requests_than_max_pending_wait_in_an_instance_and_none_is_refused_without_need() {
    let mut crowded = four();
    crowded.plan.max_pending = 3;
    assert_eq!(broken(&crowded), ["crowded"]);
    let mut refused = four();
    refused.plan.max_pending = 4;
    for (_, event) in &mut refused.history.0 {
        if let Event::Returned { request: 3, outcome, .. } = event {
            *outcome = r#"Error::Other("too many requests are waiting")"#.into();
        }
    }
    assert_eq!(broken(&refused), ["error"]);
}

#[test]
fn nothing_that_a_killed_instance_had_in_hand_outlives_it() {
    let mut outlived = four();
    let instance = |event: &Event| match event {
        Event::Begun { call, job: Job::Instance(_), .. } => Some(*call),
        _ => None,
    };
    let call = outlived.history.0.iter().find_map(|(_, event)| instance(event)).unwrap();
    // After the first reply, before the requests end by their timeouts.
    let place = outlived.history.0.iter().position(|(time, _)| *time > 100).unwrap();
    outlived.history.0.insert(place, (100, Event::Ended { call, ended: Ended::Killed }));
    assert!(broken(&outlived).contains(&"outlived"), "{:?}", checker::check(&outlived));
}

#[test]
fn the_guest_gives_up_only_what_races() {
    let mut plan = crowd(
        Mailbox::Async,
        vec![ask(Asked::Alone, 1, 50, Carries::Right), ask(Asked::Racing, 1, 400, Carries::Right)],
    );
    plan.seed = 7;
    let mut run = run(plan);
    assert_eq!(checker::check(&run), []);
    assert!(run.history.to_string().contains("r1 returned given up"), "{}", run.history);
    run.plan.asks[1].asked = Asked::Along;
    assert_eq!(broken(&run), ["given-up"]);
}

#[test]
fn a_late_end_is_seen_to_the_millisecond() {
    for (mailbox, late) in [(Mailbox::Mixed, 16), (Mailbox::Async, 4)] {
        let plan = crowd(mailbox, (0..4).map(|_| ask(Asked::Along, 2, 10, Carries::Right)).collect());
        let mut run = run(plan);
        assert_eq!(checker::check(&run), []);
        for (time, event) in &mut run.history.0 {
            if let Event::Returned { request: 2, .. } = event {
                *time += late;
            }
        }
        assert_eq!(broken(&run), ["late"], "{mailbox}");
    }
}
