//! What happens after the faults: later requests take all seats, and remove what earlier ones left.

use super::{World, call::question, text};
use crate::{
    faults::{APART, LEASE},
    history::{Event, Job},
    keys::{Key, given},
};
use std::time::Duration;
use tokio::time::sleep;

/// The timeout of the requests that sweep the seats, in milliseconds.
pub const SWEEP: u64 = 2_000;

/// The number of slots that a request removes for others.
pub const REMOVALS: u64 = 64;

impl World {
    /// Waits until each lease is over, and makes one request in each seat. Repeats that while slots are left that one
    /// request alone may not remove. Then tells which keys are left.
    pub(super) async fn sweep(&self) {
        sleep(Duration::from_secs(LEASE + APART + 2)).await;
        self.state().quiet = true;
        self.tell(Event::Swept);
        let passes = 1 + self.slots_left() / REMOVALS;
        let seats = usize::try_from(self.plan.max_pending).unwrap_or(0);
        let mut number = self.plan.asks.len();
        for _ in 0..passes {
            for _ in 0..seats {
                let world = self.clone();
                self.spawn(async move {
                    let host = number % world.plan.hosts.len();
                    let message = question(number, "nobody", SWEEP, 1);
                    world.call(host, Job::Request(number), message).await;
                });
                number += 1;
                sleep(Duration::from_millis(10)).await;
            }
            self.rest().await;
            if self.state().map.keys().all(|key| key.contains("dropped.")) {
                break;
            }
        }
        let mut state = self.state();
        let left: Vec<_> = state.map.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        for (key, value) in left {
            state.tell(self.now(), Event::Left { key, value });
        }
    }

    /// Returns how many slots the counters have given out whose requests left them.
    fn slots_left(&self) -> u64 {
        let state = self.state();
        let counters = state.map.iter().filter(|(key, _)| matches!(Key::read(key), Some(Key::Counter(_))));
        counters.filter_map(|(_, count)| Some(given(&text(count))?.min(2 * self.plan.max_replies))).sum()
    }
}
