//! A call of a component, as store and broker see it. It may die at each of their operations.

use super::World;
use crate::history::Call;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// A call of a component, as store and broker see it.
#[derive(Clone)]
pub struct Caller {
    /// The world.
    pub world: World,
    /// The call.
    pub call: Call,
    /// The shared instance, if it is one.
    pub instance: Option<usize>,
    death: Arc<Death>,
}

/// When a call is killed.
struct Death {
    /// The number of host calls before that, and whether the last one has its effect.
    after: Mutex<Option<(u64, bool)>>,
    now: Notify,
}

impl Caller {
    /// Makes a call. `death` says after how many host calls it dies, and whether the last one has its effect.
    pub(super) fn new(world: World, call: Call, instance: Option<usize>, death: Option<(u64, bool)>) -> Self {
        let death = Arc::new(Death { after: Mutex::new(death), now: Notify::new() });
        Self { world, call, instance, death }
    }

    /// Returns when the call has died.
    pub(super) async fn dead(&self) {
        self.death.now.notified().await;
    }

    /// Dies here if the seed says so. `done` says whether the host call has had its effect.
    pub async fn may_die(&self, done: bool) {
        let dies = {
            let mut after = self.death.after.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *after {
                Some((0, when)) if *when == done => true,
                Some((left, _)) if done => {
                    *left = left.saturating_sub(1);
                    false
                }
                _ => false,
            }
        };
        if dies {
            self.death.now.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.call)
    }
}
