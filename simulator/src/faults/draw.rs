//! Draws a world from a seed.

use super::{
    APART, Ask, Asked, Carries, Chances, Class, FEWEST, Guest, Latency, Machine, Mailbox, Plan, Release, Reply, Wanted,
};
use crate::dice::Dice;

/// The number of shared instances on each host, if the guest is sync.
const SHARED: usize = 6;

impl Plan {
    /// Draws a world.
    #[must_use]
    pub fn draw(seed: u64, wanted: Wanted) -> Self {
        let dice = &mut Dice::new(seed ^ 0x6d73_6763_6f6d_706f);
        // Drawn even if the caller wants another, so that the rest of the world stays.
        let mailbox = dice.pick(&[Mailbox::Draft, Mailbox::Draft, Mailbox::Draft2, Mailbox::Mixed, Mailbox::Async]);
        let mailbox = wanted.mailbox.unwrap_or(mailbox);
        let (mailbox, guest) = draw_guest(dice, mailbox, wanted.guest);
        let class = if dice.chance(150_000) { Class::B } else { Class::A };
        let class = wanted.class.unwrap_or(class);
        let release = if dice.chance(100_000) { Release::Mixed } else { Release::Today };
        let release = wanted.release.unwrap_or(release);
        let release = if mailbox.in_memory() { Release::Today } else { release };
        let gentle = release == Release::Mixed;
        // In memory, there is no store that could break a promise.
        let class = if gentle || mailbox.in_memory() { Class::A } else { class };

        let latency = draw_latency(dice, gentle);
        let chances = draw_chances(dice, class, gentle);
        // A `send` that is sync blocks the whole instance, so its other requests would be late, too.
        let chances = if mailbox == Mailbox::Mixed { Chances { send_block: 0, ..chances } } else { chances };
        let flood = !gentle && dice.chance(80_000);
        let most = if flood { dice.pick(&[2, 64, 1024, 1024]) } else { dice.pick(&[2, 2, 3, 8, 64]) };
        let patient = !gentle && dice.chance(50_000);
        let number = dice.between(2, 4);
        let apart = if gentle { 0 } else { dice.pick(&[0, 0, 40, APART]) };
        let span = if patient { 1_500_000 } else { dice.between(10_000, 120_000) };
        let hosts = (0..number)
            .map(|index| {
                let before = release == Release::Before || gentle && index % 2 == 0;
                draw_machine(dice, apart, span, before)
            })
            .collect();
        let mut plan = Self {
            seed,
            class,
            mailbox,
            guest,
            instances: if mailbox.in_memory() { SHARED } else { 0 },
            release,
            hosts,
            latency,
            chances,
            spread: dice.pick(&[0, 2, 50, 500]),
            max_replies: if gentle { 64 } else { most },
            max_pending: dice.pick(&[0, 16, 16, 32, 64]),
            poll_max: if patient { 2_000 } else { dice.pick(&[10, 50, 200]) },
            asks: Vec::new(),
        };
        let long = match dice.chance(300_000) {
            _ if patient => Some(900_000),
            drawn => drawn.then_some(100_000).filter(|_| !gentle),
        };
        let requests = dice.between(FEWEST, 120);
        plan.asks = (0..requests).map(|_| plan.draw_ask(dice, span, long)).collect();
        if guest == Guest::Async {
            plan.gather(dice, span);
        }
        plan.asks.sort_by_key(|ask| ask.at);
        if flood {
            let flooded = dice.index(plan.asks.len());
            plan.flood(dice, flooded);
        }
        plan
    }

    fn draw_ask(&self, dice: &mut Dice, span: u64, long: Option<u64>) -> Ask {
        let timeout = match (dice.between(0, 9), long) {
            (0..3, _) => dice.between(20, 300),
            (9, Some(longest)) => dice.between(20_000, longest),
            _ => dice.between(500, 6_000),
        };
        let timeout = if self.release == Release::Mixed { timeout + 1000 } else { timeout };
        let expected = match dice.between(0, 19) {
            0 => 0,
            1..12 => 1,
            _ => dice.between(2, 4).min(self.max_replies),
        };
        let replies = (0..dice.between(0, expected + 1)).map(|_| self.draw_reply(dice, timeout)).collect();
        let (at, host) = (dice.between(0, span), dice.index(self.hosts.len()));
        Ask { at, host, timeout, expected, asked: Asked::Alone, composed: dice.chance(150_000), replies }
    }

