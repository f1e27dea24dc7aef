//! One world: the hosts, their calls, and all that they share, in virtual time.

mod call;
mod caller;
mod shared;
mod sweep;

pub use caller::Caller;
use shared::Shared;
pub use sweep::{REMOVALS, SWEEP};

use crate::{
    clock::Clocks,
    dice::Dice,
    faults::Plan,
    history::{Event, Fault, History},
    parts::Parts,
};
use msgcompose_host::{Error, keyvalue};
use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, sleep_until},
};

/// A world. Clones are the same world.
#[derive(Clone)]
pub struct World(Arc<Inner>);

/// What a world has.
pub struct Inner {
    /// What the seed drew.
    pub plan: Plan,
    parts: &'static Parts,
    start: Instant,
    clocks: Vec<Arc<Clocks>>,
    /// The shared instances, host by host.
    shared: Mutex<Vec<Shared>>,
    /// For each host, permits for its shared instances, if the guest is sync.
    permits: Vec<Semaphore>,
    state: Mutex<State>,
    /// The number of tasks that run.
    busy: AtomicUsize,
    idle: Notify,
}

/// What changes while a world runs.
pub struct State {
    /// Where everything is drawn from.
    pub dice: Dice,
    /// What happened.
    pub history: History,
    /// The bucket.
    pub map: BTreeMap<String, Vec<u8>>,
    /// The values before the last writes.
    pub older: BTreeMap<String, Option<Vec<u8>>>,
    /// The shared instances that make no request, by host, if the guest is sync.
    free: Vec<Vec<usize>>,
    /// The shared instance that has an inbox.
    pub inboxes: BTreeMap<String, usize>,
    /// Whether faults are over.
    pub quiet: bool,
    /// The number of replies that were sent.
    pub replies: usize,
    calls: usize,
    panicked: bool,
}

/// What became of a world.
pub struct Run {
    /// What the seed drew.
    pub plan: Plan,
    /// What happened.
    pub history: History,
    /// Whether the simulator itself failed.
    pub panicked: bool,
}

/// Runs a world from beginning to end.
pub fn run(parts: &'static Parts, plan: Plan) -> anyhow::Result<Run> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let world = World::new(parts, plan);
        world.live().await;
        let World(inner) = world;
        let mut state = inner.state();
        let (history, panicked) = (std::mem::take(&mut state.history), state.panicked);
        drop(state);
        // Tasks that never ended may hold the world.
        let plan = Plan::clone(&inner.plan);
        Ok(Run { plan, history, panicked })
    })
}

impl Deref for World {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// Locks what changes. A poisoned lock is fine: the panic is reported.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event to the history.
    pub fn tell(&self, event: Event) {
        self.state().tell(self.now(), event);
    }

    /// Returns the time of the world in milliseconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl State {
    /// Adds an event to the history.
    pub fn tell(&mut self, now: u64, event: Event) {
        self.history.0.push((now, event));
    }

    /// Draws whether a fault happens.
    pub fn happens(&mut self, in_a_million: u64) -> bool {
        !self.quiet && self.dice.chance(in_a_million)
    }
}

impl World {
    fn new(parts: &'static Parts, plan: Plan) -> Self {
        let start = Instant::now();
        let clocks = plan.hosts.iter().map(|machine| Arc::new(Clocks::new(start, machine))).collect();
        let state = State {
            dice: Dice::new(plan.seed),
            history: History::default(),
            map: BTreeMap::new(),
            older: BTreeMap::new(),
            free: (0..plan.hosts.len())
                .map(|host| (host * plan.instances..(host + 1) * plan.instances).collect())
                .collect(),
            inboxes: BTreeMap::new(),
            quiet: false,
            replies: 0,
            calls: 0,
            panicked: false,
        };
        let (shared, busy, idle) = Default::default();
        let permits = plan.hosts.iter().map(|_| Semaphore::new(plan.instances)).collect();
        Self(Arc::new(Inner { plan, parts, start, clocks, shared, permits, state: Mutex::new(state), busy, idle }))
    }

    async fn live(&self) {
        for (host, machine) in self.plan.hosts.iter().enumerate() {
            for (_, ahead) in machine.wall.iter().filter(|(_, ahead)| *ahead != 0) {
                let text = format!("of host {host} by {ahead} ms");
                self.tell(Event::Broker { fault: Fault::Clock, text });
            }
        }
        self.share_all().await;
        for requests in self.plan.messages() {
            sleep_until(self.start + Duration::from_millis(self.plan.asks[requests.start].at)).await;
            let world = self.clone();
            self.spawn(async move { world.ask(requests).await });
        }
        self.rest().await;
        if self.plan.mailbox.in_memory() {
            self.count_all().await;
        } else {
            self.sweep().await;
        }
    }

    /// Runs a task. The world does not end before it has ended.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        struct Busy(World);

        impl Drop for Busy {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.state().panicked = true;
                }
                if self.0.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
                    self.0.idle.notify_one();
                }
            }
        }

        self.busy.fetch_add(1, Ordering::SeqCst);
        let busy = Busy(self.clone());
        tokio::spawn(async move {
            task.await;
            drop(busy);
        });
    }

    /// Waits until no task runs.
    async fn rest(&self) {
        while self.busy.load(Ordering::SeqCst) > 0 {
            self.idle.notified().await;
        }
    }

    /// Draws a value.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Dice, &Plan) -> T) -> T {
        draw(&mut self.state().dice, &self.plan)
    }
}

/// Returns bytes as text.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Returns the error of a store that fails.
#[must_use]
pub fn broken() -> keyvalue::Error {
    keyvalue::Error::Other("simulated".into())
}

/// Returns the error of a broker that fails.
#[must_use]
pub fn gone() -> Error {
    Error::Connection("simulated".into())
}
