//! The clocks of a simulated host. Both follow the virtual time of the world; the wall clock is ahead or behind.

use crate::faults::Machine;
use msgcompose_host::Time;
use std::time::Duration;
use tokio::time::Instant;

/// Seconds since 1970 when a world begins.
const EPOCH: u64 = 1_800_000_000;

/// The clocks of a host.
#[derive(Debug)]
pub struct Clocks {
    start: Instant,
    monotonic: Duration,
    wall: Vec<(Duration, i64)>,
}

impl Clocks {
    /// Makes the clocks of a host in a world that began at `start`.
    #[must_use]
    pub fn new(start: Instant, machine: &Machine) -> Self {
        let wall = machine.wall.iter().map(|(from, ahead)| (Duration::from_millis(*from), *ahead)).collect();
        Self { start, monotonic: Duration::from_millis(machine.monotonic), wall }
    }
}

impl Time for Clocks {
    fn monotonic(&self) -> Duration {
        self.start.elapsed() + self.monotonic
    }

    fn wall(&self) -> Duration {
        let elapsed = self.start.elapsed();
        let ahead = self.wall.iter().rev().find(|(from, _)| *from <= elapsed).map_or(0, |(_, ahead)| *ahead);
        let time = Duration::from_secs(EPOCH) + elapsed;
        let by = Duration::from_millis(ahead.unsigned_abs());
        if ahead < 0 { time.saturating_sub(by) } else { time + by }
    }
}
