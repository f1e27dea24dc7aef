//! The clocks that components see.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// Clocks that agree with the machine's, run faster from now on, or are those of a simulated machine. Timers of a
/// component take the time of tokio's clock, whatever this clock says.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// So many times as fast as the machine's.
    Machine(u32),
    Simulated(Arc<dyn Time>),
}

/// The clocks of a simulated machine.
pub trait Time: fmt::Debug + Send + Sync {
    /// Returns the time of the monotonic clock.
    fn monotonic(&self) -> Duration;
    /// Returns the time since 1970 by the wall clock.
    fn wall(&self) -> Duration;
}

impl Default for Clock {
    fn default() -> Self {
        Self::fast(1)
    }
}

impl Clock {
    /// Makes clocks that run `speed` times as fast, so that a test need not wait for a real minute.
    #[must_use]
    pub fn fast(speed: u32) -> Self {
        Self(Kind::Machine(speed))
    }

    /// Makes clocks that show this time.
    #[must_use]
    pub fn simulated(time: Arc<dyn Time>) -> Self {
        Self(Kind::Simulated(time))
    }
}

/// Returns the time since a clock was first used in this process.
fn elapsed() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        let now = match &self.0 {
            Kind::Machine(speed) => elapsed() * *speed,
            Kind::Simulated(time) => time.monotonic(),
        };
        u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        match &self.0 {
            Kind::Machine(speed) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                now + elapsed() * (speed.saturating_sub(1))
            }
            Kind::Simulated(time) => time.wall(),
        }
    }
}
