//! The clocks that components see.

use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// Clocks that agree with the machine's, or run faster from now on. Timers of a component still take their real time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    speed: u32,
}

impl Default for Clock {
    fn default() -> Self {
        Self { speed: 1 }
    }
}

impl Clock {
    /// Makes clocks that run `speed` times as fast, so that a test need not wait for a real minute.
    #[must_use]
    pub fn fast(speed: u32) -> Self {
        Self { speed }
    }

    /// Returns the time since a clock was first used in this process, at this clock's speed.
    fn elapsed(self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed() * self.speed
    }
}

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        u64::try_from(self.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now + self.elapsed().saturating_sub(Self::default().elapsed())
    }
}