    fn draw_reply(&self, dice: &mut Dice, timeout: u64) -> Reply {
        let gentle = self.release == Release::Mixed;
        let first = match dice.between(0, 9) {
            0..2 if !gentle => (timeout + dice.between(0, 40)).saturating_sub(20),
            2 if !gentle => timeout + dice.between(0, 3_000),
            _ if gentle => dice.between(0, timeout / 2),
            _ => dice.between(0, timeout),
        };
        let mut copies = vec![first];
        // With few places for replies, duplicates are more likely to need them.
        let again = if self.max_replies < 3 { 400_000 } else { 150_000 };
        while copies.len() < 4 && dice.chance(again) {
            copies.push(first + dice.between(0, 200));
        }
        let carries = match dice.between(0, 19) {
            0 => Carries::NoMessageId,
            1 => Carries::Malformed,
            2 => Carries::Unknown,
            _ => Carries::Right,
        };
        Reply { copies, carries }
    }

    /// Lets one reply to a request come hundreds of times.
    fn flood(&mut self, dice: &mut Dice, number: usize) {
        let ask = &mut self.asks[number];
        ask.timeout = dice.between(200, 2_000);
        (ask.expected, ask.composed) = (2, false);
        let copies = dice.pick(&[100, 400, 1024]);
        let copies = (0..copies).map(|_| dice.between(0, ask.timeout)).collect();
        ask.replies = vec![Reply { copies, carries: Carries::Right }];
    }
}

/// Draws the guest. Worlds with a bucket draw nothing here, so that they stay what they were.
fn draw_guest(dice: &mut Dice, mailbox: Mailbox, wanted: Option<Guest>) -> (Mailbox, Guest) {
    let in_memory = wanted == Some(Guest::Async) && !mailbox.in_memory();
    let mailbox = if in_memory { dice.pick(&[Mailbox::Mixed, Mailbox::Async]) } else { mailbox };
    if !mailbox.in_memory() {
        return (mailbox, Guest::Sync);
    }
    let guest = dice.pick(&[Guest::Sync, Guest::Async, Guest::Async]);
    (mailbox, wanted.unwrap_or(guest))
}

fn draw_latency(dice: &mut Dice, gentle: bool) -> Latency {
    let upto = |usual| Latency { least: 0, usual, slowest: usual, spikes: 0 };
    match dice.between(0, 6) {
        0 => upto(0),
        1 | 2 => upto(2),
        3 => upto(20),
        4 => upto(200),
        5 => {
            // Each operation takes the same time: whoever needs one too many is late.
            let time = dice.pick(&[20, 100, 200]);
            Latency { least: time, ..upto(time) }
        }
        _ if gentle => Latency { slowest: 500, spikes: 20_000, ..upto(3) },
        _ => Latency { slowest: 3_000, spikes: 20_000, ..upto(3) },
    }
}

fn draw_chances(dice: &mut Dice, class: Class, gentle: bool) -> Chances {
    let mut drawn = |values: &[u64]| {
        let value = dice.pick(values);
        if gentle { 0 } else { value }
    };
    let fail = drawn(&[0, 0, 2_000, 20_000]);
    let mut chances = Chances {
        fail_before: fail,
        fail_after: fail,
        kill: drawn(&[0, 0, 10_000, 60_000]),
        send_fail: drawn(&[0, 0, 10_000]),
        send_block: drawn(&[0, 0, 0, 10_000]),
        ..Chances::default()
    };
    let bad = [drawn(&[0, 5_000, 50_000]), drawn(&[0, 5_000, 50_000])];
    if class == Class::B {
        [chances.lose, chances.stale] = bad;
    }
    chances.drop = dice.pick(&[0, 10_000, 50_000]);
    chances.duplicate = dice.pick(&[0, 20_000, 100_000]);
    chances
}

fn draw_machine(dice: &mut Dice, apart: u64, span: u64, before: bool) -> Machine {
    let half = apart * 1000 / 2;
    let mut ahead = || i64::try_from(dice.between(0, 2 * half)).unwrap_or(0) - i64::try_from(half).unwrap_or(0);
    let mut wall = vec![(0, ahead())];
    for quarter in 1..4 {
        let to = ahead();
        if to % 3 == 0 {
            wall.push((span * quarter / 4, to));
        }
    }
    Machine { wall, monotonic: dice.between(0, 1 << 40), before }
}
